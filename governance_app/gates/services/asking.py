"""Asking at a gate: the request, its evidence, and the moment its facts are frozen."""

import datetime as dt

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import stages as stage_rules
from governance_app.domain.gates import ENDINGS
from governance_app.files.models import StoredFile
from governance_app.gates import facts as known
from governance_app.gates.judging import Judged, Places, judge
from governance_app.gates.models import GateEvidence, GateRequest
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import (
    as_now,
    locked,
    next_number,
    sentence_of,
    today,
)
from governance_app.initiatives.models import Initiative, Stage
from governance_app.initiatives.services.templates import default_stages, spec_of
from governance_app.people import access
from governance_app.people.models import User


@refusals_noted
@recorded
def ask(
    *,
    initiative: Initiative,
    to_stage: str,
    reason: str,
    by: User,
    proposal: str = "scale",
    model_version: str = "",
    kind: str = GateRequest.Kind.MOVE,
) -> GateRequest:
    """
    Begin a request: a draft to which evidence is added before it is submitted.

    Args:
        to_stage: the stage it shall enter; the present one to continue as it is.
        proposal: how the review should end: scale, continue, pivot or stop.
        model_version: what is to be deployed, as the registry names it.

    Raises:
        GateRefused: such a request is open already, the proposal does not fit the stage, or no
            reason is given.
        MoveRefused: the template does not allow the move.
    """
    access.require(by, "gate.ask", initiative)
    row = locked(initiative)
    _check_proposal(row, to_stage, proposal)
    reason = sentence_of(reason, "Say in a sentence why this should be decided now.")
    open_one = GateRequest.objects.filter(
        initiative=row, to_stage=to_stage, state__in=GateRequest.OPEN
    ).first()
    if open_one is not None:
        raise GateRefused(f"{open_one} asks for the same already; submit or withdraw that one.")
    return GateRequest.objects.create(
        number=next_number("gates_gaterequest"),
        initiative=row,
        kind=kind,
        from_stage=row.stage.slug if row.stage else "",
        to_stage=to_stage,
        proposal=proposal,
        model_version=model_version.strip(),
        reason=reason,
        requested_by=by,
    )


@refusals_noted
@recorded
def add_evidence(
    *,
    request: GateRequest,
    title: str,
    kind: str,
    collected_on: dt.date,
    by: User,
    reference: str = "",
    file: StoredFile | None = None,
) -> GateEvidence:
    """
    Attach a proof to a draft.

    Raises:
        GateRefused: the request was submitted, the proof is from a day that has not come or from
            before the model version existed, or it is nowhere to be found.
    """
    access.require(by, "view", request)
    if not (access.can(by, "gate.ask", request) or access.can(by, "gate.risk", request)):
        access.require(by, "gate.ask", request)
    row = GateRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    if row.state != GateRequest.State.DRAFT:
        raise GateRefused(
            f"{row} was submitted on {row.submitted_at:%d %b %Y}: evidence that is added now "
            "would look older than the decision. Withdraw it and ask again."
        )
    if kind not in known.EVIDENCE:
        raise GateRefused(f"The evidence is one of {', '.join(known.EVIDENCE)}, not {kind!r}.")
    if collected_on > today():
        raise GateRefused(f"{collected_on} has not come yet; evidence is from today or earlier.")
    if row.model_version:
        registered = known.version_registered_on(
            initiative=row.initiative, version=row.model_version
        )
        if registered is not None and collected_on < registered:
            raise GateRefused(
                f"The evidence is of {collected_on}, but version {row.model_version} was only "
                f"registered on {registered}: it cannot be about that version."
            )
    if not reference.strip() and file is None:
        raise GateRefused("Say where the evidence is, or attach it.")
    return GateEvidence.objects.create(
        request=row,
        title=sentence_of(title, "Evidence needs a title."),
        kind=kind,
        reference=reference.strip(),
        file=file,
        collected_on=collected_on,
        added_by=by,
    )


