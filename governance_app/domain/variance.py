"""A budget variance taken apart into price, volume and exchange rates. METHOD sections 1 and 8."""

from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT

NO_QUANTITY = "The budget states no quantity."
NOT_METERED = "Nothing was metered in the unit of the budget."
NOT_CONVERTED = "The actuals have no budget rate."


@dataclass(frozen=True, slots=True)
class Split:
    """
    The parts of actual - budget, in the currency of the report; above 0 costs more.

    ``rest`` is what price and volume are together where they cannot be told apart: with ``fx``
    it is the whole variance.
    """

    price: Figure[Decimal]
    volume: Figure[Decimal]
    fx: Figure[Decimal]
    rest: Figure[Decimal]


def split(
    *,
    budget: Decimal,
    actual: Decimal,
    at_budget_rates: Decimal | None,
    budget_quantity: Decimal | None,
    actual_quantity: Decimal | None,
) -> Split:
    """
    Split a variance: volume at the planned price, price at the actual volume, the rest is rates.

    Args:
        actual: at actual rates.
        at_budget_rates: the same actuals at the rates of the budget; None when one is missing.
        budget_quantity, actual_quantity: in one unit; None when not stated or not metered.

    Returns:
        price + volume + fx = actual - budget wherever all three are known.

    >>> parts = split(budget=Decimal(100), actual=Decimal(150), at_budget_rates=Decimal(140),
    ...               budget_quantity=Decimal(10), actual_quantity=Decimal(12))
    >>> [f"{part.need():.0f}" for part in (parts.price, parts.volume, parts.fx)]
    ['20', '20', '10']
    """
    if at_budget_rates is None:
        null: Figure[Decimal] = Null(NOT_CONVERTED)
        return Split(null, null, null, null)
    fx = Figure(EXACT.subtract(actual, at_budget_rates))
    rest = Figure(EXACT.subtract(at_budget_rates, budget))
    if budget_quantity is None or budget_quantity <= 0:
        return Split(Null(NO_QUANTITY), Null(NO_QUANTITY), fx, rest)
    if actual_quantity is None:
        return Split(Null(NOT_METERED), Null(NOT_METERED), fx, rest)
    planned = PRECISE.divide(EXACT.multiply(budget, actual_quantity), budget_quantity)
    return Split(
        price=Figure(EXACT.subtract(at_budget_rates, planned)),
        volume=Figure(EXACT.subtract(planned, budget)),
        fx=fx,
        rest=rest,
    )
