"""Spend by unit against budget, with a year's line of months."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain import roi
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import add_months, month_range
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import PortfolioMonth
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment

SPARK_MONTHS = 12


@dataclass(frozen=True, slots=True)
class UnitSpend:
    """
    One unit, or "Unallocated" (``node_id`` None): actual and budget of the window, and the
    actual of the last twelve complete months. ``spent``: the actual of every month read.
    """

    node_id: uuid.UUID | None
    name: str
    actual: Decimal | None
    budget: Decimal | None
    gap: Decimal | None
    gap_ratio: float | None
    spark: tuple[Decimal | None, ...]
    spent: Mapping[dt.date, Decimal]
    left_out: int = 0


def spend_by_unit(
    *,
    viewer: User,
    as_of: Moment,
    node: ScopeNode | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    read_from: dt.date | None = None,
) -> list[UnitSpend]:
    """
    Give the units right below what the viewer sees whole, largest spend first, then unallocated.

    Args:
        node: the part of the tree to open; the viewer's whole part when None.
        first, last: the months to sum; the last complete month when left out.
        read_from: also the months from this one on, for comparing.

    Returns:
        Empty for those who may not see money. A viewer with single initiatives only has no
        units, and reads them one by one.
    """
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    begin, end = first or as_of.through, last or as_of.through
    spark = month_range(add_months(as_of.through, 1 - SPARK_MONTHS), as_of.through)
    children = [
        child
        for root in within.nodes
        for child in ScopeNode.objects.filter(parent=root, kind=ScopeNode.Kind.UNIT)
    ]
    shown = children or list(within.nodes)
    rows = PortfolioMonth.objects.known_at(as_of.known_at).filter(
        node__in=[*shown, *within.nodes],
        month__gte=min(begin, spark[0], read_from or begin),
        month__lte=end,
    )
    found: dict[tuple[uuid.UUID, str], dict[dt.date, PortfolioMonth]] = defaultdict(dict)
    for row in rows.only("node", "part", "month", "cost", "budget", "left_out"):
        found[row.node_id, row.part][row.month] = row
    lines = [
        _line(child.pk, child.name, found[child.pk, "allocated"], begin, end, spark)
        for child in shown
    ]
    lines.sort(key=lambda line: (-(line.actual or Decimal(0)), line.name))
    lines = [line for line in lines if line.actual is not None or line.budget is not None]
    nobody: dict[dt.date, PortfolioMonth] = {}
    for root in within.nodes:
        nobody |= found[root.pk, "unallocated"]
    if nobody and len(within.nodes) == 1:
        lines.append(_line(None, "Unallocated", nobody, begin, end, spark))
    return lines


def _line(
    node_id: uuid.UUID | None,
    name: str,
    rows: dict[dt.date, PortfolioMonth],
    first: dt.date,
    last: dt.date,
    spark: list[dt.date],
) -> UnitSpend:
    chosen = [rows[month] for month in sorted(rows) if first <= month <= last]
    actual = _sum([row.cost for row in chosen])
    budget = _sum([row.budget for row in chosen])
    gap = None if actual is None or budget is None else EXACT.subtract(actual, budget)
    return UnitSpend(
        node_id=node_id,
        name=name,
        actual=actual,
        budget=budget,
        gap=gap,
        gap_ratio=roi.ratio(gap, budget) if gap is not None and budget else None,
        spark=tuple(rows[month].cost if month in rows else None for month in spark),
        spent={month: row.cost for month, row in rows.items() if row.cost is not None},
        left_out=max((row.left_out.get("cost", 0) for row in chosen), default=0),
    )


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return exact_sum(known) if known else None
