"""The log of an initiative: assumptions and issues, and what it waits for."""

import datetime as dt

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Dependency, Initiative, LogEntry
from governance_app.initiatives.services import following
from governance_app.people import access
from governance_app.people.models import User


@recorded
def add_entry(
    *,
    initiative: Initiative,
    kind: str,
    title: str,
    by: User,
    detail: str = "",
    owner: User | None = None,
    due_on: dt.date | None = None,
) -> LogEntry:
    """
    Write down an assumption or an issue; its owner is told.

    Raises:
        Sentence: the kind is neither, there is no title, or the owner may not see the initiative.
    """
    access.require(by, "initiative.update", initiative)
    if kind not in LogEntry.Kind.values:
        raise Sentence("An entry is an assumption or an issue. Risks stand in the risk register.")
    title = " ".join(title.split())
    if not title:
        raise Sentence("Say in a line what is assumed, or what is wrong.")
    if len(title) > 300:
        raise Sentence(f"The line holds {len(title)} characters; the most is 300.")
    if owner is not None and not access.can(owner, "view", initiative):
        raise Sentence(f"{owner.name} may not see {initiative.key} and cannot own this.")
    entry = LogEntry.objects.create(
        initiative=initiative, kind=kind, title=title, detail=detail.strip(), owner=owner,
        due_on=due_on, raised_by=by,
    )  # fmt: skip
    following.tell(
        [owner], initiative=initiative, by=by, entry=entry,
        sentence=f"You own an {kind} of {initiative.key}: {title}",
    )  # fmt: skip
    return entry


@recorded
def close_entry(
    *, entry: LogEntry, outcome: str, by: User, on: dt.date | None = None,
    version: int | None = None,
) -> LogEntry:  # fmt: skip
    """
    Say how an assumption or issue ended: true, false, solved, and how.

    Raises:
        Sentence: there is no outcome, or it was closed already.
    """
    access.require(by, "initiative.update", entry.initiative)
    row = LogEntry.objects.select_for_update().get(pk=entry.pk)
    check_version(row, version)
    if row.closed_on is not None:
        raise Sentence(f"“{row}” was closed already.")
    outcome = outcome.strip()
    if not outcome:
        raise Sentence("Say how it ended.")
    save_changes(row, closed_on=on or timezone.localdate(), outcome=outcome)
    return row


@recorded
def reopen_entry(*, entry: LogEntry, by: User) -> LogEntry:
    """Open an entry again; how it ended stays in the trail."""
    access.require(by, "initiative.update", entry.initiative)
    row = LogEntry.objects.select_for_update().get(pk=entry.pk)
    save_changes(row, closed_on=None, outcome="")
    return row


@recorded
def deliver_dependency(*, dependency: Dependency, on: dt.date, by: User) -> Dependency:
    """
    Say that what an initiative waited for has come; both owners are told.

    Whoever may edit either of the two initiatives may say so.
    """
    if not access.can(by, "initiative.edit", dependency.needs):
        access.require(by, "initiative.edit", dependency.initiative)
    row = (
        Dependency.objects.select_for_update(of=("self",))
        .select_related("initiative__node", "needs__node")
        .get(pk=dependency.pk)
    )
    if row.delivered_on is not None:
        return row
    if on > timezone.localdate():
        raise Sentence(f"{on:%d %b %Y} has not come yet; choose today or an earlier day.")
    save_changes(row, delivered_on=on)
    words = f"{row.needs.key} delivered what {row.initiative.key} waited for"
    tell_both(row, by=by, sentence=f"{words}{f': {row.note}' if row.note else '.'}")
    return row


def tell_both(row: Dependency, *, by: User, sentence: str) -> None:
    """Tell the owners of both ends of a dependency, each on the initiative that is theirs."""
    for initiative in (row.initiative, row.needs):
        following.tell(
            [following.owner_of(initiative)], initiative=initiative, by=by, dependency=row,
            sentence=sentence,
        )  # fmt: skip
