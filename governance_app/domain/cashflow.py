"""
Discounting: NPV, IRR, payback, benefit-cost ratio, profitability index. METHOD section 4.

Flows are lists: place t holds the flow of period t, where period 0 is the one of the
valuation date and is not discounted. A rate is per period, as a decimal (0.01 is 1 %).
Money stays Decimal; a rate or ratio that comes out is a float.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import add_months, month_of, months_between
from governance_app.domain.phrases import phrase

#: Discount factors are irrational; 50 digits keep the money exact far below 10^-18.
PRECISE = Context(prec=50)

ZERO, ONE = Decimal(0), Decimal(1)

Worth = Callable[[float], float]


def monthly_rate(annual_rate: Decimal) -> Decimal:
    """
    Turn an annual discount rate into the monthly one: (1 + r)^(1/12) - 1.

    >>> round(monthly_rate(Decimal("0.10")), 10)
    Decimal('0.0079741404')
    """
    if annual_rate <= -1:
        raise ValueError("A discount rate must be above -100 %.")
    return _monthly(annual_rate)


@lru_cache(maxsize=256)
def _monthly(annual_rate: Decimal) -> Decimal:
    twelfth = PRECISE.divide(ONE, Decimal(12))
    return PRECISE.subtract(PRECISE.power(PRECISE.add(ONE, annual_rate), twelfth), ONE)


@lru_cache(maxsize=256)
def discount_factors(rate: Decimal, count: int) -> tuple[Decimal, ...]:
    """
    List the worth at t = 0 of one unit at t = 0, 1, ..., count - 1.

    >>> [str(round(factor, 4)) for factor in discount_factors(Decimal("0.1"), 3)]
    ['1.0000', '0.9091', '0.8264']
    """
    if rate <= -1:
        raise ValueError("A discount rate must be above -100 %.")
    step = PRECISE.divide(ONE, PRECISE.add(ONE, rate))
    factors, factor = [], ONE
    for _ in range(count):
        factors.append(factor)
        factor = PRECISE.multiply(factor, step)
    return tuple(factors)


def by_month(
    amounts: Mapping[date, Decimal], *, first: date, last: date | None = None
) -> list[Decimal]:
    """
    Lay amounts out as flows: place t is the month t months after ``first``; gaps are 0.

    Args:
        amounts: month -> amount; a month before ``first`` or after ``last`` is left out, as
            a to-go view demands.
        first: month of the valuation date.
        last: last month of the horizon; by default the latest in ``amounts``.

    >>> by_month({date(2026, 1, 1): Decimal(-5), date(2026, 3, 1): Decimal(8)},
    ...          first=date(2026, 1, 1))
    [Decimal('-5'), Decimal('0'), Decimal('8')]
    """
    if last is None:
        if not amounts:
            return []
        last = max(amounts)
    start = month_of(first)
    places = range(months_between(start, last) + 1)
    return [amounts.get(add_months(start, place), ZERO) for place in places]


def present_value(flows: Sequence[Decimal], rate: Decimal) -> Decimal:
    """
    Sum flows discounted to period 0, in their currency, unrounded.

    >>> round(present_value([Decimal(0), Decimal(110)], Decimal("0.1")), 6)
    Decimal('100.000000')
    """
    total = ZERO
    for flow, factor in zip(flows, discount_factors(rate, len(flows)), strict=True):
        if flow:
            total = PRECISE.add(total, PRECISE.multiply(flow, factor))
    return total


def npv(flows: Sequence[Decimal], rate: Decimal) -> Figure[Decimal]:
    """
    Give the net present value: sum of flow_t / (1 + rate)^t.

    A spreadsheet's NPV discounts its first cell: add the flow of t = 0 outside it to compare.

    Args:
        flows: benefit less cost of each period, from t = 0.
        rate: discount rate per period.

    Returns:
        Money in the currency of the flows; null when there are none.

    >>> vector = [Decimal(flow) for flow in (-1000, 300, 400, 500, 200)]
    >>> round(npv(vector, Decimal("0.1")).need(), 4)
    Decimal('115.5659')
    """
    if not any(flows):
        return Null("There are no cash flows.")
    return Figure(present_value(flows, rate))


def irr(flows: Sequence[Decimal], *, periods_per_year: int = 12) -> Figure[float]:
    """
    Give the internal rate of return, annualised: the rate at which the NPV is zero.

    Args:
        flows: benefit less cost of each period, from t = 0.
        periods_per_year: 12 for months, 1 for years.

    Returns:
        A decimal per year (0.25 is 25 %). Null when the flows never change sign, or when no
        rate above -100 % gives zero. With several roots the one nearest to 0 % is given
        and a warning lists them all.

    Source: Descartes' rule of signs for when the root is the only one; bisection.

    >>> vector = [Decimal(flow) for flow in (-1000, 300, 400, 500, 200)]
    >>> round(irr(vector, periods_per_year=1).need(), 6)
    0.153221
    """
    signs = [flow > 0 for flow in flows if flow]
    if not signs:
        return Null("There are no cash flows.")
    changes = sum(before != after for before, after in itertools.pairwise(signs))
    if changes == 0:
        return Null(
            phrase("Every cash flow is positive, so no rate brings their value to zero.")
            if signs[0]
            else phrase("Every cash flow is negative, so no rate brings their value to zero.")
        )
    roots = _growth_roots(flows, is_unique=changes == 1)
    rates = sorted((_annual(root, periods_per_year) for root in roots), key=abs)
    rates = [rate for rate in rates if math.isfinite(rate)]
    if not rates:
        return Null(
            phrase(
                "The flows change sign {changes} times and no rate brings them to zero.",
                changes=str(changes),
            )
        )
    if len(rates) > 1:
        listed = ", ".join(f"{rate:.1%}" for rate in sorted(rates))
        return Figure(
            rates[0],
            "",
            (phrase("Several rates bring the value to zero: {listed}.", listed=listed),),
        )
    return Figure(rates[0])


def _annual(growth: float, periods_per_year: int) -> float:
    """Turn ln(1 + rate per period) into a rate per year."""
    exponent = growth * periods_per_year
    return math.expm1(exponent) if exponent < 700 else math.inf


def _growth_roots(flows: Sequence[Decimal], *, is_unique: bool) -> list[float]:
    """
    Find every u = ln(1 + rate) at which the flows are worth nothing.

    The value is divided by the worth of the absolute flows, so that it stays in [-1, 1] for
    any u and has the same roots.
    """
    values = np.array([float(flow) for flow in flows])
    (places,) = np.nonzero(values)
    amounts, times = values[places], (places - places[0]).astype(float)
    amounts = amounts / np.abs(amounts).max()

    def worth(growth: float) -> float:
        exponents = -growth * times
        weights = np.exp(exponents - exponents.max())
        return float((amounts * weights).sum() / (np.abs(amounts) * weights).sum())

    if is_unique:
        bound = 1e-3
        while worth(-bound) * worth(bound) > 0:
            bound *= 2
        return [_bisect(worth, -bound, bound)]
    grid = _grid(times)
    exponents = -np.outer(grid, times)
    weights = np.exp(exponents - exponents.max(axis=1, keepdims=True))
    heights = (weights @ amounts) / (weights @ np.abs(amounts))
    return _distinct(_crossings(worth, grid, heights) + _touchings(worth, grid, heights))


def _grid(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points that lie densest around a rate of zero and reach to rates where one flow rules."""
    steps = np.linspace(-1, 1, 2001)
    reach = max(50.0 / float(np.diff(times).min()), 1.0)
    return np.sinh(steps * 8) / math.sinh(8) * reach


