"""Who decides for whom, and looking afterwards at what teams approved themselves."""

import datetime as dt
import uuid

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.books.selectors import setting
from governance_app.gates.judging import DECIDING
from governance_app.gates.models import AfterReview, Delegation, GateDecision
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import (
    as_now,
    one_at_a_time,
    sentence_of,
    today,
)
from governance_app.gates.services.training import check_trained
from governance_app.people import access
from governance_app.people.models import ScopeNode, User


@refusals_noted
@recorded
def delegate(
    *,
    taker: User,
    node: ScopeNode,
    from_on: dt.date,
    until_on: dt.date,
    reason: str,
    by: User,
) -> Delegation:
    """
    Let somebody decide at gates for oneself, in a part of the tree, from a day until a day.

    Raises:
        GateRefused: to oneself, in a circle, for too long, in the past, without anything to
            delegate, to somebody who cannot see that part of the tree or was not trained.
    """
    by = as_now(by)
    if not any(access.can(by, permission, node) for permission in DECIDING):
        raise GateRefused(f"You decide nothing at gates in {node}, so there is nothing to give.")
    reason = sentence_of(reason, "Say in a sentence why somebody stands in for you.")
    if taker.pk == by.pk:
        raise GateRefused("Choose somebody else: you cannot stand in for yourself.")
    taker = as_now(taker)
    if taker.is_system or not access.can(taker, "view", node):
        raise GateRefused(f"{taker} cannot see {node}, so they could not decide there.")
    if until_on < from_on or until_on < today():
        raise GateRefused(f"It would end on {until_on}, before it begins or before today.")
    most = int(setting(key="gate_delegation_days", on=today(), node=node))
    if (until_on - from_on).days + 1 > most:
        raise GateRefused(f"At most {most} days at a time; {until_on} is too far away.")
    check_trained(taker, until_on)
    # One lock for everybody: two people delegating to each other at once would make a circle.
    one_at_a_time("gates_delegation")
    chain = _standing_in_for(taker, from_on, until_on)
    if by.pk in chain:
        raise GateRefused(
            f"You stand in for {taker} then, directly or through others: "
            "in a circle nobody decides."
        )
    return Delegation.objects.create(
        giver=by, taker=taker, node=node, from_on=from_on, until_on=until_on, reason=reason
    )


@refusals_noted
@recorded
def end_delegation(*, delegation: Delegation, by: User) -> Delegation:
    """End a delegation at once: by who gave it, who took it, or who may manage people."""
    if by.pk not in (delegation.giver_id, delegation.taker_id):
        access.require(by, "people.edit", delegation.node)
    row = Delegation.objects.select_for_update(of=("self",)).get(pk=delegation.pk)
    if row.ended_at is None:
        save_changes(row, ended_at=timezone.now())
    return row


@refusals_noted
@recorded
def look_at_sample(*, review: AfterReview, finding: str, sentence: str, by: User) -> AfterReview:
    """
    Say of a self-approval that was drawn whether it was in order.

    Raises:
        GateRefused: the actor took part in it, it is reviewed already, or no reason is given.
    """
    by = as_now(by)
    if not access.can(by, "gate.risk", review):
        access.require(by, "gate.decide", review)
    row = AfterReview.objects.select_for_update(of=("self",)).get(pk=review.pk)
    deciders = GateDecision.objects.filter(request=row.request_id).values_list(
        "person_id", flat=True
    )
    if by.pk == row.request.requested_by_id or by.pk in set(deciders):
        raise GateRefused("You took part in it: somebody else looks at it.")
    if row.finding:
        raise GateRefused(f"{row.reviewed_by} looked at it already.")
    if finding not in AfterReview.Finding.values:
        raise GateRefused("Find it in order or not in order.")
    save_changes(
        row,
        finding=finding,
        sentence=sentence_of(sentence, "Say in a sentence why."),
        reviewed_by=by,
        reviewed_at=timezone.now(),
    )
    return row


def _standing_in_for(person: User, from_on: dt.date, until_on: dt.date) -> set[uuid.UUID]:
    """Give everybody whom a person's delegations reach in some days, over any number of steps."""
    pairs = Delegation.objects.filter(
        ended_at=None, from_on__lte=until_on, until_on__gte=from_on
    ).values_list("giver_id", "taker_id")
    takers: dict[uuid.UUID, set[uuid.UUID]] = {}
    for giver, taker in pairs:
        takers.setdefault(giver, set()).add(taker)
    reached: set[uuid.UUID] = set()
    waiting: list[uuid.UUID] = [person.pk]
    while waiting:
        for taker in takers.get(waiting.pop(), ()):
            if taker not in reached:
                reached.add(taker)
                waiting.append(taker)
    return reached
