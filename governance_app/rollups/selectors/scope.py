"""What a viewer's part of the tree sums to, month by month."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import exact_sum
from governance_app.initiatives.models import Initiative
from governance_app.people.access import scope_paths
from governance_app.people.models import ScopeNode, User
from governance_app.rollups import cash
from governance_app.rollups.models import InitiativeMonth, PortfolioMonth
from governance_app.rollups.selectors.moments import Moment

COLUMNS = InitiativeMonth.MONEY


@dataclass(slots=True)
class MonthSums:
    """
    The sums of one month over a scope.

    ``amounts``: allocated to initiatives; ``unallocated``: borne by nobody. ``left_out``:
    column -> initiatives that have something there which cannot be told.
    """

    month: dt.date
    amounts: dict[str, Decimal] = field(default_factory=dict)
    unallocated: Decimal | None = None
    unallocated_paid: Decimal | None = None
    unallocated_reason: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    reviewed: int = 0

    @property
    def spend(self) -> Decimal | None:
        """Full cost: what initiatives bear and what nobody does."""
        parts = [self.amounts.get("cost"), self.unallocated]
        known = [part for part in parts if part is not None]
        return exact_sum(known) if known else None

    @property
    def paid(self) -> Decimal | None:
        """What was paid, by initiatives and for nobody."""
        return _plus(cash.paid(self.amounts), self.unallocated_paid)

    def amount(self, column: str) -> Decimal | None:
        """Give a column; ``spend`` is the full cost, ``paid`` what went out."""
        if column == "paid":
            return self.paid
        return self.spend if column == "spend" else self.amounts.get(column)


@dataclass(frozen=True, slots=True)
class Roots:
    """The parts of the tree that count: nodes read whole, and single initiatives."""

    nodes: tuple[ScopeNode, ...] = ()
    initiatives: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.nodes or self.initiatives)

    def holds(self, lookup: str) -> Q:
        """
        Give the condition that something stands inside; none for the whole organisation.

        Args:
            lookup: where the scope path is found, as in ``initiative__node__path``.
        """
        if any(node.kind == ScopeNode.Kind.ORGANISATION for node in self.nodes):
            return Q()
        below = Q(pk=None)
        for path in (*(node.path for node in self.nodes), *self.initiatives):
            below |= Q(**{f"{lookup}__startswith": path})
        return below

    def initiatives_within(self) -> QuerySet[Initiative]:
        """Give every initiative inside."""
        return Initiative.objects.filter(self.holds("node__path"))


def roots(*, viewer: User, permission: str, node: ScopeNode | None = None) -> Roots:
    """
    Give where the viewer holds a permission, cut to what stands in ``node`` if there is one.

    Read once per user object, as grants are: every part of a page asks.
    """
    wanted: list[str] = []
    for path in scope_paths(viewer, permission):
        if node is None or path.startswith(node.path):
            wanted.append(path)
        elif node.path.startswith(path):
            wanted.append(node.path)
    known: dict[tuple[str, ...], Roots] = viewer.__dict__.setdefault("_roots", {})
    asked = tuple(wanted)
    if asked not in known:
        found = _roots(wanted)
        if found.is_empty:
            return found
        known[asked] = found
    return known[asked]


def _roots(wanted: list[str]) -> Roots:
    """Read the nodes at some paths; the empty path is the organisation."""
    whole = Q(kind=ScopeNode.Kind.ORGANISATION) if "" in wanted else Q(pk=None)
    found = list(ScopeNode.objects.filter(whole | Q(path__in=wanted)).order_by("path"))
    return Roots(
        tuple(each for each in found if each.kind != ScopeNode.Kind.INITIATIVE),
        tuple(each.path for each in found if each.kind == ScopeNode.Kind.INITIATIVE),
    )


def months(
    *,
    within: Roots,
    at: Moment,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> list[MonthSums]:
    """Sum a scope by month, oldest first; months without any figure are missing."""
    found: dict[dt.date, MonthSums] = {}
    span = Q()
    if first is not None:
        span &= Q(month__gte=first)
    if last is not None:
        span &= Q(month__lte=last)
    rows = PortfolioMonth.objects.known_at(at.known_at).filter(span, node__in=within.nodes)
    for row in rows.values("month", "part", "reasons", "left_out", "reviewed", *COLUMNS):
        sums = found.setdefault(row["month"], MonthSums(row["month"]))
        if row["part"] == PortfolioMonth.Part.UNALLOCATED:
            sums.unallocated = _plus(sums.unallocated, row["cost"])
            sums.unallocated_paid = _plus(sums.unallocated_paid, cash.paid(row))
            sums.unallocated_reason = sums.unallocated_reason or row["reasons"].get("cost", "")
            continue
        for column in COLUMNS:
            _add(sums.amounts, column, row[column])
        for column, count in row["left_out"].items():
            sums.left_out[column] = sums.left_out.get(column, 0) + count
        sums.reviewed += row["reviewed"]
    if within.initiatives:
        _add_single(found, within.initiatives, at, span)
    return [found[month] for month in sorted(found)]


def total(
    rows: list[MonthSums], column: str, first: dt.date | None, last: dt.date | None
) -> Figure[Decimal]:
    """Sum a column over months, both ends included; null when there is nothing."""
    known = [
        amount
        for row in rows
        if (first is None or row.month >= first) and (last is None or row.month <= last)
        if (amount := row.amount(column)) is not None
    ]
    return Figure(exact_sum(known)) if known else Null("Nothing is recorded for these months.")


def left_out(
    *, within: Roots, at: Moment, column: str, first: dt.date | None, last: dt.date | None
) -> int:
    """Count the initiatives that have something in a column which cannot be told."""
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        within.holds("initiative__node__path"), reasons__has_key=column
    )
    if first is not None:
        rows = rows.filter(month__gte=first)
    if last is not None:
        rows = rows.filter(month__lte=last)
    return rows.values("initiative").distinct().count()


def _add_single(
    found: dict[dt.date, MonthSums], paths: tuple[str, ...], at: Moment, span: Q
) -> None:
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        span, initiative__node__path__in=paths
    )
    counts: dict[dt.date, dict[str, int]] = defaultdict(dict)
    for month, reasons in rows.exclude(reasons={}).values_list("month", "reasons"):
        for column in reasons:
            counts[month][column] = counts[month].get(column, 0) + 1
    summed: Iterable[Mapping[str, Any]] = (
        rows.order_by()
        .values("month")
        .annotate(
            **{f"sum_{column}": Sum(column) for column in COLUMNS},
            reviewed=Count("pk", filter=Q(is_reviewed=True)),
        )
    )
    for row in summed:
        sums = found.setdefault(row["month"], MonthSums(row["month"]))
        for column in COLUMNS:
            _add(sums.amounts, column, row[f"sum_{column}"])
        for column, count in counts[row["month"]].items():
            sums.left_out[column] = sums.left_out.get(column, 0) + count
        sums.reviewed += row["reviewed"]


def _add(amounts: dict[str, Decimal], column: str, amount: Decimal | None) -> None:
    added = _plus(amounts.get(column), amount)
    if added is not None:
        amounts[column] = added


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return other if one is None else one
    return exact_sum([one, other])
