"""Examples of a policy: with these facts this happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from governance_app.domain import gates as engine
from governance_app.domain import policy as policies
from governance_app.domain.policy import Policy
from governance_app.gates import facts as known
from governance_app.gates.judging import document_of
from governance_app.gates.models import PolicyVersion
from governance_app.people.models import ScopeNode


def examples_of(*, node: ScopeNode, document: Policy, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Evaluate each example under a policy with the floor above it; say which come out wrong."""
    floor = floor_above(node)
    policy = document if floor is None else policies.joined(document_of(floor), document)
    found = []
    for row in rows:
        verdict = engine.evaluate(
            policy, row["facts"], known.FACTS, mode=row["mode"], on=timezone.localdate()
        )
        outcome = outcome_of(verdict)
        found.append(
            {
                **row,
                "verdict": verdict,
                "outcome": outcome,
                "found": WORDS[outcome],
                "differs": outcome != row["expect"],
            }
        )
    return found


#: What may come out, in words.
WORDS: Mapping[str, str] = {
    "passes": "passes without asking anybody",
    "asks": "is green and asks the usual people",
    "escalates": "escalates",
    "blocks": "is blocked",
    "unguarded": "meets no rule",
}


def outcome_of(verdict: engine.Verdict) -> str:
    """
    Name what a verdict comes to, for examples and for the page.

    >>> outcome_of(engine.Verdict((), (), (), "central"))
    'unguarded'
    """
    if not verdict.is_guarded:
        return "unguarded"
    if verdict.is_blocked:
        return "blocks"
    if verdict.is_escalated:
        return "escalates"
    return "asks" if verdict.steps else "passes"


def floor_above(node: ScopeNode) -> PolicyVersion | None:
    """Give the organisation's policy in force above a unit; None for the organisation itself."""
    if node.kind == ScopeNode.Kind.ORGANISATION:
        return None
    return PolicyVersion.objects.filter(
        node__kind=ScopeNode.Kind.ORGANISATION, state="active"
    ).first()