def _bisect(worth: Worth, low: float, high: float) -> float:
    """Halve an interval whose ends differ in sign until floats run out."""
    at_low = worth(low)
    if at_low == 0:
        return low
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        here = worth(middle)
        if here == 0:
            return middle
        if (here > 0) == (at_low > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _crossings(
    worth: Worth, grid: NDArray[np.float64], heights: NDArray[np.float64]
) -> list[float]:
    """Roots where the value changes sign between two points of the grid."""
    (places,) = np.nonzero(np.sign(heights[:-1]) * np.sign(heights[1:]) <= 0)
    return [_bisect(worth, float(grid[place]), float(grid[place + 1])) for place in places]


def _touchings(
    worth: Worth, grid: NDArray[np.float64], heights: NDArray[np.float64]
) -> list[float]:
    """Roots where the value touches zero without crossing it, such as -1, 2.2, -1.21 at 10 %."""
    size = np.abs(heights)
    signs = np.sign(heights)
    is_one_sided = (signs[:-2] == signs[1:-1]) & (signs[1:-1] == signs[2:])
    is_dip = (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:]) & (size[1:-1] < 1e-2)
    (dips,) = np.nonzero(is_one_sided & is_dip)
    found = []
    for dip in dips:
        low, high = float(grid[dip]), float(grid[dip + 2])
        for _ in range(200):
            third = (high - low) / 3
            if abs(worth(low + third)) < abs(worth(high - third)):
                high -= third
            else:
                low += third
        if abs(worth((low + high) / 2)) < 1e-13:
            found.append((low + high) / 2)
    return found


