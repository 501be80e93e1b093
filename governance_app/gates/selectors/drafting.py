"""Trying a draft before it is kept: what it would say to its examples, what it would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from governance_app.domain.policy import Policy
from governance_app.gates.drafts import read_draft, read_examples
from governance_app.gates.examples import examples_of, floor_above
from governance_app.gates.judging import NOTHING, document_of
from governance_app.gates.models import PolicyVersion
from governance_app.gates.selectors.policies import Difference, differences_of, policies
from governance_app.people.models import ScopeNode, User


@dataclass(frozen=True, slots=True)
class Tried:
    """
    A draft as it would be: its examples with what happens to each, what it changes.

    ``against``: the version in force that it is compared with; None for the first one.
    """

    policy: Policy
    examples: tuple[dict[str, Any], ...]
    against: PolicyVersion | None
    differences: tuple[Difference, ...]

    @property
    def wrong(self) -> int:
        """How many examples come out differently from what they expect."""
        return sum(1 for each in self.examples if each["differs"])


def tried(*, viewer: User, node: ScopeNode, document: Any, examples: Sequence[Any]) -> Tried:
    """
    Judge the examples of a draft as if it were in force; nothing is written.

    Raises:
        BadPolicy, BadCondition, GateRefused: it could not be kept as it stands; says where.
    """
    policy = read_draft(node=node, document=document)
    rows = read_examples(rows=examples)
    against = policies(viewer=viewer).filter(node=node, state="active").first()
    before = document_of(against) if against else NOTHING
    return Tried(
        policy=policy,
        examples=tuple(examples_of(node=node, document=policy, rows=rows)),
        against=against,
        differences=tuple(differences_of(before=before, after=policy)),
    )


def floor_of(*, node: ScopeNode) -> PolicyVersion | None:
    """Give the organisation's version that binds a unit; it binds everybody, so all may read it."""
    return floor_above(node)
