"""Budget against actual, place by place and month by month, taken apart where data allows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from governance_app.books import selectors as books
from governance_app.domain import variance
from governance_app.domain.allocation import PLACES
from governance_app.domain.money import EXACT, convert, exact_sum, round_half_up
from governance_app.domain.periods import fiscal_year, month_range
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import Budget
from governance_app.spend.selectors.explore import SpendFilter, breakdown
from governance_app.spend.selectors.ledger import ledger_frames
from governance_app.spend.selectors.plan import (
    beside_bills,
    budget_parts,
    current_plan,
    of_node,
    owners_of,
)

_METERED = {
    "charge_month": pl.Date(), "consumed_unit": pl.String(), "consumed": pl.Decimal(38, 18),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class BudgetMonth:
    """A place with a budget in a month: budget, actual and the parts of the difference."""

    month: dt.date
    node: ScopeNode
    key: str
    owner: User | None
    currency: str
    budget: Decimal
    actual: Decimal
    parts: variance.Split

    @property
    def difference(self) -> Decimal:
        return EXACT.subtract(self.actual, self.budget)


def budget_variance(*, viewer: User, since: dt.date, until: dt.date) -> list[BudgetMonth]:
    """
    Compare every budget of the months asked for with what its place actually cost.

    Raises:
        MissingRate: a cost or a budget has no rate for its month.
        MissingDayRate: days were worked at a rate that nobody set.
    """
    currency = books.reporting_currency(on=until)
    lines = _lines(viewer, since, until)
    if not lines:
        return []
    spent = _spent(viewer, since, until)
    owners = owners_of(nodes={line.node_id for line in lines})
    pairs = {(line.currency, currency, line.month) for line in lines}
    planned = books.rates_of(pairs=pairs, kind="budget")
    actual_pairs = {(code, currency, month) for _, month, code, _ in spent}
    rates = books.rates_of(pairs=actual_pairs, kind="average") if actual_pairs else {}
    fixed = books.rates_into(quote=currency)
    groups: dict[tuple[str, dt.date], list[Budget]] = {}
    for line in lines:
        groups.setdefault((line.node.path, line.month), []).append(line)
    found = []
    for (path, month), group in sorted(groups.items(), key=lambda one: (one[0][1], one[0][0])):
        node = group[0].node
        budget = actual = Decimal(0)
        constant: Decimal | None = Decimal(0)
        for line in group:
            rate = planned[line.currency, currency, month]
            budget = EXACT.add(budget, convert(line.amount, rate))
        for place, when, code, amount in spent:
            if when != month or not place.startswith(path):
                continue
            actual = EXACT.add(actual, convert(amount, rates[code, currency, month]))
            used = fixed.get((code, month, "budget"))
            known = Decimal(1) if code == currency else used.value if used else None
            if constant is not None and known is not None:
                constant = EXACT.add(constant, convert(amount, known))
            else:
                constant = None
        budget, actual = _kept(budget), _kept(actual)
        constant = None if constant is None else _kept(constant)
        key, owner = owners.get(node.pk, ("", None))
        found.append(
            BudgetMonth(
                month, node, key, owner, currency, budget, actual,
                variance.split(
                    budget=budget, actual=actual, at_budget_rates=constant,
                    budget_quantity=_planned(group),
                    actual_quantity=_metered(viewer, node, month, group),
                ),
            )
        )  # fmt: skip
    return found


def _lines(viewer: User, since: dt.date, until: dt.date) -> list[Budget]:
    found: list[Budget] = []
    for year in sorted({y for m in month_range(since, until) for y in (_year_of(m),)}):
        plan = current_plan(fiscal_year=year)
        if plan is not None:
            rows = budget_parts(viewer=viewer, plan=plan)
            found += rows.filter(month__gte=since, month__lte=until)
    return found


def _year_of(month: dt.date) -> int:
    return fiscal_year(month, start_month=books.fiscal_start_month(on=month))


def _spent(viewer: User, since: dt.date, until: dt.date) -> list[tuple[str, dt.date, str, Decimal]]:
    """Give (path, month, currency, actual cost) of every initiative, and of costs of a place."""
    chosen = SpendFilter(since=since, until=until, is_unallocated=False)
    paths = dict(Initiative.objects.values_list("key", "node__path"))
    found = [
        (
            paths[cell.codes[0]], dt.date.fromisoformat(f"{cell.codes[1]}-01"), cell.currency,
            cell.effective,
        )
        for cell in breakdown(viewer=viewer, by=("initiative", "month"), chosen=chosen)
    ]  # fmt: skip
    beside = beside_bills(viewer=viewer, since=since, until=until)
    places = ScopeNode.objects.in_bulk({one.node_id for one in beside})
    return [
        *found,
        *((places[one.node_id].path, one.month, one.currency, one.amount) for one in beside),
    ]


def _planned(group: Sequence[Budget]) -> Decimal | None:
    """Give the quantity of a budget when all of it is stated in one unit."""
    units = {line.quantity_unit for line in group}
    if len(units) != 1 or not units - {""}:
        return None
    return sum((line.quantity or Decimal(0) for line in group), Decimal(0))


def _metered(
    viewer: User, node: ScopeNode, month: dt.date, group: Sequence[Budget]
) -> Decimal | None:
    if _planned(group) is None:
        return None
    chosen = of_node(node=node, chosen=SpendFilter(since=month, until=month))
    chosen = replace(chosen, is_unallocated=False)
    total, unit = None, group[0].quantity_unit
    for frame in ledger_frames(viewer=viewer, chosen=chosen, schema=_METERED):
        amount = frame.filter(pl.col("consumed_unit") == unit)["consumed"].drop_nulls()
        if len(amount):
            total = exact_sum([total or Decimal(0), *amount.to_list()])
    return total


def _kept(amount: Decimal) -> Decimal:
    """Round half up to the smallest unit the ledger holds; a rate has more digits."""
    return round_half_up(amount, PLACES)