def _distinct(roots: Sequence[float]) -> list[float]:
    """Sort roots and drop those met twice, once from each side of a grid point."""
    kept: list[float] = []
    for root in sorted(roots):
        if not kept or root - kept[-1] > 1e-7 * max(1.0, abs(root)):
            kept.append(root)
    return kept


def payback(flows: Sequence[Decimal]) -> Figure[float]:
    """
    Give the time after which the cumulative flow is no longer negative, interpolated.

    Args:
        flows: benefit less cost of each period, from t = 0.

    Returns:
        Periods from t = 0 (months for monthly flows). Null when the money never comes back;
        0 when none ever went out. A warning says when the sum falls below zero again later.

    >>> payback([Decimal(flow) for flow in (-1000, 300, 400, 500, 200)]).value
    2.6
    """
    if not any(flows):
        return Null("There are no cash flows.")
    found: float | None = None
    before, is_out, falls_again = ZERO, False, False
    for place, flow in enumerate(flows):
        after = PRECISE.add(before, flow)
        if found is None and before < 0 <= after:
            found = place - 1 + float(PRECISE.divide(-before, flow))
        is_out = is_out or after < 0
        falls_again = falls_again or (found is not None and after < 0)
        before = after
    if not is_out:
        return Figure(0.0, "", (phrase("The cumulative flow is never negative."),))
    if found is None:
        return Null(phrase("Not paid back within {count} periods.", count=str(len(flows) - 1)))
    warning = (phrase("The cumulative flow falls below zero again later."),) if falls_again else ()
    return Figure(found, "", warning)


def discounted_payback(flows: Sequence[Decimal], rate: Decimal) -> Figure[float]:
    """
    Give the payback on discounted flows, in periods; null when the money never comes back.

    >>> vector = [Decimal(flow) for flow in (-1000, 300, 400, 500, 200)]
    >>> round(discounted_payback(vector, Decimal("0.1")).need(), 4)
    3.154
    """
    factors = discount_factors(rate, len(flows))
    return payback(
        [PRECISE.multiply(flow, factor) for flow, factor in zip(flows, factors, strict=True)]
    )


def bcr(benefits: Sequence[Decimal], costs: Sequence[Decimal], rate: Decimal) -> Figure[float]:
    """
    Give the benefit-cost ratio PV(B) / PV(C); costs are positive. Null when PV(C) is 0.

    >>> benefits = [Decimal(flow) for flow in (0, 500, 700, 800, 600)]
    >>> costs = [Decimal(flow) for flow in (1000, 200, 300, 300, 400)]
    >>> round(bcr(benefits, costs, Decimal("0.1")).need(), 6)
    1.05993
    """
    cost = present_value(costs, rate)
    if cost == 0:
        return Null("The costs have no present value.")
    return Figure(float(PRECISE.divide(present_value(benefits, rate), cost)))


