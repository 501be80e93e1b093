"""Whether something may enter a stage now: asked by every stage move and by deploy pipelines."""

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, When
from django.utils import timezone

from governance_app.audit.sealing import keys
from governance_app.domain import gates as engine
from governance_app.domain.errors import Sentence
from governance_app.gates.judging import Judged, Places, judge, judge_again
from governance_app.gates.models import BreakGlass, GateRequest
from governance_app.initiatives.models import Initiative


class GateNotMet(Sentence):
    """A stage that a policy guards and nobody let the initiative into; says what is missing."""


@dataclass(frozen=True)
class Answer:
    """Allow or deny, with the reasons, the approval it rests on and until when that holds."""

    allowed: bool
    reasons: tuple[str, ...]
    verdict: engine.Verdict | None = None
    request: GateRequest | None = None
    glass: BreakGlass | None = None
    valid_until: dt.date | None = None


def guard(*, initiative: Initiative, to: str) -> None:
    """
    Let a stage move pass, or refuse it with what is missing; a guard of ``STAGE_GUARDS``.

    Raises:
        GateNotMet: a policy guards the stage and no approval or emergency opens it.
    """
    found = answer(initiative=initiative, stage=to, now=timezone.now())
    if not found.allowed:
        raise GateNotMet(" ".join(found.reasons))


def answer(
    *, initiative: Initiative, stage: str, now: dt.datetime, model_version: str = ""
) -> Answer:
    """
    Say whether an initiative may enter or stay in a stage, with a version when one is named.

    An approval counts while its material facts are what they were, its time is not over, and it
    is for that version.
    """
    on = timezone.localdate(now)
    places = Places(on)
    if places.is_empty:
        return Answer(True, ("No gate policy is in force.",))
    found = _approval(initiative, stage, on, model_version)
    if found is not None:
        return _of_approval(found, stage, on, model_version)
    judged = judge(
        initiative=initiative, to_stage=stage, on=on, model_version=model_version,
        proposal=_proposal(initiative, stage), places=places,
    )  # fmt: skip
    verdict = judged.verdict
    if not verdict.is_guarded:
        return Answer(True, (f"No policy guards {stage}.",), verdict)
    glass = _glass(initiative, stage, now)
    if glass is not None and not verdict.is_forbidden:
        return Answer(
            True,
            (f"An emergency move opened it until {glass.lapses_at:%d %b %Y %H:%M} UTC.",),
            verdict,
            glass=glass,
            valid_until=timezone.localdate(glass.lapses_at),
        )
    if not verdict.steps and not verdict.is_blocked:
        return Answer(True, ("Every check passes and nobody has to be asked.",), verdict)
    return Answer(False, _missing(initiative, stage, judged), verdict)


def signed(*, statement: dict[str, Any]) -> str:
    """Sign a statement as a compact JWS with the installation's key (EdDSA)."""
    key = keys.signing_key()
    head = {"alg": "EdDSA", "kid": key.name, "typ": "gate-check+jwt"}
    body = f"{_part(head)}.{_part(statement)}"
    return f"{body}.{_base64(key.sign(body.encode()))}"


def _of_approval(found: GateRequest, stage: str, on: dt.date, model_version: str) -> Answer:
    if model_version and found.model_version and model_version != found.model_version:
        reason = f"{found} approved version {found.model_version}, not {model_version}."
        return Answer(False, (reason,), request=found)
    if model_version and not found.model_version:
        reason = f"{found} names no version, so it cannot stand for {model_version}."
        return Answer(False, (reason,), request=found)
    now = judge_again(request=found, on=on)
    if now.facts_hash != found.facts_hash:
        changed = engine.changed_facts(found.facts, now.facts, now.force.policy.material)
        reason = f"{found} was overtaken: {', '.join(changed)} changed since. Ask again."
        return Answer(False, (reason,), now.verdict, found)
    if now.verdict.is_blocked:
        told = "; ".join(f"{each.title} ({each.why})" for each in now.verdict.blocks)
        return Answer(
            False, (f"{found} is approved, but now blocked: {told}.",), now.verdict, found
        )
    until = f" until {found.valid_until:%d %b %Y}" if found.valid_until else ""
    return Answer(True, (f"{found} approved it{until}.",), now.verdict, found,
                  valid_until=found.valid_until)  # fmt: skip


def _approval(initiative: Initiative, stage: str, on: dt.date, version: str) -> GateRequest | None:
    """Give the newest approval that holds, of the version asked for when there is one."""
    rows = GateRequest.objects.filter(
        initiative=initiative, to_stage=stage, state=GateRequest.State.APPROVED
    ).exclude(valid_until__lt=on)
    is_of_version = Case(When(model_version=version, then=1), default=0)
    found = rows.order_by(is_of_version.desc(), "-decided_at", "-pk").first()
    if found is not None:
        found.initiative = initiative
    return found


def _glass(initiative: Initiative, stage: str, now: dt.datetime) -> BreakGlass | None:
    """Give the emergency that is running: not lapsed, and confirmed in time."""
    rows = BreakGlass.objects.filter(
        initiative=initiative, to_stage=stage, lapses_at__gt=now
    ).exclude(finding=BreakGlass.Finding.NOT)
    for row in rows.order_by("-opened_at", "-pk"):
        if row.confirmed_at is not None or now <= row.confirm_by:
            return row
    return None


def _proposal(initiative: Initiative, stage: str) -> str:
    """Guess what a bare move means: onwards, back, to the end, or staying."""
    here = initiative.stage
    if here is None:
        return "scale"
    if here.slug == stage:
        return "continue"
    goal = here.template.stages.filter(slug=stage).first()
    if goal is None:
        return "scale"
    if goal.is_final:
        return "stop"
    return "pivot" if goal.position < here.position else "scale"


def _missing(initiative: Initiative, stage: str, judged: Judged) -> tuple[str, ...]:
    verdict = judged.verdict
    reasons = [f"Before {stage}: {each.title} ({each.why})." for each in verdict.blocks]
    waiting = (
        GateRequest.objects.filter(
            initiative=initiative, to_stage=stage, state=GateRequest.State.IN_REVIEW
        )
        .order_by("-number")
        .first()
    )
    people = ", ".join(step.title for step in verdict.steps)
    if waiting is not None:
        reasons.append(f"{waiting} waits for a decision by {people}.")
    else:
        reasons.append(
            f"{stage.capitalize()} needs a decision at its gate by {people}: ask for it."
        )
    return tuple(reasons)


def _part(data: dict[str, Any]) -> str:
    return _base64(json.dumps(data, separators=(",", ":"), sort_keys=True).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
