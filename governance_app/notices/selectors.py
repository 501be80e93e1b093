"""The inbox of a person, how they want to hear of things, and their calendar."""

import datetime as dt
import secrets

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from governance_app.gates import selectors as gates
from governance_app.initiatives.models import Milestone
from governance_app.notices.calendar import Entry, digest_of
from governance_app.notices.kinds import CHOSEN
from governance_app.notices.models import Choices, Notice
from governance_app.people.models import User
from governance_app.risk import selectors as risk

#: How far ahead the calendar looks.
AHEAD = dt.timedelta(days=400)
#: Channels a webhook may lead to: value and words.
HOOKS = tuple(Choices.Hook.choices)


def inbox(*, viewer: User, kind: str = "", only_unread: bool = False) -> QuerySet[Notice]:
    """Give what the viewer was told, newest first."""
    found = Notice.objects.visible_to(viewer)
    if kind:
        found = found.filter(kind=kind)
    if only_unread:
        found = found.filter(read_at=None)
    return found.order_by("-created_at", "-pk")


def notice(*, viewer: User, notice_id: str) -> Notice | None:
    """Give one of the viewer's notices."""
    return Notice.objects.visible_to(viewer).filter(pk=notice_id).first()


def unread(*, viewer: User) -> int:
    """Count what the viewer has not read."""
    return Notice.objects.visible_to(viewer).filter(read_at=None).count()


def is_any_due(*, now: dt.datetime) -> bool:
    """Tell whether something waits to leave."""
    return Notice.objects.filter(left_at=None, leaves_at__lte=now).exists()


def choices(*, viewer: User) -> Choices:
    """Give how the viewer wants to hear of things; unsaved defaults when they never chose."""
    return Choices.objects.filter(person=viewer).first() or Choices(person=viewer)


def whens(*, viewer: User) -> dict[str, str]:
    """Give when the viewer hears of each kind."""
    chosen = choices(viewer=viewer).when
    return {kind.slug: chosen.get(kind.slug, kind.when) for kind in CHOSEN}


def person_of_feed(*, secret: str) -> User | None:
    """Give whose calendar an address is."""
    if not secret:
        return None
    digest = digest_of(secret)
    found = Choices.objects.filter(feed_digest=digest, person__is_active=True).select_related(
        "person"
    )
    row = found.first()
    return row.person if row and secrets.compare_digest(row.feed_digest, digest) else None


def calendar(*, viewer: User, on: dt.date) -> list[Entry]:
    """Give what the viewer is to do on a day: milestones, decisions at gates, reviews of risks."""
    until = on + AHEAD
    found = [
        Entry(
            f"milestone-{row.pk}", row.due_on, f"{row.initiative.key}: {row.name}",
            row.initiative.name, _link("initiative", row.initiative.key),
        )
        for row in Milestone.objects.visible_to(viewer)
        .filter(owner=viewer, done_on=None, due_on__lte=until)
        .select_related("initiative")
    ]  # fmt: skip
    found += [
        Entry(
            f"gate-{each.request.number}-{each.step}", each.due_on,
            f"Decide: {each.request.initiative.key} into {each.request.to_stage}",
            f"Step {each.step}, asked by {each.request.requested_by}",
            _link("gate-request", each.request.number),
        )
        for each in gates.waiting_for(viewer=viewer, on=on)
        if each.due_on is not None
    ]  # fmt: skip
    found += [
        Entry(
            f"risk-{row.pk}", row.review_due_on, f"Review: {row.title}", row.initiative.name,
            _link("initiative", row.initiative.key),
        )
        for row in risk.risks(viewer=viewer).filter(
            owner=viewer, closed_at=None, review_due_on__lte=until
        )
        if row.review_due_on is not None
    ]  # fmt: skip
    return sorted(found, key=lambda entry: (entry.on, entry.uid))


def _link(name: str, *arguments: object) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=arguments)}"
