"""What an initiative returns, on each rung of the evidence ladder. METHOD section 4."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from governance_app.books.selectors import setting
from governance_app.domain import bridge, roi
from governance_app.domain.figures import Figure
from governance_app.domain.money import exact_sum
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.value.selectors.months import MONEY_TYPES, InitiativeValue, values_of


@dataclass(frozen=True, slots=True)
class RungReturns:
    """
    The returns on one rung; None with the reason when the rung was not reached at all.

    ``promised`` is the life cycle of the approved case; the other rungs are since inception.
    """

    rung: str
    currency: str
    returns: roi.Returns | None
    reason: str = ""
    warnings: tuple[str, ...] = ()


def returns(
    *,
    initiative: Initiative,
    viewer: User,
    on: dt.date,
    costs: Mapping[dt.date, Decimal],
    types: Collection[str] = MONEY_TYPES,
    paid: Mapping[dt.date, Decimal] | None = None,
) -> dict[str, RungReturns]:
    """
    Give the returns of one initiative on every rung.

    Args:
        on: the day of looking; actual months after it do not count.
        costs: month -> actual cost in the reporting currency (``spend.selectors``).
        types: benefit types that count.
        paid: month -> what was paid, where it is told apart from the cost; NPV counts it.

    Returns:
        rung -> returns, for promised, claimed, measured, validated and banked.
    """
    found = values_of(viewer=viewer, initiatives=[initiative.pk], on=on, types=types)
    rate = Decimal(str(setting(key="discount_rate", on=on, node=initiative.node)))
    return returns_of_value(
        value=found[initiative.pk], on=on, costs=costs, annual_rate=rate, paid=paid
    )


def returns_of_value(
    *,
    value: InitiativeValue,
    on: dt.date,
    costs: Mapping[dt.date, Decimal],
    annual_rate: Decimal,
    paid: Mapping[dt.date, Decimal] | None = None,
) -> dict[str, RungReturns]:
    """Give the returns on every rung from months that were read already."""
    return {
        rung: (
            _promised(value)
            if rung == "promised"
            else _actual(value, rung, on, costs, paid, annual_rate)
        )
        for rung in bridge.RUNGS
    }


def realised(*, value: InitiativeValue) -> Figure[float]:
    """Give validated / promised over the months that finance has reviewed."""
    months = [month for month in value.months if month.is_reviewed]
    return roi.realisation(
        exact_sum(month.validated or Decimal(0) for month in months),
        exact_sum(month.promised or Decimal(0) for month in months),
        months_reviewed=len(months),
    )


def _promised(value: InitiativeValue) -> RungReturns:
    case = value.case
    if case is None:
        reason = "No business case has been approved."
        return RungReturns("promised", value.currency, None, reason)
    flows = [
        roi.MonthFlow(each.month, each.cost_planned or Decimal(0), each.promised or Decimal(0))
        for each in value.months
        if each.cost_planned is not None or each.promised is not None
    ]
    found = roi.returns(
        flows,
        annual_rate=case.annual_rate,
        valuation_month=case.valuation_month,
        go_live_month=case.go_live_month,
    )
    return RungReturns("promised", value.currency, found, "", value.problems)


def _actual(
    value: InitiativeValue,
    rung: str,
    on: dt.date,
    costs: Mapping[dt.date, Decimal],
    paid: Mapping[dt.date, Decimal] | None,
    annual_rate: Decimal,
) -> RungReturns:
    benefits = {
        month.month: amount
        for month in value.months
        if month.month <= on and (amount := getattr(month, rung)) is not None
    }
    if not benefits:
        return RungReturns(rung, value.currency, None, f"No benefit is {rung} yet.")
    spent = {month: amount for month, amount in costs.items() if month <= on}
    gone = {} if paid is None else {month: each for month, each in paid.items() if month <= on}
    flows = [
        roi.MonthFlow(
            month,
            spent.get(month, Decimal(0)),
            benefits.get(month, Decimal(0)),
            paid=None if paid is None else gone.get(month, Decimal(0)),
        )
        for month in sorted({*benefits, *spent, *gone})
    ]
    case = value.case
    found = roi.returns(
        flows,
        annual_rate=case.annual_rate if case else annual_rate,
        go_live_month=case.go_live_month if case else None,
    )
    return RungReturns(rung, value.currency, found, "", value.problems)
