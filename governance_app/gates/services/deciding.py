"""Deciding: one transaction that locks, looks again, counts the person once, and carries out."""

import datetime as dt
import hashlib
from typing import Any

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.domain import gates as engine
from governance_app.domain.gates import Vote
from governance_app.gates import money
from governance_app.gates.freshness import check_fresh
from governance_app.gates.judging import Judged, force_of, judge_again
from governance_app.gates.models import AfterReview, Delegation, GateDecision, GateRequest
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.asking import ask
from governance_app.gates.services.keeping import as_now, locked, principal, sentence_of, today
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.value import services as value
from governance_app.value.models import BusinessCase


class FactsChanged(GateRefused):
    """The facts of a request are no longer those it was submitted on."""


@refusals_noted
@recorded
def decide(
    *,
    request: GateRequest,
    choice: str,
    by: User,
    facts_hash: str,
    sentence: str = "",
    ending: str = "",
    slot: str = "",
    acting_for: User | None = None,
    authenticated_at: dt.datetime | None = None,
    ip: str = "",
    now: dt.datetime | None = None,
) -> GateRequest:
    """
    Say what somebody thinks of a request; the last one needed carries it out.

    Args:
        choice: approve, reject, changes or abstain.
        facts_hash: of the request as the decider saw it.
        sentence: why; needed for all but approval.
        ending: how a rejected review ends: continue, pivot or stop.
        slot: the step; by default the first open one that the person may take.
        acting_for: who delegated; by default nobody.
        authenticated_at: when the decider last gave a password; noted, and where the tier is
            high it has to be young.
        ip: from where it is decided; noted.
        now: the moment; the clock's when left out.

    Raises:
        PasswordTooOld: the tier is high and no password was given for too long.
        FactsChanged: a material fact changed since it was submitted or since the page was read.
        GateRefused: it is decided already, a check blocks it, the person counted already, asked
            for it themselves, or wrote its evidence.
        Refused: the person may not decide there, or not any more.
    """
    by = as_now(by)
    initiative = locked(request.initiative)
    row = GateRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    row.initiative = initiative
    _check_open(row, choice, facts_hash)
    moment = now or timezone.now()
    _check_unchanged(row, judge_again(request=row, on=today()), choice)
    verdict = engine.read_verdict(_stored(row))
    votes = votes_of(row)
    authors = authors_of(row)
    principal_ = _principal(row, by, acting_for)
    wanted = Vote(
        slot=slot or _first_slot(row, verdict, votes, by, principal_),
        person=str(by.pk),
        choice=choice,
        facts_hash=row.facts_hash,
        acting_for="" if principal_.pk == by.pk else str(principal_.pk),
    )
    _check_may(row, verdict, wanted, by, principal_)
    reason = engine.why_not_count(
        wanted, verdict, requester=str(row.requested_by_id), authors=authors,
        facts_hash=row.facts_hash, earlier=votes,
    )  # fmt: skip
    if reason:
        raise GateRefused(reason)
    if choice != "approve":
        sentence = sentence_of(sentence, "Say in a sentence why.")
    if choice == "reject":
        ending = _ending(ending)
    check_fresh(row, authenticated_at, moment)
    GateDecision.objects.create(
        request=row,
        slot=wanted.slot,
        person=by,
        acting_for=principal_ if wanted.acting_for else None,
        choice=choice,
        ending=ending if choice == "reject" else "",
        sentence=sentence.strip(),
        facts_hash=row.facts_hash,
        decided_at=moment,
        authenticated_at=authenticated_at,
        ip=ip or None,
    )
    whose = f" for {principal_}" if wanted.acting_for else ""
    audit.note(
        by=by,
        action="gate",
        subject=row,
        sentence=f"{engine.CHOICES[choice]} {row} of {initiative.key}{whose} at {wanted.slot}.",
        data={"facts_hash": row.facts_hash, "slot": wanted.slot},
    )
    counted = engine.tally(
        verdict, [*votes, wanted], requester=str(row.requested_by_id), authors=authors,
        facts_hash=row.facts_hash,
    )  # fmt: skip
    return _carry_out(row, verdict, counted, by, ending, sentence.strip(), moment)


@refusals_noted
@recorded
def refresh(*, request: GateRequest, by: User) -> GateRequest:
    """Look whether the material facts of a request changed; if so it is overtaken."""
    access.require(by, "view", request)
    row = GateRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    live = (GateRequest.State.IN_REVIEW, GateRequest.State.APPROVED)
    if row.state not in live:
        return row
    now = judge_again(request=row, on=today())
    if now.facts_hash == row.facts_hash:
        return row
    changed = engine.changed_facts(row.facts, now.facts, now.force.policy.material)
    save_changes(row, state=GateRequest.State.STALE, overtaken_by=list(changed))
    audit.note(
        by=by,
        action="gate",
        subject=row,
        sentence=f"{row} was overtaken: {', '.join(changed)} changed.",
    )
    return row


