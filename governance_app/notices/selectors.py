"""The inbox of a person, how they want to hear of things, and their calendar."""

import datetime as dt
import secrets
import uuid
from collections.abc import Collection

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from governance_app.initiatives.models import Follow, Mention
from governance_app.notices.calendar import Entry, digest_of
from governance_app.notices.due import due
from governance_app.notices.kinds import CHOSEN
from governance_app.notices.models import Choices, Notice, ViewWatch
from governance_app.people.models import User

#: How far ahead the calendar looks.
AHEAD = dt.timedelta(days=400)
#: How far back news are looked for that nobody was told of: longer than any pause of the worker.
LOOK_BACK = dt.timedelta(days=14)
_TEXT = CharField()
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
    """Give what the viewer is to do on a day, as entries of a calendar."""
    return [
        Entry(each.uid, each.on, each.title, each.text, f"{settings.SITE_URL}{each.page}")
        for each in due(viewer=viewer, on=on, until=on + AHEAD)
    ]


def watches(*, viewer: User) -> dict[uuid.UUID, str]:
    """Give how often the viewer hears of which saved view."""
    rows = ViewWatch.objects.visible_to(viewer)
    return dict(rows.values_list("view_id", "every"))


def untold_mentions(*, now: dt.datetime) -> QuerySet[Mention]:
    """Give who was named and has not been told, the first first."""
    told = Notice.objects.filter(
        person=OuterRef("person"), dedupe=Concat(Value("mention:"), Cast(OuterRef("pk"), _TEXT))
    )
    rows = Mention.objects.filter(answered_at=None, created_at__gt=now - LOOK_BACK)
    return (
        rows.filter(~Exists(told), person__is_active=True)
        .select_related("person", "by", "initiative__node")
        .order_by("created_at", "pk")
    )


def follows(*, initiatives: Collection[uuid.UUID]) -> QuerySet[Follow]:
    """Give who follows some initiatives."""
    rows = Follow.objects.filter(initiative__in=initiatives, person__is_active=True)
    return rows.select_related("person", "initiative__node").order_by("created_at", "pk")
