"""What a program manager's week holds in the invented company: logs, mentions, views, intake."""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from django.utils import timezone

from governance_app.initiatives import services as register
from governance_app.initiatives.models import (
    Follow,
    Initiative,
    InitiativeTemplate,
    IntakeRequest,
    LogEntry,
    SavedView,
)
from governance_app.notices import services as notices
from governance_app.people.models import User
from portfolio.demo.dice import draw

_LOGGED = 0.2
_ASSUMPTIONS = (
    "Volumes stay within a tenth of last year.",
    "The works council agrees before the roll-out.",
    "The vendor keeps its price for two years.",
    "Labels from the pilot hold for the other sites.",
)
_ISSUES = (
    "The test environment is down two days a week.",
    "Nobody answers for the source system since the reorganisation.",
    "The feed of readings lags by a month.",
    "Two teams measure the same thing differently.",
)
_VIEWS = (
    ("Pilots past their time box", "stage=pilot&late=1"),
    ("Value against risk", "view=map"),
    ("Off track, by unit", "status=off_track&group=unit"),
)
_PROPOSALS = (
    ("Shift planning for the service centre", "Plan shifts from forecast calls.",
     "Two planners freed for training."),
    ("Assistant for tender answers", "Draft answers to tenders from earlier ones.",
     "Half the time per tender."),
)  # fmt: skip


def load_week(
    rows: Mapping[str, Initiative], stories: Sequence[Any], writers: Mapping[str, User], by: User,
    seed: int,
) -> None:  # fmt: skip
    """Add what is not there yet; a second run changes nothing."""
    logged = set(LogEntry.objects.values_list("initiative__key", flat=True))
    today = timezone.localdate()
    managers: list[User] = []
    for story in stories:
        manager = writers.get(story.program_manager or "")
        if story.kind != "initiative" or manager is None or story.stage == "retired":
            continue
        managers.append(manager)
        random = draw(seed, "log", story.key)
        if story.key not in logged and random.random() < _LOGGED:
            _log(rows[story.key], manager, writers.get(story.technical_owner or ""), random, today)
    if managers:
        _company(rows, stories, managers[0], by)


def _log(
    row: Initiative, manager: User, owner: User | None, random: Random, today: dt.date
) -> None:
    due_on = today + dt.timedelta(days=random.randint(-10, 60))
    register.add_entry(
        initiative=row, kind="assumption", title=random.choice(_ASSUMPTIONS), by=manager
    )
    if random.random() < 0.5:
        register.add_entry(
            initiative=row, kind="issue", title=random.choice(_ISSUES), owner=owner,
            due_on=due_on, by=manager,
        )  # fmt: skip


def _company(
    rows: Mapping[str, Initiative], stories: Sequence[Any], manager: User, by: User
) -> None:
    """Add what there is once: shared views, a template, a question, proposals."""
    if not SavedView.objects.exists():
        for name, query in _VIEWS:
            view = register.save_view(name=name, query=query, is_shared=True, by=manager)
            register.pin_view(view=view, is_pinned=True, by=manager)
            if "view=map" not in query:
                notices.watch_view(view=view, every="weekly", by=manager)
    own = [
        rows[story.key]
        for story in stories
        if story.kind == "initiative" and story.stage in ("pilot", "scaling", "production")
        and rows[story.key].program_manager_id == manager.pk
    ]  # fmt: skip
    if own and not InitiativeTemplate.objects.exists():
        register.save_template(
            initiative=own[0], name=f"Like {own[0].name}"[:200], by=manager,
            about="What our first one of this kind began with.",
        )  # fmt: skip
    if own and not Follow.objects.exists():
        register.follow(initiative=own[0], by=manager)
        asker = own[0].business_owner
        if asker is not None and asker != manager:
            text = f"@{manager.name} when does the next site start?"
            register.comment(initiative=own[0], text=text, by=asker)
    if own and not IntakeRequest.objects.exists():
        for name, purpose, benefit in _PROPOSALS:
            register.propose(
                name=name, purpose=purpose, benefit=benefit, unit=own[0].unit, by=manager
            )
        register.propose(
            name=f"{own[0].name} again"[:500], purpose=own[0].purpose or "The same, elsewhere.",
            unit=own[0].unit, by=manager,
        )  # fmt: skip