@refusals_noted
@recorded
def expire_due(*, on: dt.date, by: User) -> list[GateRequest]:
    """
    End the approvals whose time is over, and begin asking again for each.

    Returns:
        The requests to attest again that were begun.
    """
    access.require(by, "gate.ask")
    begun = []
    rows = GateRequest.objects.select_for_update(of=("self",)).filter(
        state=GateRequest.State.APPROVED, valid_until__lt=on
    )
    for row in rows.select_related("initiative__stage", "initiative__node").order_by("number"):
        save_changes(row, state=GateRequest.State.EXPIRED)
        renewed = _renewal(row, by)
        if renewed is not None:
            begun.append(renewed)
    return begun


def votes_of(request: GateRequest) -> list[Vote]:
    """Give what was decided, in the order it was."""
    rows = GateDecision.objects.filter(request=request).order_by("decided_at", "created_at", "pk")
    return [
        Vote(
            slot=row.slot,
            person=str(row.person_id),
            choice=row.choice,
            facts_hash=row.facts_hash,
            acting_for=str(row.acting_for_id) if row.acting_for_id else "",
        )
        for row in rows
    ]


def authors_of(request: GateRequest) -> frozenset[str]:
    """Give who wrote the evidence of a request."""
    return frozenset(str(pk) for pk in request.evidence.values_list("added_by_id", flat=True))


def _stored(row: GateRequest) -> dict[str, Any]:
    return {name: value for name, value in row.verdict.items() if name != "policies"}


def _check_open(row: GateRequest, choice: str, facts_hash: str) -> None:
    if row.state != GateRequest.State.IN_REVIEW:
        raise GateRefused(
            f"{row} is {row.get_state_display().lower()}: there is nothing to decide."
        )
    if choice not in engine.CHOICES:
        raise GateRefused(f"Decide one of {', '.join(engine.CHOICES)}, not {choice!r}.")
    if facts_hash != row.facts_hash:
        raise FactsChanged(f"{row} changed while you were reading it. Read it again, then decide.")


def _check_unchanged(row: GateRequest, now: Judged, choice: str) -> None:
    if now.facts_hash != row.facts_hash:
        changed = engine.changed_facts(row.facts, now.facts, now.force.policy.material)
        raise FactsChanged(
            f"{row} was submitted on other facts: {', '.join(changed)} changed since. "
            "It has to be asked again."
        )
    if choice != "approve":
        return
    if now.verdict.is_blocked:
        told = "; ".join(f"{each.title} ({each.why})" for each in now.verdict.blocks)
        raise GateRefused(f"{row} cannot be approved: {told}.")
    was = engine.read_verdict(_stored(row))
    if now.verdict.is_escalated and not was.is_escalated:
        raise GateRefused(f"{row}: a guardrail is no longer green, so others have to be asked.")


def _principal(row: GateRequest, by: User, acting_for: User | None) -> User:
    """Give whose right is used: the decider's own, or of somebody who delegated to them."""
    if acting_for is None or acting_for.pk == by.pk:
        return by
    giver = as_now(acting_for)
    if not delegations_to(by, row, giver=giver):
        raise GateRefused(f"{giver} has not delegated decisions about this initiative to you.")
    return giver


def delegations_to(by: User, row: GateRequest, *, giver: User | None = None) -> list[Delegation]:
    """Give the delegations to a person that hold today for a request."""
    day = today()
    rows = Delegation.objects.filter(
        taker=by, ended_at=None, from_on__lte=day, until_on__gte=day, giver__is_active=True
    ).select_related("node", "giver")
    if giver is not None:
        rows = rows.filter(giver=giver)
    path = row.initiative.node.path
    return [each for each in rows if path.startswith(each.node.path)]


def _first_slot(
    row: GateRequest, verdict: engine.Verdict, votes: list[Vote], by: User, whose: User
) -> str:
    """Give the first step that is not full and that the person may take."""
    counted = engine.tally(
        verdict, votes, requester=str(row.requested_by_id), authors=authors_of(row),
        facts_hash=row.facts_hash,
    )  # fmt: skip
    able = [
        state
        for state in counted.steps
        if access.can(whose, state.step.who, row.initiative)
        or (state.step.self_when_green and whose.pk == by.pk == row.requested_by_id)
    ]
    waiting = [state for state in able if not state.is_done] or able
    if not waiting:
        titles = ", ".join(state.step.title for state in counted.steps) or "nobody"
        raise GateRefused(f"{row} asks {titles}; you are not among them.")
    return waiting[0].step.slot


def _check_may(
    row: GateRequest, verdict: engine.Verdict, vote: Vote, by: User, whose: User
) -> None:
    step = next((each for each in verdict.steps if each.slot == vote.slot), None)
    if step is None:
        raise GateRefused(f"{row} has no step “{vote.slot}”.")
    is_own = step.self_when_green and by.pk == whose.pk == row.requested_by_id
    if is_own and access.can(by, "gate.ask", row.initiative):
        return
    access.require(whose, step.who, row.initiative)
    access.require(by, "view", row.initiative)


