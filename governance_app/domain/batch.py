"""
The returns of many initiatives at once: ranking, simulation, portfolio. METHOD section 4.

Flows are arrays of shape (initiatives, periods) of floats in one currency; column t is the period
t after the valuation date and period 0 is not discounted. Where a figure is null the array holds
nan; :mod:`governance_app.domain.cashflow` gives the same figure of one initiative, exactly and
with its reason in words. No function here loops over initiatives.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

#: Initiatives worked on together: their flows stay in the processor's cache.
BLOCK = 1024
_STEPS = 40
_GRID = 257


@dataclass(frozen=True, slots=True)
class Rates:
    """
    The internal rates of return of many initiatives.

    ``rates``: per year as a decimal; nan without one. ``changes``: how often the flows change
    sign; 0 means that no rate exists. ``roots``: how many rates bring the value to zero; above 1
    the one nearest to 0 % stands in ``rates`` and its page warns.
    """

    rates: Floats
    changes: Counts
    roots: Counts


def worths(flows: Floats, rate: float | Floats) -> Floats:
    """
    Give the net present value of each row: sum of flow_t / (1 + rate)^t.

    Args:
        rate: per period, above -1; one for all or one for each row.

    >>> worths(np.array([[-1000.0, 300, 400, 500, 200]]), 0.1).round(4)
    array([115.5659])
    """
    periods = np.arange(flows.shape[1])
    if np.ndim(rate) == 0:
        discounted: Floats = flows @ (1 + float(rate)) ** -periods  # type: ignore[arg-type]
        return discounted
    step = 1 / (1 + np.asarray(rate, dtype=float))
    worth = np.zeros(len(flows))
    for column in reversed(range(flows.shape[1])):
        worth *= step
        worth += flows[:, column]
    return worth


def roi_ratios(benefits: Floats, costs: Floats) -> Floats:
    """
    Give (sum B - sum C) / sum C of each row; nan where the cost is 0.

    >>> roi_ratios(np.array([[0.0, 2600], [5, 5]]), np.array([[2200.0, 0], [0, 0]])).round(6)
    array([0.181818,      nan])
    """
    return _over(benefits.sum(axis=1), costs.sum(axis=1)) - 1


def covers(benefits: Floats, costs: Floats) -> Floats:
    """Give sum B / sum C of each row over one window; nan where the cost is 0. Never an ROI."""
    return _over(benefits.sum(axis=1), costs.sum(axis=1))


def bcrs(benefits: Floats, costs: Floats, rate: float | Floats) -> Floats:
    """Give PV(B) / PV(C) of each row; nan where PV(C) is 0."""
    return _over(worths(benefits, rate), worths(costs, rate))


def indexes(flows: Floats, costs: Floats, rate: float | Floats, go_live: Counts) -> Floats:
    """
    Give 1 + NPV / PV(investment before go-live) of each row; nan where nothing is invested.

    Args:
        go_live: the period of each row from which costs are no longer investment.
    """
    before = np.arange(costs.shape[1]) < go_live[:, None]
    return 1 + _over(worths(flows, rate), worths(np.where(before, costs, 0.0), rate))


def risked_worths(
    benefits: Floats,
    costs: Floats,
    rate: float | Floats,
    *,
    benefit_chances: Floats,
    cost_chances: Floats,
) -> Floats:
    """
    Give the NPV of each row with flows weighted by the chance of reaching them.

    Args:
        benefit_chances: P, of the shape of the flows; a row of nan has no stage probabilities.
        cost_chances: Q, likewise.
    """
    return worths(benefit_chances * benefits - cost_chances * costs, rate)


def paybacks(flows: Floats) -> Floats:
    """
    Give the period after which each row's cumulative flow is no longer negative, interpolated.

    Returns:
        Periods from t = 0; 0 where the sum is never negative; nan where it never comes back or
        where there are no flows.

    >>> paybacks(np.array([[-1000.0, 300, 400, 500, 200], [5, 0, 0, 0, 0], [-5, 1, 0, 0, 0]]))
    array([2.6, 0. , nan])
    """
    found = np.empty(len(flows))
    for first in range(0, len(flows), BLOCK):
        rows = slice(first, first + BLOCK)
        found[rows] = _paybacks(flows[rows])
    return found


def discounted_paybacks(flows: Floats, rate: float) -> Floats:
    """Give the payback of each row on discounted flows, in periods."""
    factors = (1 + rate) ** -np.arange(flows.shape[1], dtype=float)
    return paybacks(flows * factors)


def realisations(validated: Floats, promised: Floats, reviewed: NDArray[np.bool_]) -> Floats:
    """
    Give validated / promised of each row over the months that finance has reviewed.

    >>> realisations(np.array([[30.0, 9]]), np.array([[40.0, 40]]), np.array([[True, False]]))
    array([0.75])
    """
    return _over((validated * reviewed).sum(axis=1), (promised * reviewed).sum(axis=1))


def irrs(flows: Floats, *, periods_per_year: int = 12) -> Rates:
    """
    Give the internal rate of return of each row, annualised.

    Rows whose flows change sign once have one rate (Descartes), found by Newton's method on the
    logarithm of inflows over outflows, which never turns. The others are looked at on a grid of
    rates from which each change of sign is halved down to a root.

    >>> found = irrs(np.array([[-1000.0, 300, 400, 500, 200], [1, 2, 3, 4, 5]]), periods_per_year=1)
    >>> found.rates.round(6), found.changes
    (array([0.153221,      nan]), array([1, 0]))
    """
    changes = _changes(flows)
    growth = np.full(len(flows), np.nan)
    roots = np.zeros(len(flows), dtype=np.int64)
    (once,) = np.nonzero(changes == 1)
    for first in range(0, len(once), BLOCK):
        rows = once[first : first + BLOCK]
        growth[rows] = _only_root(np.ascontiguousarray(flows[rows].T))
    (often,) = np.nonzero(changes > 1)
    for first in range(0, len(often), BLOCK):
        rows = often[first : first + BLOCK]
        growth[rows], roots[rows] = _nearest_root(flows[rows])
    with np.errstate(over="ignore", invalid="ignore"):
        rates = np.expm1(growth * periods_per_year)
    rates[~np.isfinite(rates)] = np.nan
    roots[once] = np.isfinite(rates[once])
    return Rates(rates, changes, roots)


def _over(part: Floats, whole: Floats) -> Floats:
    """Divide, with nan where the whole is 0."""
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)


def _paybacks(flows: Floats) -> Floats:
    after = flows.cumsum(axis=1)
    is_back = after >= 0
    is_turn = is_back.copy()
    is_turn[:, 0] = False
    is_turn[:, 1:] &= ~is_back[:, :-1]
    place = is_turn.argmax(axis=1)
    rows = np.arange(len(flows))
    has_turn = is_turn[rows, place]
    before = after[rows, np.maximum(place - 1, 0)]
    share = _over(-before, flows[rows, place])
    found = np.where(has_turn, place - 1 + share, np.nan)
    found[is_back.all(axis=1)] = 0.0
    found[~flows.any(axis=1)] = np.nan
    return found


def _changes(flows: Floats) -> Counts:
    """Count how often each row changes sign; zeros do not count."""
    last = np.zeros(len(flows), dtype=np.int8)
    changes = np.zeros(len(flows), dtype=np.int64)
    signs = np.sign(flows).astype(np.int8).T
    for column in np.ascontiguousarray(signs):
        changes += last * column < 0
        last = np.where(column != 0, column, last)
    return changes


def _only_root(columns: Floats) -> Floats:
    """Find the one growth per period of rows that change sign once; periods come first."""
    gains, spends = np.maximum(columns, 0.0), np.maximum(-columns, 0.0)
    growth = np.zeros(columns.shape[1])
    for _ in range(_STEPS):
        gain, gain_time = _sum_and_moment(gains, growth)
        spend, spend_time = _sum_and_moment(spends, growth)
        # ln(gain / spend) falls or rises for good: its slope is a difference of mean times.
        step = np.log(gain / spend) / (gain_time / gain - spend_time / spend)
        growth += step
        # Newton's method squares the error: after so small a step nothing is left to find.
        if np.abs(step).max() <= 1e-7:
            break
    return growth


def _sum_and_moment(columns: Floats, growth: Floats) -> tuple[Floats, Floats]:
    """
    Give sum a_t v^t and sum t a_t v^t for v = e^-growth, both over the same power of v.

    Only their ratios matter, so where v is above 1 the powers run backwards and none overflows.
    """
    count = len(columns)
    power = np.exp(-np.abs(growth))
    is_forward = growth >= 0
    if is_forward.all():
        total, moment = _horner(columns, power)
        return total, moment
    if not is_forward.any():
        total, moment = _horner(columns[::-1], power)
        return total, (count - 1) * total - moment
    total, moment = np.empty(len(growth)), np.empty(len(growth))
    for side in (is_forward, ~is_forward):
        total[side], moment[side] = _sum_and_moment(
            np.ascontiguousarray(columns[:, side]), growth[side]
        )
    return total, moment


def _horner(columns: Floats, power: Floats) -> tuple[Floats, Floats]:
    total, slope = np.zeros(len(power)), np.zeros(len(power))
    for column in columns[::-1]:
        slope *= power
        slope += total
        total *= power
        total += column
    return total, slope * power


def _nearest_root(flows: Floats) -> tuple[Floats, Counts]:
    """Find the growth nearest to none at which each row is worth nothing, and count them all."""
    periods = np.arange(flows.shape[1], dtype=float)
    grid = np.sinh(np.linspace(-8, 8, _GRID)) / np.sinh(8) * 50.0
    exponents = -np.outer(periods, grid)
    heights = flows @ np.exp(exponents - exponents.max(axis=0))
    below = np.sign(heights[:, :-1]) * np.sign(heights[:, 1:]) < 0
    # A root that lies on a point of the grid is taken with the interval to its right.
    below |= heights[:, :-1] == 0
    roots = below.sum(axis=1)
    # The change of sign nearest to a rate of 0 %, as rates and not as growths are compared.
    middles = np.abs(np.expm1((grid[:-1] + grid[1:]) / 2))
    place = np.where(below, middles, np.inf).argmin(axis=1)
    found = np.full(len(flows), np.nan)
    (some,) = np.nonzero(roots)
    if len(some):
        columns = np.ascontiguousarray(flows[some].T)
        found[some] = _between(columns, grid[place[some]], grid[place[some] + 1])
    return found, roots


def _between(columns: Floats, low: Floats, high: Floats) -> Floats:
    """Find the root of each column between two growths whose worths differ in sign."""
    low, high = low.copy(), high.copy()
    at_low = np.sign(_sum_and_moment(columns, low)[0])
    growth = np.where(at_low == 0, low, (low + high) / 2)
    for _ in range(_STEPS * 2):
        worth, moment = _sum_and_moment(columns, growth)
        is_same = np.sign(worth) == at_low
        low, high = np.where(is_same, growth, low), np.where(is_same, high, growth)
        with np.errstate(divide="ignore", invalid="ignore"):
            newton = growth + worth / moment
        is_inside = (newton > low) & (newton < high)
        following = np.where(is_inside, newton, (low + high) / 2)
        following = np.where(worth == 0, growth, following)
        step, growth = np.abs(following - growth).max(), following
        if step <= 1e-9:
            break
    return growth
