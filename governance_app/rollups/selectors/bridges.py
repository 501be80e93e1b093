"""The value bridge over one initiative or a part of the tree: METHOD section 5."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from governance_app.domain import bridge as sums
from governance_app.domain.money import EXACT
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.gather.rates import ACTUAL, Converter
from governance_app.rollups.models import InitiativeMonth
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.value.models import BenefitMonth

#: Step -> what it holds, in words.
STEP_WORDS = {
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
    through = as_of.window.through
    promised = InitiativeMonth.objects.known_at(as_of.known_at).filter(
        within.holds("initiative__node__path"), month__lte=through
    )
    total = promised.aggregate(total=Sum("promised"))["total"] or Decimal(0)
    rows = (
        BenefitMonth.objects.filter(
            within.holds("initiative__node__path"),
            benefit__benefit_type="hard",
            month__lte=through,
        )
        .order_by()
        .values("month", "currency")
        .annotate(
            all_measured=Sum("measured"),
            unreviewed=Sum("measured", filter=Q(review="")),
            refused=Sum("measured", filter=Q(review="rejected")),
            agreed=Sum("validated"),
            booked=Sum("banked"),
        )
        .order_by("month", "currency")
    )
    converter = Converter(as_of.currency)
    levels = dict.fromkeys(
        ("all_measured", "unreviewed", "refused", "agreed", "booked"), Decimal(0)
    )
    problems: dict[str, None] = {}
    for each in rows:
        row: dict[str, Any] = dict(each)
        for name in levels:
            if row[name] is None:
                continue
            converted = converter.convert(row[name], row["currency"], row["month"], ACTUAL)
            if converted.amount is None:
                problems[converted.reason] = None
            else:
                levels[name] = EXACT.add(levels[name], converted.amount)
    crossing = sums.Crossing(
        promised=total,
        measured=levels["all_measured"],
        unreviewed=levels["unreviewed"],
        rejected=levels["refused"],
        validated=levels["agreed"],
        banked=levels["booked"],
    )
    return Bridge(as_of.currency, through, total, tuple(sums.cross(crossing)), tuple(problems))
