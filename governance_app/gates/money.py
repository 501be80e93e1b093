"""What a gate decides on in money: flows to come, and what a stop sets free. METHOD section 4."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from governance_app.books import selectors as books
from governance_app.domain import roi
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, convert, exact_sum
from governance_app.domain.periods import fiscal_year, month_of
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.value import selectors as value
from governance_app.value.models import CaseLine

NO_CASE = "No business case has been approved or drafted."


@dataclass(frozen=True, slots=True)
class Released:
    """
    What stopping sets free, in the reporting currency, with its three terms.

    Unspent funding less commitments that cannot be cancelled less what leaving costs.
    """

    currency: str
    amount: Figure[Decimal]
    unspent: Figure[Decimal]
    committed: Figure[Decimal]
    exit_cost: Figure[Decimal]

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON for the record of a stop."""
        return {
            "currency": self.currency,
            **{
                name: getattr(self, name).as_json()
                for name in ("amount", "unspent", "committed", "exit_cost")
            },
        }


def released_by_stop(*, initiative: Initiative, viewer: User, on: dt.date) -> Released:
    """Sum what a stop on a day would set free; null with the reason where a term is unknown."""
    currency = books.reporting_currency(on=on)
    terms = (
        _unspent(initiative, viewer, on),
        _committed(initiative, viewer, on, currency),
        _exit_cost(initiative, viewer, on, currency),
    )
    reasons = [term.reason for term in terms if not term.known]
    amount: Figure[Decimal] = (
        Null(" ".join(reasons))
        if reasons
        else Figure(roi.released_by_stop(*(term.need() for term in terms)))
    )
    return Released(currency, amount, *terms)


def to_go(*, initiative: Initiative, viewer: User, on: dt.date) -> Figure[roi.ToGo]:
    """
    Give what going on is worth from a day: flows to come, exit cost included, sunk beside.

    Before a case is approved its draft is what the gate decides on.
    """
    found = value.values_of(viewer=viewer, initiatives=[initiative.pk], on=on)[initiative.pk]
    if found.case is None:
        return _to_go_of_draft(initiative, viewer, on)
    if found.problems:
        return Null(" ".join(found.problems))
    zero = Decimal(0)
    flows = [
        roi.MonthFlow(month.month, month.cost_planned or zero, month.promised or zero)
        for month in found.months
    ]
    return Figure(roi.to_go(flows, decision_month=month_of(on), annual_rate=found.case.annual_rate))


def _to_go_of_draft(initiative: Initiative, viewer: User, on: dt.date) -> Figure[roi.ToGo]:
    case = value.cases(initiative=initiative, viewer=viewer).filter(state="draft").first()
    if case is None:
        return Null(NO_CASE)
    quote = books.reporting_currency(on=on)
    lines = list(value.case_lines(case=case, viewer=viewer))
    pairs = {(case.currency, quote, line.month) for line in lines}
    try:
        rates = books.rates_of(pairs=pairs, kind="budget")
    except books.MissingRate as error:
        return Null(str(error))
    flows = []
    for line in lines:
        amount = convert(line.amount, rates[case.currency, quote, line.month])
        if line.side == "cost":
            flows.append(roi.MonthFlow(line.month, amount, Decimal(0)))
        elif line.category in value.MONEY_TYPES:
            flows.append(roi.MonthFlow(line.month, Decimal(0), amount))
    return Figure(roi.to_go(flows, decision_month=month_of(on), annual_rate=case.annual_rate))


def _unspent(initiative: Initiative, viewer: User, on: dt.date) -> Figure[Decimal]:
    """Give the budget of the fiscal year less what was spent of it."""
    start = books.fiscal_start_month(on=on)
    try:
        year = spend.plan_year(
            viewer=viewer,
            fiscal_year=fiscal_year(on, start_month=start),
            on=on,
            node=initiative.node,
        )
    except books.MissingRate as error:
        return Null(str(error))
    if year.budget is None:
        return Null("It has no budget for this fiscal year.")
    return Figure(EXACT.subtract(year.budget, year.spent))


def _committed(initiative: Initiative, viewer: User, on: dt.date, currency: str) -> Figure[Decimal]:
    """Give what is ordered and not yet invoiced."""
    own = spend.close.commitments(viewer=viewer, on=on, node=initiative.node)
    return _in_currency([(each.open, each.order.currency, month_of(on)) for each in own], currency)


def _exit_cost(initiative: Initiative, viewer: User, on: dt.date, currency: str) -> Figure[Decimal]:
    """Give what the business case plans for its retirement, whenever it comes."""
    case = value.cases(initiative=initiative, viewer=viewer).first()
    if case is None:
        return Null("No business case says what leaving costs.")
    lines = CaseLine.objects.filter(case=case, side="cost", category="retirement")
    rows = [
        (amount, case.currency, month_of(on)) for amount in lines.values_list("amount", flat=True)
    ]
    return _in_currency(rows, currency)


def _in_currency(rows: list[tuple[Decimal, str, dt.date]], currency: str) -> Figure[Decimal]:
    try:
        return Figure(
            exact_sum(
                convert(amount, books.rate(base=base, quote=currency, month=month, kind="budget"))
                for amount, base, month in rows
            )
        )
    except books.MissingRate as error:
        return Null(str(error))
