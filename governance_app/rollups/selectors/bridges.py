"""The value bridge over one initiative or a part of the tree: METHOD section 5."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance_app.domain import bridge as sums
from governance_app.domain.money import exact_sum
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment

#: Step -> what it holds, in words.
STEP_WORDS = {
    "adoption": "Adoption",
    "volume": "Volume",
    "unit_effect": "Effect per unit",
    "acceptance": "Acceptance",
    "capture": "Capture",
    "price": "Price",
    "scope and timing": "Scope and timing",
    "not yet reviewed": "Not yet reviewed",
    "rejected": "Rejected by finance",
    "validated": "Agreed more or less",
    "banked": "Validated, not banked",
}


@dataclass(frozen=True, slots=True)
class Bridge:
    """
    From the promise to the bank over months to ``through``, hard benefits only.

    ``steps`` sum exactly to what is banked less what was promised. ``problems`` are sentences
    about amounts that are left out: a currency without a rate.
    """

    currency: str
    through: dt.date
    promised: Decimal
    steps: tuple[sums.Step, ...]
    problems: tuple[str, ...] = ()

    @property
    def banked(self) -> Decimal:
        return self.steps[-1].after if self.steps else self.promised

    @property
    def is_empty(self) -> bool:
        """Whether nothing was promised and nothing was ever claimed or measured."""
        return not self.promised and not any(step.change for step in self.steps)


def value_bridge(
    *,
    viewer: User,
    as_of: Moment,
    node: ScopeNode | None = None,
    initiative: Initiative | None = None,
) -> Bridge | None:
    """
    Walk from what was promised to what is banked, since the start to the last complete month.

    Args:
        initiative: of this one alone; else of everything the viewer sees below ``node``.

    Returns:
        None for those who see no money there.
    """
    place = initiative.node if initiative is not None else node
    within = scope.roots(viewer=viewer, permission="money.view", node=place)
    if within.is_empty:
        return None
    rows = InitiativeNow.objects.known_at(as_of.known_at).filter(
        within.holds("initiative__node__path")
    )
    kept: list[dict[str, Any]] = list(rows.exclude(bridge={}).values_list("bridge", flat=True))
    promised = exact_sum(Decimal(each["promised"]) for each in kept)
    walks = [
        [sums.Step(name, Decimal(change), Decimal(0)) for name, change in each["steps"].items()]
        for each in kept
    ]
    return Bridge(
        as_of.currency,
        as_of.window.through,
        promised,
        tuple(sums.roll_up(walks, promised=promised)),
        tuple(dict.fromkeys(problem for each in kept for problem in each["problems"])),
    )