def _ending(ending: str) -> str:
    if not ending:
        return "continue"
    if ending not in ("continue", "pivot", "stop"):
        raise GateRefused("A rejected review ends in continue, pivot or stop.")
    return ending


def _carry_out(
    row: GateRequest,
    verdict: engine.Verdict,
    counted: engine.Tally,
    by: User,
    ending: str,
    sentence: str,
    moment: dt.datetime,
) -> GateRequest:
    if counted.outcome == "waiting":
        return row
    if counted.outcome == "changes":
        save_changes(
            row, state=GateRequest.State.CHANGES, decided_at=moment,
            ending="continue", ending_sentence=sentence,
        )  # fmt: skip
        return row
    if counted.outcome == "rejected":
        save_changes(
            row,
            state=GateRequest.State.REJECTED,
            decided_at=moment,
            ending=ending,
            ending_sentence=sentence,
            released=_released(row, ending),
        )
        if ending == "stop":
            _end(row, sentence)
        return row
    return _approve(row, verdict, by, sentence, moment)


def _approve(
    row: GateRequest, verdict: engine.Verdict, by: User, sentence: str, moment: dt.datetime
) -> GateRequest:
    votes = votes_of(row)
    is_own = any(vote.person == str(row.requested_by_id) for vote in votes)
    days = min((step.valid_days for step in verdict.steps), default=None)
    numbers = force_of(row).policy.distributed
    is_drawn = is_own and draw(row) < (numbers.sample_ratio or 0)
    save_changes(
        row,
        state=GateRequest.State.APPROVED,
        decided_at=moment,
        ending=row.proposal,
        ending_sentence=sentence or row.reason,
        valid_until=timezone.localdate(moment) + dt.timedelta(days=days) if days else None,
        is_self_approved=is_own,
        is_sampled=is_drawn,
        released=_released(row, row.proposal),
    )
    if is_drawn:
        due = timezone.localdate(moment) + dt.timedelta(days=numbers.review_days or 0)
        AfterReview.objects.create(request=row, due_on=due)
    _freeze_case(row, by)
    if row.proposal == "stop":
        _end(row, sentence or row.reason)
    elif row.proposal != "continue":
        initiatives.advance_stage(
            initiative=row.initiative,
            to=row.to_stage,
            reason=f"{row}: {sentence or row.reason}",
            by=principal(),
        )
    return row


def draw(row: GateRequest) -> float:
    """Draw a number in [0, 1) from what was decided, so that the draw can be made again."""
    digest = hashlib.sha256(f"{row.pk}:{row.facts_hash}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _released(row: GateRequest, ending: str) -> dict[str, Any]:
    if ending != "stop":
        return {}
    found = money.released_by_stop(initiative=row.initiative, viewer=principal(), on=today())
    return found.as_json()


def _end(row: GateRequest, sentence: str) -> None:
    initiative = Initiative.objects.select_related("stage").get(pk=row.initiative_id)
    if initiative.stage is not None and initiative.stage.is_final:
        return
    initiatives.retire(initiative=initiative, reason=f"{row}: {sentence}", by=principal())


def _freeze_case(row: GateRequest, by: User) -> None:
    """Make the case that was decided on the promise; somebody beside its author agreed."""
    if row.proposal != "scale":
        return
    draft = BusinessCase.objects.filter(initiative=row.initiative, state="draft").first()
    if draft is None:
        return
    deciders: set[Any] = set(
        GateDecision.objects.filter(request=row, choice="approve").values_list(
            "person_id", flat=True
        )
    )
    if not deciders - {draft.written_by_id}:
        raise GateRefused(
            f"{row} would make your own business case the promise: somebody else has to agree "
            "with it first."
        )
    value.approve_case(case=draft, by=principal(), sentence=f"Decided at {row} by {by}.")


def _renewal(row: GateRequest, by: User) -> GateRequest | None:
    """Begin to ask again for what is still in the stage that was approved."""
    initiative = row.initiative
    stage = initiative.stage
    if stage is None or stage.is_final or stage.slug != row.to_stage:
        return None
    if GateRequest.objects.filter(
        initiative=initiative, to_stage=row.to_stage, state__in=GateRequest.OPEN
    ).exists():
        return None
    begun = ask(
        initiative=initiative,
        to_stage=row.to_stage,
        proposal="continue",
        kind=GateRequest.Kind.RENEWAL,
        model_version=row.model_version,
        reason=f"The approval {row} ended on {row.valid_until:%d %b %Y}.",
        by=by,
    )
    asker = initiative.business_owner or row.requested_by
    if asker.is_active:
        save_changes(begun, requested_by=asker)
    return begun
