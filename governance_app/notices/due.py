"""What a person is to do by a day: for their calendar, reminders and escalation."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from governance_app.compliance import selectors as compliance
from governance_app.domain.due import Due
from governance_app.gates import selectors as gates
from governance_app.initiatives.models import Initiative, LogEntry, Milestone
from governance_app.oversight import selectors as oversight
from governance_app.oversight.owed import notices_owed, steps_owed
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk import selectors as risk

#: Who is asked next when something of an initiative stays undone, in this order.
NEXT = ("program_manager", "business_owner", "sponsor")
#: What of a log others wait for.
_ISSUE = LogEntry.Kind.ISSUE


def due(*, viewer: User, on: dt.date, until: dt.date) -> list[Due]:
    """Give what a person is to do up to a day, the late first."""
    found = [
        *_milestones(viewer, until), *_decisions(viewer, on), *_reviews(viewer, until),
        *_log(viewer, until), *_actions(viewer, until), *_gaps(viewer, until),
        *_authorities(viewer), *_steps(viewer), *_attestations(viewer),
    ]  # fmt: skip
    for source in settings.DUE_ALSO:
        found += import_string(source)(viewer=viewer, until=until)
    return sorted((each for each in found if each.on <= until), key=lambda due: (due.on, due.uid))


def next_people(row: Initiative, person: User) -> list[User]:
    """Give who is asked when a person does not do something of an initiative, nearest first."""
    found: dict[object, User] = {}
    for role in NEXT:
        other: User | None = getattr(row, role)
        if other is None or other == person or not other.is_active:
            continue
        if access.can(other, "view", row):
            found[other.pk] = other
    held = [getattr(row, role) for role in NEXT]
    if person in held:  # whoever stands below a person in the order is not asked after them
        above = held[held.index(person) + 1 :]
        return [other for other in found.values() if other in above]
    return list(found.values())


def _after(row: Initiative, viewer: User) -> Callable[[], Sequence[User]]:
    return lambda: next_people(row, viewer)


def _page(row: Initiative) -> str:
    return reverse("initiative", args=[row.key])


def _milestones(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = Milestone.objects.visible_to(viewer).filter(
        owner=viewer, done_on=None, due_on__lte=until
    )
    for row in rows.select_related("initiative"):
        yield Due(
            f"milestone-{row.pk}", row.due_on, f"{row.initiative.key}: {row.name}",
            row.initiative.name, _page(row.initiative), _after(row.initiative, viewer),
        )  # fmt: skip


def _decisions(viewer: User, on: dt.date) -> Iterator[Due]:
    for each in gates.waiting_for(viewer=viewer, on=on):
        row = each.request
        if each.due_on is not None:
            yield Due(
                f"gate-{row.number}-{each.step}", each.due_on,
                f"Decide: {row.initiative.key} into {row.to_stage}",
                f"Step {each.step}, asked by {row.requested_by}",
                reverse("gate-request", args=[row.number]), _after(row.initiative, viewer),
            )  # fmt: skip


def _reviews(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = risk.risks(viewer=viewer).filter(owner=viewer, closed_at=None, review_due_on__lte=until)
    for row in rows:
        if row.review_due_on is not None:
            yield Due(
                f"risk-{row.pk}", row.review_due_on, f"Review: {row.title}", row.initiative.name,
                _page(row.initiative), _after(row.initiative, viewer),
            )  # fmt: skip


def _log(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = LogEntry.objects.visible_to(viewer).filter(
        owner=viewer, closed_on=None, due_on__lte=until
    )
    for row in rows.select_related("initiative"):
        if row.due_on is not None:
            waits = {"after": _after(row.initiative, viewer)} if row.kind == _ISSUE else {}
            yield Due(
                f"log-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}",
                row.initiative.name, reverse("initiative-log", args=[row.initiative.key]), **waits,
            )  # fmt: skip


def _actions(viewer: User, until: dt.date) -> Iterator[Due]:
    for row in oversight.actions(viewer=viewer).filter(owner=viewer, due_on__lte=until):
        yield Due(
            f"action-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}", row.sentence,
            _page(row.initiative), _after(row.initiative, viewer),
        )  # fmt: skip


def _gaps(viewer: User, until: dt.date) -> Iterator[Due]:
    for row in compliance.gaps(viewer=viewer).filter(owner=viewer, due_on__lte=until):
        yield Due(
            f"gap-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}",
            row.initiative.name, _page(row.initiative), _after(row.initiative, viewer),
        )  # fmt: skip


def _authorities(viewer: User) -> Iterator[Due]:
    """What authorities have to be told of incidents; the hour stands in the text."""
    for row in notices_owed(viewer):
        due, initiative = timezone.localtime(row.due_at), row.incident.initiative
        yield Due(
            f"notice-{row.pk}", due.date(), f"{row.incident.key}: tell {row.authority.lower()}",
            f"{row.title}, {row.article}, by {due:%d %b %Y %H:%M}",
            reverse("incident", args=[row.incident.number]), _after(initiative, viewer),
        )  # fmt: skip


def _steps(viewer: User) -> Iterator[Due]:
    for row in steps_owed(viewer):
        initiative = row.risk.initiative
        yield Due(
            f"step-{row.pk}", row.due_on, f"{initiative.key}: {row.title}", f"For “{row.risk}”",
            reverse("initiative-risk", args=[initiative.key]), _after(initiative, viewer),
        )  # fmt: skip


def _attestations(viewer: User) -> Iterator[Due]:
    for row in compliance.attestations_owed(viewer=viewer):
        document = row.campaign.policy_version.document
        yield Due(
            f"attestation-{row.pk}", row.campaign.due_on, f"Read and attest {document}",
            f"{row.campaign.policy_version}, asked in {row.campaign.audience}",
            reverse("policy", args=[document.key]),
        )  # fmt: skip