def discounted_roi(
    benefits: Sequence[Decimal], costs: Sequence[Decimal], rate: Decimal
) -> Figure[float]:
    """
    Give (PV(B) - PV(C)) / PV(C) as a ratio (0.25 is 25 %). Null when PV(C) is 0.

    >>> round(discounted_roi([Decimal(0), Decimal(121)], [Decimal(100)], Decimal("0.1")).need(), 6)
    0.1
    """
    return bcr(benefits, costs, rate).map(lambda ratio: ratio - 1)


def profitability_index(
    flows: Sequence[Decimal], costs: Sequence[Decimal], rate: Decimal, *, go_live: int
) -> Figure[float]:
    """
    Give 1 + NPV / PV(investment before go-live).

    Args:
        flows: benefit less cost of each period.
        costs: cost of each period, positive.
        rate: discount rate per period.
        go_live: the period from which costs are no longer investment.

    Returns:
        A ratio; null when nothing is invested before go-live.

    >>> vector = [Decimal(flow) for flow in (-1000, 300, 400, 500, 200)]
    >>> round(profitability_index(vector, [Decimal(1000)], Decimal("0.1"), go_live=1).need(), 6)
    1.115566
    """
    investment = present_value(costs[: max(go_live, 0)], rate)
    if investment == 0:
        return Null("Nothing is invested before go-live.")
    worth = npv(flows, rate)
    return worth.map(lambda value: 1 + float(PRECISE.divide(value, investment)))


def rnpv(
    benefits: Sequence[Decimal],
    costs: Sequence[Decimal],
    rate: Decimal,
    *,
    benefit_probability: Sequence[Decimal],
    cost_probability: Sequence[Decimal],
) -> Figure[Decimal]:
    """
    Give the NPV of flows weighted by the probability of reaching them.

    Args:
        benefits: benefit of each period.
        costs: cost of each period, positive.
        rate: discount rate per period; carries no premium for project risk.
        benefit_probability: P_t of reaching the benefit, 0 to 1.
        cost_probability: Q_t of incurring the cost, 0 to 1.

    Returns:
        Money; null when no probabilities are given.

    >>> benefits = [Decimal(flow) for flow in (0, 500, 700, 800, 600)]
    >>> costs = [Decimal(flow) for flow in (1000, 200, 300, 300, 400)]
    >>> chance = [Decimal(p) for p in ("1", ".85", ".68", ".612", ".612")]
    >>> round(rnpv(benefits, costs, Decimal("0.1"), benefit_probability=chance,
    ...            cost_probability=chance).need(), 4)
    Decimal('-229.8853')
    """
    if not benefit_probability or not cost_probability:
        return Null("No stage probabilities are set.")
    for chance in (*benefit_probability, *cost_probability):
        if not 0 <= chance <= 1:
            raise ValueError(f"A probability lies between 0 and 1, not at {chance}.")
    gains = [PRECISE.multiply(p, b) for p, b in zip(benefit_probability, benefits, strict=True)]
    spends = [PRECISE.multiply(q, c) for q, c in zip(cost_probability, costs, strict=True)]
    return npv(net(gains, spends), rate)


def net(benefits: Sequence[Decimal], costs: Sequence[Decimal]) -> list[Decimal]:
    """
    Subtract costs from benefits period by period; the shorter list is filled with 0.

    >>> net([Decimal(0), Decimal(500)], [Decimal(1000)])
    [Decimal('-1000'), Decimal('500')]
    """
    length = max(len(benefits), len(costs))
    gains = [*benefits, *[ZERO] * (length - len(benefits))]
    spends = [*costs, *[ZERO] * (length - len(costs))]
    return [exact_sum((gain, -spend)) for gain, spend in zip(gains, spends, strict=True)]
