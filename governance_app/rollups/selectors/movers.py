"""Which units and which categories of cost moved spend since a day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

from governance_app.books.selectors import MissingRate
from governance_app.domain import roi
from governance_app.domain.money import EXACT, exact_sum
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.selectors.moments import Compared, Moment, compared
from governance_app.rollups.selectors.units import UnitSpend
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter


@dataclass(frozen=True, slots=True)
class Mover:
    """
    A unit or a category whose spend moved.

    ``code``: the id of the unit, "" for what nobody bears; the category as bills name it.
    ``share``: its part of what all of its kind moved by together, 0 to 1; None where it moved
    the other way or by more than all of them.
    """

    kind: str
    code: str
    name: str
    moved: Decimal
    share: float | None


@dataclass(frozen=True, slots=True)
class Movers:
    """
    The largest movers of each kind, over which months, and how many moved at all.

    ``reason``: why categories are not told; empty where they are.
    """

    compared: Compared
    currency: str
    lines: tuple[Mover, ...]
    count: int
    reason: str = ""


def spend_movers(
    *,
    viewer: User,
    as_of: Moment,
    since: dt.date,
    units: Sequence[UnitSpend],
    per_kind: int,
    node: ScopeNode | None = None,
) -> Movers:
    """
    Give the units and the categories whose spend moved most against as many months before.

    Units count all they cost, categories what was billed to them (effective). The ledger keeps
    no former states, so the categories of a past day are not told.

    Args:
        units: as ``spend_by_unit`` gives them, read from ``compared(...).before`` on.
    """
    span = compared(at=as_of, since=since)
    by_unit = {
        (str(unit.node_id or ""), unit.name): _moved(unit.spent.items(), span) for unit in units
    }
    by_category: dict[tuple[str, str], Decimal] = {}
    reason = ""
    if as_of.known_at is not None:
        reason = "How bills were split by category is not kept for a past day."
    else:
        try:
            by_category = _categories(viewer, as_of, span, node)
        except MissingRate as missing:
            reason = str(missing)
    found = [_largest("unit", by_unit, per_kind), _largest("category", by_category, per_kind)]
    return Movers(
        compared=span,
        currency=as_of.currency,
        lines=tuple(line for lines in found for line in lines),
        count=sum(1 for moved in (*by_unit.values(), *by_category.values()) if moved),
        reason=reason,
    )


def _categories(
    viewer: User, at: Moment, span: Compared, node: ScopeNode | None
) -> dict[tuple[str, str], Decimal]:
    chosen = spend.of_node(node=node, chosen=SpendFilter(since=span.before, until=span.last))
    spent: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for one in spend.amounts_in(
        viewer=viewer, by=("category", "month"), chosen=chosen, basis="effective",
        currency=at.currency,
    ):  # fmt: skip
        month = dt.date.fromisoformat(f"{one.codes[1]}-01")
        spent[one.codes[0], one.labels[0]].append((month, one.amount or Decimal(0)))
    return {who: _moved(months, span) for who, months in spent.items()}


def _moved(months: Iterable[tuple[dt.date, Decimal]], span: Compared) -> Decimal:
    """Subtract the months before from those since."""
    return exact_sum(
        amount if month >= span.first else -amount
        for month, amount in months
        if span.before <= month <= span.last
    )


def _largest(kind: str, moved: Mapping[tuple[str, str], Decimal], limit: int) -> list[Mover]:
    whole = exact_sum(moved.values())
    return [
        Mover(kind, *who, moved[who], _share(moved[who], whole))
        for who in nsmallest(
            limit, (who for who in moved if moved[who]), key=lambda who: (-abs(moved[who]), who)
        )
    ]


def _share(moved: Decimal, whole: Decimal) -> float | None:
    if EXACT.multiply(moved, whole) <= 0 or abs(moved) > abs(whole):
        return None
    return roi.ratio(moved, whole)
