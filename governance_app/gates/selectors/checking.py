"""The gate check of deploy pipelines, the outlook of a gate before anybody asks, and examples."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from governance_app.audit.sealing import keys
from governance_app.books.selectors import setting
from governance_app.domain import roi
from governance_app.domain.conditions import shown, value_of
from governance_app.domain.figures import Figure, Null
from governance_app.domain.policy import Policy, facts_of
from governance_app.gates import facts as known
from governance_app.gates import guarding, money
from governance_app.gates.examples import examples_of
from governance_app.gates.judging import Judged, document_of, judge, judge_again
from governance_app.gates.models import GateRequest, PolicyVersion
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a pipeline, and the same signed."""

    statement: dict[str, Any]
    token: str


def check(
    *, viewer: User, initiative: Initiative, stage: str, model_version: str, now: dt.datetime
) -> Checked:
    """
    Say whether a version of an initiative may go into a stage now, signed and with reasons.

    Raises:
        Refused: the viewer may not see the initiative.
    """
    access.require(viewer, "view", initiative)
    found = guarding.answer(
        initiative=initiative, stage=stage, now=now, model_version=model_version
    )
    seconds = int(setting(key="gate_token_seconds", on=now.date()))
    statement = {
        "initiative": initiative.key,
        "stage": stage,
        "version": model_version,
        "decision": "allow" if found.allowed else "deny",
        "reasons": list(found.reasons),
        "request": str(found.request) if found.request else None,
        "valid_until": found.valid_until.isoformat() if found.valid_until else None,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
    }
    return Checked(statement, guarding.signed(statement=statement))


def public_key() -> dict[str, str]:
    """Give the name and the public half of the key that signs answers."""
    name = keys.signing_key().name
    return {"kid": name, "alg": "EdDSA", "pem": keys.public_keys().pem(name)}


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact as a person reads it, and on which day it was last known to be true."""

    name: str
    title: str
    shown: str
    is_known: bool
    is_material: bool
    known_on: dt.date | None
    was: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a gate says now: the verdict, the facts by line, and the money to decide on."""

    judged: Judged
    facts: tuple[FactLine, ...]
    to_go: Figure[roi.ToGo]
    released: money.Released | None

    @property
    def changed(self) -> tuple[FactLine, ...]:
        """The material facts that are no longer what they were."""
        return tuple(line for line in self.facts if line.was)


def outlook(
    *, viewer: User, initiative: Initiative, on: dt.date, request: GateRequest | None = None,
    stage: str = "", proposal: str = "scale",
) -> Outlook:  # fmt: skip
    """
    Judge a gate as it stands: a submitted request by its own policies, else by those in force.

    Money is given only where the viewer sees it.
    """
    if request is not None and request.submitted_at is not None:
        judged = judge_again(request=request, on=on)
        frozen = request.facts if request.state == "in_review" else judged.facts
    else:
        proofs = list(request.evidence.values_list("kind", "collected_on")) if request else []
        judged = judge(
            initiative=initiative,
            to_stage=request.to_stage if request else stage,
            on=on,
            model_version=request.model_version if request else "",
            proposal=request.proposal if request else proposal,
            evidence=[kind for kind, _ in proofs] if request else None,
            evidence_on=min((day for _, day in proofs), default=None),
        )
        frozen = judged.facts
    sees = access.sees_money(viewer, initiative.node)
    return Outlook(
        judged=judged,
        facts=facts_now(judged=judged, frozen=dict(frozen)),
        to_go=money.to_go(initiative=initiative, viewer=viewer, on=on)
        if sees
        else Null("You may not see money here."),
        released=money.released_by_stop(initiative=initiative, viewer=viewer, on=on)
        if sees
        else None,
    )


def facts_now(*, judged: Judged, frozen: dict[str, Any]) -> tuple[FactLine, ...]:
    """Give the facts that the policies ask about, with what they were when frozen."""

    lines = []
    for name in sorted(facts_of(judged.force.policy), key=lambda each: known.FACTS[each].title):
        spec = known.FACTS[name]
        value = value_of(spec, judged.facts)
        before = value_of(spec, frozen)
        is_material = name in judged.force.policy.material
        lines.append(
            FactLine(
                name=name,
                title=spec.title,
                shown=shown(spec, value),
                is_known=value is not None,
                is_material=is_material,
                known_on=judged.known_on.get(name),
                was=shown(spec, before) if is_material and before != value else "",
            )
        )
    return tuple(lines)


def standing_examples(*, policy: PolicyVersion) -> list[dict[str, Any]]:
    """Give the examples of a version with what happens to each."""
    return examples_of(node=policy.node, document=document_of(policy), rows=policy.examples)


def read(*, policy: PolicyVersion) -> Policy:
    """Give the rules of a version as the engine reads them."""
    return document_of(policy)