@refusals_noted
@recorded
def submit(
    *,
    request: GateRequest,
    by: User,
    version: int | None = None,
    now: dt.datetime | None = None,
) -> GateRequest:
    """
    Freeze the facts, judge them by the policies in force, and put the request before people.

    A request that a check blocks is submitted too, so that the reasons are on record; nobody can
    approve it until they are mended and it is asked again.

    Args:
        now: the moment; the clock's when left out.

    Raises:
        GateRefused: it is no draft, or no policy has anything to say about it.
    """
    by = as_now(by)
    access.require(by, "gate.ask", request)
    initiative = locked(request.initiative)
    row = GateRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    check_version(row, version)
    if row.state != GateRequest.State.DRAFT:
        raise GateRefused(f"{row} was submitted already.")
    row.initiative = initiative
    found = _judge(row)
    if not found.verdict.is_guarded:
        raise GateRefused(
            "No policy guards this step: move the initiative on its own page, nobody needs to "
            "be asked."
        )
    floor, own = found.force.floor, found.force.own
    assert floor is not None
    moment = now or timezone.now()
    waits = [step.due_days for step in found.verdict.steps]
    save_changes(
        row,
        state=GateRequest.State.IN_REVIEW,
        submitted_at=moment,
        requested_by=by,
        due_on=timezone.localdate(moment) + dt.timedelta(days=max(waits, default=0)),
        floor=floor,
        own_policy=own[-1] if own else None,
        mode=found.mode.mode,
        from_stage=initiative.stage.slug if initiative.stage else "",
        facts=dict(found.facts),
        known_on={name: day.isoformat() for name, day in found.known_on.items()},
        facts_hash=found.facts_hash,
        verdict={
            **found.verdict.as_json(),
            "policies": [str(each.pk) for each in found.force.versions],
        },
    )
    audit.note(
        by=by,
        action="gate",
        subject=row,
        sentence=f"Submitted {row} of {initiative.key}: {summary(found)}",
        data={"facts_hash": found.facts_hash, "mode": found.mode.mode},
    )
    return row


@refusals_noted
@recorded
def withdraw(*, request: GateRequest, by: User, version: int | None = None) -> GateRequest:
    """Take a request back; it stays on record."""
    access.require(by, "gate.ask", request)
    row = GateRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
    check_version(row, version)
    if not row.is_open:
        raise GateRefused(f"{row} is {row.get_state_display().lower()} and cannot be taken back.")
    save_changes(row, state=GateRequest.State.WITHDRAWN)
    return row


def summary(found: Judged) -> str:
    """Say in a sentence what a judgement comes to."""
    verdict = found.verdict
    if verdict.is_blocked:
        return "blocked by " + ", ".join(each.title for each in verdict.blocks) + "."
    people = ", ".join(step.title for step in verdict.steps) or "nobody"
    if verdict.is_escalated:
        why = ", ".join(
            each.title
            for each in verdict.findings
            if each.level == "escalate" and not each.is_green
        )
        return f"escalated by {why}; asks {people}."
    return f"every guardrail is green; asks {people}."


def _judge(row: GateRequest) -> Judged:
    proofs = list(row.evidence.values_list("kind", "collected_on"))
    return judge(
        initiative=row.initiative,
        to_stage=row.to_stage,
        on=today(),
        model_version=row.model_version,
        proposal=row.proposal,
        evidence=[kind for kind, _ in proofs],
        evidence_on=min((day for _, day in proofs), default=None),
        places=Places(today()),
    )


def _check_proposal(row: Initiative, to_stage: str, proposal: str) -> None:
    if proposal not in ENDINGS:
        raise GateRefused(f"Propose one of {', '.join(ENDINGS)}, not {proposal!r}.")
    stages = (
        list(Stage.objects.filter(template=row.stage.template_id).order_by("position"))
        if row.stage
        else default_stages()
    )
    specs = [spec_of(stage) for stage in stages]
    goal = stage_rules.find(to_stage, specs)
    here = row.stage.slug if row.stage else ""
    if proposal == "continue":
        if to_stage != here:
            raise GateRefused(f"To continue means to stay where it is, not to go to {goal.name}.")
        return
    if here:
        stage_rules.check_move(here, to_stage, reason="asked at a gate", template=specs)
    is_back = bool(here) and stage_rules.is_backward(here, to_stage, specs)
    fits = {"scale": not goal.is_final and not is_back, "pivot": is_back, "stop": goal.is_final}
    if not fits[proposal]:
        ways = {"scale": "forward", "pivot": "back", "stop": "to the final stage"}
        raise GateRefused(f"To {proposal} means to go {ways[proposal]}; {goal.name} is not there.")
