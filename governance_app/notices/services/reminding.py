"""Reminders before something is due, and escalation to the next person once it is late."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings

from governance_app.audit.acting import recorded
from governance_app.books.selectors import setting
from governance_app.domain import spelling
from governance_app.domain.due import Due
from governance_app.notices.due import due
from governance_app.notices.kinds import KINDS
from governance_app.notices.models import Notice
from governance_app.notices.services.telling import tell
from governance_app.people.models import User


@dataclass(frozen=True, slots=True)
class Reminded:
    """What a round did: reminders written, and matters that came to the next person."""

    reminders: int
    escalations: int


@recorded
def remind(
    *, on: dt.date, now: dt.datetime, by: User, progress: Callable[[int], None] | None = None
) -> Reminded:
    """
    Remind everybody of what is due, and bring what is late to the next person.

    The days are dated settings: ``reminder_days`` before, ``escalation_days`` after. Each is
    told once for each day it was due on, so a day that moves is told anew.
    """
    before = sorted(int(days) for days in setting(key="reminder_days", on=on))
    after = sorted(int(days) for days in setting(key="escalation_days", on=on))
    until = on + dt.timedelta(days=max(before, default=0))
    reminders = escalations = 0
    people = User.objects.filter(kind=User.Kind.PERSON, is_active=True).order_by("pk")
    for count, person in enumerate(people.iterator(chunk_size=200), start=1):
        for each in due(viewer=person, on=on, until=until):
            reminders += _remind(person, each, before, on, now, by)
            escalations += _escalate(person, each, after, on, now, by)
        if progress is not None:
            progress(count)
    return Reminded(reminders, escalations)


def _remind(
    person: User, each: Due, before: Sequence[int], on: dt.date, now: dt.datetime, by: User
) -> int:
    left = (each.on - on).days
    if left < 0:
        mark, said = "late", f"was due on {spelling.day(each.on)}"
    else:
        mark = next((str(days) for days in before if left <= days), "")
        said = "is due today" if left == 0 else f"is due on {spelling.day(each.on)}"
    if not mark:
        return 0
    return _tell(
        person, "reminder", f"reminder:{each.uid}:{each.on}:{mark}", f"{each.title} {said}",
        each.text, each.page, now, by,
    )  # fmt: skip


def _escalate(
    person: User, each: Due, after: Sequence[int], on: dt.date, now: dt.datetime, by: User
) -> int:
    late = (on - each.on).days
    step = sum(1 for days in after if late >= days)
    following = each.after() if step else ()
    if not following:
        return 0
    asked = following[min(step, len(following)) - 1]
    return _tell(
        asked, "escalation", f"escalation:{each.uid}:{each.on}:{step}",
        f"{spelling.plural(late, 'day')} late: {each.title}",
        f"{person.name} was to do this by {spelling.day(each.on)}. {each.text} It comes to you"
        " next: ask, do it, or give it to somebody.",
        each.page, now, by,
    )  # fmt: skip


def _tell(
    person: User, kind: str, dedupe: str, title: str, text: str, page: str, now: dt.datetime,
    by: User,
) -> int:  # fmt: skip
    if Notice.objects.filter(person=person, dedupe=dedupe).exists():
        return 0
    tell(
        person=person, kind=KINDS[kind], title=title, page=page, dedupe=dedupe, now=now, by=by,
        body=f"{text}\n\n{settings.SITE_URL}{page}",
    )  # fmt: skip
    return 1
