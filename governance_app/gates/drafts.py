"""What a draft of a policy must be before it may be kept: read whole, as strict as the floor."""

from collections.abc import Sequence
from typing import Any

from governance_app.domain import policy as policies
from governance_app.domain.policy import MODES, Policy
from governance_app.gates import facts as known
from governance_app.gates.examples import WORDS, floor_above
from governance_app.gates.judging import DECIDING, document_of
from governance_app.gates.refusing import GateRefused
from governance_app.people.models import ScopeNode


def read_draft(*, node: ScopeNode, document: Any) -> Policy:
    """
    Read a document as the policy of a node.

    Raises:
        BadPolicy, BadCondition: it cannot be read, or is looser than the organisation's.
        GateRefused: an approval could not hang on it, or a number of the organisation is missing.
    """
    policy = policies.read(document, known.FACTS, DECIDING)
    turning = sorted(set(policy.material) & known.MOVES_ITSELF)
    if turning:
        raise GateRefused(
            f"material: {turning[0]} changes by the decision itself, so no approval could hold."
        )
    check_floor(node=node, policy=policy)
    return policy


def read_examples(*, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """
    Read examples: a title, facts that exist, a mode, and what should happen.

    Raises:
        GateRefused: names the example by its place, and what it wants.
    """
    return [_example(each, at) for at, each in enumerate(rows, start=1)]


def check_floor(*, node: ScopeNode, policy: Policy) -> None:
    """
    Refuse a unit's policy that is looser than the organisation's, and one of the organisation
    that leaves a number out.
    """
    if node.kind == ScopeNode.Kind.ORGANISATION:
        missing = policy.distributed.missing
        if missing:
            raise GateRefused(f"distributed: the organisation's policy says {missing[0]}.")
        return
    floor = floor_above(node)
    if floor is None:
        raise GateRefused("The organisation has no policy in force yet; units add to it.")
    policies.check_tightens(document_of(floor), policy)


def _example(row: Any, at: int) -> dict[str, Any]:
    place = f"Example {at}"
    if not isinstance(row, dict) or not isinstance(row.get("facts"), dict):
        raise GateRefused(f"{place}: give a title, facts, a mode and what to expect.")
    strange = sorted(set(row["facts"]) - set(known.FACTS))
    if strange:
        raise GateRefused(f"{place}: there is no fact {strange[0]!r}.")
    if row.get("mode") not in MODES:
        raise GateRefused(f"{place}: the mode is one of {', '.join(MODES)}.")
    if row.get("expect") not in WORDS:
        raise GateRefused(f"{place}: expect one of {', '.join(WORDS)}.")
    title = str(row.get("title", "")).strip()
    if not title:
        raise GateRefused(f"{place}: give it a title.")
    return {"title": title, "facts": row["facts"], "mode": row["mode"], "expect": row["expect"]}
