"""What a program manager's week holds in the register: updates due, mentions, the log."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from governance_app.initiatives.models import (
    Comment,
    CommentFile,
    Dependency,
    Follow,
    Initiative,
    LogEntry,
    Mention,
)
from governance_app.initiatives.models.initiative import InitiativeQuerySet
from governance_app.people.models import User

#: A status older than this is due again.
UPDATE_DAYS = 30
ROLES = ("program_manager", "business_owner", "technical_owner", "sponsor", "risk_owner")
#: Whoever holds one of these keeps the initiative current.
KEEPERS = ("program_manager", "business_owner", "technical_owner")


@dataclass(frozen=True)
class LogLine:
    """
    One line of a log: an assumption, an issue, or a dependency.

    ``other`` is the initiative at the other end of a dependency; None where the viewer may not
    see it.
    """

    kind: str
    title: str
    detail: str
    initiative: Initiative
    owner: str
    due_on: dt.date | None
    closed_on: dt.date | None
    outcome: str = ""
    entry: LogEntry | None = None
    dependency: Dependency | None = None
    other: Initiative | None = None


def mine(*, viewer: User) -> InitiativeQuerySet:
    """Give the initiatives that the viewer keeps current and that are not over."""
    owned = Q()
    for role in KEEPERS:
        owned |= Q(**{role: viewer})
    return Initiative.objects.visible_to(viewer).filter(owned, kind="initiative").active()


def updates_due(*, viewer: User, on: dt.date) -> list[Initiative]:
    """Give the viewer's initiatives whose status is missing or older than 30 days, oldest first."""
    late = Q(status_on=None) | Q(status_on__lt=on - dt.timedelta(days=UPDATE_DAYS))
    rows = mine(viewer=viewer).filter(late).exclude(stage__slug="idea").for_reading()
    never = dt.date.min
    return sorted(rows, key=lambda row: (row.status_on or never, row.number))


def mentions(*, viewer: User, is_open: bool = True) -> QuerySet[Mention]:
    """Give what the viewer was told of, newest first."""
    rows = Mention.objects.visible_to(viewer).filter(person=viewer)
    if is_open:
        rows = rows.filter(answered_at=None)
    return rows.select_related("initiative__node", "by").order_by("-created_at", "-pk")


def mention(*, viewer: User, mention_id: uuid.UUID | str) -> Mention | None:
    """Give one thing the viewer was told of, or None."""
    return mentions(viewer=viewer, is_open=False).filter(pk=mention_id).first()


def is_following(*, viewer: User, initiative: Initiative) -> bool:
    """Tell whether the viewer follows an initiative."""
    return Follow.objects.visible_to(viewer).filter(initiative=initiative, person=viewer).exists()


def followers(*, viewer: User, initiative: Initiative) -> list[str]:
    """Name who follows an initiative."""
    rows = Follow.objects.visible_to(viewer).filter(initiative=initiative)
    return list(rows.order_by("person__name").values_list("person__name", flat=True))


def comment_files(*, viewer: User, initiative: Initiative) -> dict[uuid.UUID, list[CommentFile]]:
    """Give the files beside the comments of an initiative, by comment."""
    found: dict[uuid.UUID, list[CommentFile]] = {}
    rows = CommentFile.objects.visible_to(viewer).filter(comment__initiative=initiative)
    for row in rows.select_related("file").order_by("created_at", "pk"):
        found.setdefault(row.comment_id, []).append(row)
    return found


def comment_file(*, viewer: User, file_id: uuid.UUID | str) -> CommentFile | None:
    """Give one file beside a comment, or None when the viewer may not see its initiative."""
    return CommentFile.objects.visible_to(viewer).select_related("file").filter(pk=file_id).first()


def comment_rows(*, viewer: User, initiative: Initiative) -> QuerySet[Comment]:
    """Give the comments on an initiative, newest first."""
    rows = Comment.objects.visible_to(viewer).filter(initiative=initiative)
    return rows.select_related("author").order_by("-created_at", "-pk")


def log_entries(*, viewer: User, initiative: Initiative) -> QuerySet[LogEntry]:
    """Give the assumptions and issues of an initiative, newest first."""
    rows = LogEntry.objects.visible_to(viewer).filter(initiative=initiative)
    return rows.select_related("initiative__node", "owner").order_by("-created_at", "-pk")


def log_entry(*, viewer: User, entry_id: uuid.UUID | str) -> LogEntry | None:
    """Give one assumption or issue, or None."""
    rows = LogEntry.objects.visible_to(viewer).select_related("initiative__node", "owner")
    return rows.filter(pk=entry_id).first()


def dependency(*, viewer: User, dependency_id: uuid.UUID | str) -> Dependency | None:
    """Give one dependency of which the viewer may see an end, or None."""
    seen = Initiative.objects.visible_to(viewer).values("pk")
    rows = Dependency.objects.filter(Q(initiative__in=seen) | Q(needs__in=seen))
    rows = rows.select_related("initiative__node", "needs__node")
    return rows.filter(pk=dependency_id).first()


def log(
    *, viewer: User, rows: Sequence[uuid.UUID], kinds: Sequence[str] = (), is_open: bool = True
) -> list[LogLine]:
    """
    Give assumptions, issues and dependencies of some initiatives, the first due first.

    Args:
        rows: of which initiatives; those the viewer may not see are left out.
        kinds: assumption, issue, dependency; all when empty.
        is_open: leave out what is closed or delivered.
    """
    wanted = set(kinds or ("assumption", "issue", "dependency"))
    found: list[LogLine] = []
    entries = LogEntry.objects.visible_to(viewer).filter(initiative__in=rows, kind__in=wanted)
    if is_open:
        entries = entries.filter(closed_on=None)
    for entry in entries.select_related("initiative", "owner"):
        found.append(
            LogLine(
                entry.kind, entry.title, entry.detail, entry.initiative,
                entry.owner.name if entry.owner else "", entry.due_on, entry.closed_on,
                entry.outcome, entry=entry,
            )
        )  # fmt: skip
    if "dependency" in wanted:
        found += _dependencies(viewer, rows, is_open)
    return sorted(found, key=lambda each: (each.due_on or dt.date.max, each.kind, each.title))


def _dependencies(viewer: User, rows: Sequence[uuid.UUID], is_open: bool) -> list[LogLine]:
    waits = Dependency.objects.visible_to(viewer).filter(initiative__in=rows)
    if is_open:
        waits = waits.filter(delivered_on=None)
    waits = waits.select_related("initiative", "needs__program_manager", "needs__business_owner")
    kept = list(waits)
    seen = set(
        Initiative.objects.visible_to(viewer)
        .filter(pk__in=[each.needs_id for each in kept])
        .values_list("pk", flat=True)
    )
    found = []
    for each in kept:
        other = each.needs if each.needs_id in seen else None
        owner = (other.program_manager or other.business_owner) if other else None
        name = f"{other.key} {other.name}" if other else "an initiative you may not see"
        found.append(
            LogLine(
                "dependency", f"Needs {name}", each.note, each.initiative,
                owner.name if owner else "", each.needed_on, each.delivered_on,
                dependency=each, other=other,
            )
        )  # fmt: skip
    return found
