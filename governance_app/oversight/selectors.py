"""One queue per person: decisions, actions, samples, emergencies and what else they owe."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from governance_app.domain import spelling
from governance_app.domain.phrases import Phrase, phrase
from governance_app.gates import selectors as gates
from governance_app.initiatives.models import Initiative
from governance_app.oversight.held import MANY, held
from governance_app.oversight.looking import BY_HAND, KINDS
from governance_app.oversight.models import Action, Round
from governance_app.oversight.owed import Line, authorities, owed
from governance_app.people.access import can_anywhere
from governance_app.people.models import User


def actions(
    *, viewer: User, initiative: Initiative | None = None, is_open: bool = True
) -> QuerySet[Action]:
    """Give what rounds found, the most urgent first."""
    rows = Action.objects.visible_to(viewer)
    if is_open:
        rows = rows.filter(closed_at=None)
    if initiative is not None:
        rows = rows.filter(initiative=initiative)
    return rows.select_related("initiative__node", "owner").order_by("due_on", "raised_at", "pk")


def action(*, viewer: User, action_id: uuid.UUID | str) -> Action | None:
    """Give one action, or None when it is not the viewer's to see."""
    return actions(viewer=viewer, is_open=False).filter(pk=action_id).first()


def last_round(*, viewer: User) -> Round | None:
    """Give the newest round that finished."""
    rows = Round.objects.visible_to(viewer).exclude(finished_at=None)
    return rows.order_by("-on").first()


def counts_by_kind(*, viewer: User) -> list[tuple[str, str, int]]:
    """Count open actions by kind: slug, words, count; the most first."""
    rows = Action.objects.visible_to(viewer).filter(closed_at=None).order_by()
    found = dict(rows.values_list("kind").annotate(count=Count("pk")))
    named = [
        (kind, phrase("Written by hand") if kind == BY_HAND else KINDS[kind][0], found[kind])
        for kind in found
        if kind in KINDS or kind == BY_HAND
    ]
    return sorted(named, key=lambda each: (-each[2], each[1]))


def owned(*, viewer: User, person: User) -> list[str]:
    """Count what a person owns that is not done, sort by sort, as far as the viewer sees it."""
    counts = ((sort.one, rows.count()) for sort, rows in held(viewer=viewer, person=person))
    return [spelling.plural(count, one, MANY.get(one)) for one, count in counts if count]


@dataclass(frozen=True, slots=True)
class Queue:
    """What is a person's to do, the late first, then by day; ``total`` counts all of it."""

    lines: tuple[Line, ...]
    total: int
    late: int


def queue(*, viewer: User, on: dt.date, limit: int | None = None, with_owed: bool = True) -> Queue:
    """
    Give the queue of a person: what waits for their decision, and what is theirs to do.

    Args:
        with_owed: also what is owed by a day and what waits for a second person; without it the
            queue is what gates, rounds and the clocks of authorities ask.
    """
    lines = [
        *_decisions(viewer, on), *_looks(viewer, on), *_owned(viewer, on),
        *authorities(viewer, on),
    ]  # fmt: skip
    if with_owed:
        lines += owed(viewer, on)
    lines.sort(key=lambda line: (not line.is_late, line.due_on or dt.date.max, line.key))
    return Queue(
        tuple(lines if limit is None else lines[:limit]),
        len(lines),
        sum(line.is_late for line in lines),
    )


def _decisions(viewer: User, on: dt.date) -> list[Line]:
    found = []
    for each in gates.waiting_for(viewer=viewer, on=on):
        row = each.request
        found.append(
            Line(
                "decision", phrase("Decide at a gate"), row.initiative.key, row.initiative.name,
                _asked(each), row.due_on, phrase("Decide"), "gate-request", (row.number,),
                each.is_late(on),
            )
        )  # fmt: skip
    return found


def _asked(waiting: gates.Waiting) -> Phrase:
    row = waiting.request
    values = {"request": row, "stage": phrase(str(row.to_stage)), "person": row.requested_by}
    if waiting.acting_for:
        return phrase(
            "for {other}, {request} into {stage}, asked by {person}",
            other=waiting.acting_for, **values,
        )  # fmt: skip
    return phrase("{request} into {stage}, asked by {person}", **values)


def _looks(viewer: User, on: dt.date) -> list[Line]:
    """Samples and emergencies, for those who may look at them."""
    found: list[Line] = []
    if not (can_anywhere(viewer, "gate.risk") or can_anywhere(viewer, "gate.decide")):
        return found
    for review in gates.samples(viewer=viewer).exclude(request__requested_by=viewer):
        row = review.request.initiative
        found.append(
            Line(
                "sample", phrase("Look at a self-approval"), row.key, row.name,
                phrase("{version} by {person}", version=review.request,
                       person=review.request.requested_by),
                review.due_on, phrase("Look"),
                "gate-request", (review.request.number,), review.due_on < on,
            )
        )  # fmt: skip
    rows = gates.emergencies(viewer=viewer, is_open=True)
    for glass in rows.exclude(Q(opened_by=viewer) | Q(confirmed_by=viewer)):
        row = glass.initiative
        found.append(
            Line(
                "emergency", phrase("Look at an emergency"), row.key, row.name,
                f"{glass.opened_by}: {glass.reason}", glass.review_due_on, phrase("Look"),
                "gate-emergencies", (), glass.review_due_on < on,
            )
        )  # fmt: skip
    return found


def _owned(viewer: User, on: dt.date) -> list[Line]:
    rows = actions(viewer=viewer).filter(owner=viewer).exclude(kind__in=("sample", "emergency"))
    return [
        Line(
            row.kind, row.title, row.initiative.key, row.initiative.name, row.sentence,
            row.due_on, phrase("Open it"), "initiative-gates", (row.initiative.key,),
            row.due_on < on,
        )
        for row in rows
    ]  # fmt: skip
