"""What a person is to do by a day: for their calendar, reminders and escalation."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from governance_app.compliance import selectors as compliance
from governance_app.gates import selectors as gates
from governance_app.initiatives.models import Initiative, LogEntry, Milestone
from governance_app.oversight import selectors as oversight
from governance_app.people.models import User
from governance_app.risk import selectors as risk


@dataclass(frozen=True, slots=True)
class Due:
    """
    Something of a person's that is due on a day. ``uid`` stays the same when the day moves;
    ``is_hard``: others wait for it, so it comes to the next person when the day has passed.
    """

    uid: str
    on: dt.date
    title: str
    text: str
    page: str
    initiative: Initiative
    is_hard: bool = True


def due(*, viewer: User, on: dt.date, until: dt.date) -> list[Due]:
    """Give what a person is to do up to a day, the late first."""
    found = [
        *_milestones(viewer, until), *_decisions(viewer, on), *_reviews(viewer, until),
        *_log(viewer, until), *_actions(viewer, until), *_gaps(viewer, until),
    ]  # fmt: skip
    return sorted((each for each in found if each.on <= until), key=lambda due: (due.on, due.uid))


def _page(row: Initiative) -> str:
    return reverse("initiative", args=[row.key])


def _milestones(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = Milestone.objects.visible_to(viewer).filter(
        owner=viewer, done_on=None, due_on__lte=until
    )
    for row in rows.select_related("initiative"):
        yield Due(
            f"milestone-{row.pk}", row.due_on, f"{row.initiative.key}: {row.name}",
            row.initiative.name, _page(row.initiative), row.initiative,
        )  # fmt: skip


def _decisions(viewer: User, on: dt.date) -> Iterator[Due]:
    for each in gates.waiting_for(viewer=viewer, on=on):
        row = each.request
        if each.due_on is not None:
            yield Due(
                f"gate-{row.number}-{each.step}", each.due_on,
                f"Decide: {row.initiative.key} into {row.to_stage}",
                f"Step {each.step}, asked by {row.requested_by}",
                reverse("gate-request", args=[row.number]), row.initiative,
            )  # fmt: skip


def _reviews(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = risk.risks(viewer=viewer).filter(owner=viewer, closed_at=None, review_due_on__lte=until)
    for row in rows:
        if row.review_due_on is not None:
            yield Due(
                f"risk-{row.pk}", row.review_due_on, f"Review: {row.title}", row.initiative.name,
                _page(row.initiative), row.initiative,
            )  # fmt: skip


def _log(viewer: User, until: dt.date) -> Iterator[Due]:
    rows = LogEntry.objects.visible_to(viewer).filter(
        owner=viewer, closed_on=None, due_on__lte=until
    )
    for row in rows.select_related("initiative"):
        if row.due_on is not None:
            yield Due(
                f"log-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}",
                row.initiative.name, reverse("initiative-log", args=[row.initiative.key]),
                row.initiative, is_hard=row.kind == LogEntry.Kind.ISSUE,
            )  # fmt: skip


def _actions(viewer: User, until: dt.date) -> Iterator[Due]:
    for row in oversight.actions(viewer=viewer).filter(owner=viewer, due_on__lte=until):
        yield Due(
            f"action-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}", row.sentence,
            _page(row.initiative), row.initiative,
        )  # fmt: skip


def _gaps(viewer: User, until: dt.date) -> Iterator[Due]:
    for row in compliance.gaps(viewer=viewer).filter(owner=viewer, due_on__lte=until):
        yield Due(
            f"gap-{row.pk}", row.due_on, f"{row.initiative.key}: {row.title}",
            row.initiative.name, _page(row.initiative), row.initiative,
        )  # fmt: skip
