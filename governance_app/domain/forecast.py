"""
The statistical forecast that every other one must beat: the run rate. METHOD section 8.

A month ahead is the mean of the last complete months. The band comes from the method's own
backtest: the same forecast made at earlier months, compared with what then happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum

METHOD = "Run rate: the mean of the last three complete months"
WINDOW = 3
#: Earlier forecasts needed before an 80 % band says anything.
ENOUGH_TRIALS = 6


@dataclass(frozen=True, slots=True)
class Ahead:
    """One month ahead: what is expected, and the 80 % band of the sum from now to its end."""

    expected: Decimal
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    Months ahead in order. ``low`` and ``high`` of a month are what the band of the sum so far
    grows by, so that adding them up gives the band of the sum.

    ``error_ratio`` is the mean absolute error of the sum over all months ahead in the backtest,
    null while there are too few trials.
    """

    months: tuple[Ahead, ...]
    method: str
    trials: int
    error_ratio: Figure[float]


def run_rate(history: Sequence[Decimal], *, ahead: int) -> Figure[Forecast]:
    """
    Forecast monthly amounts with a band from the method's own backtest.

    Args:
        history: amounts of complete months, oldest first, one currency.
        ahead: how many months to forecast, at least 0.

    Returns:
        The forecast; null with fewer than ``WINDOW`` months of history. Without enough trials
        the months have no band.

    >>> steady = run_rate([Decimal(10)] * 12, ahead=2).need()
    >>> [(f"{m.expected:.0f}", f"{m.low:.0f}", f"{m.high:.0f}") for m in steady.months]
    [('10', '10', '10'), ('10', '10', '10')]
    >>> run_rate([Decimal(10)], ahead=1).reason
    'A run rate needs 3 complete months, and there is 1.'
    """
    if len(history) < WINDOW:
        count = len(history)
        verb = "is" if count == 1 else "are"
        return Null(f"A run rate needs {WINDOW} complete months, and there {verb} {count}.")
    expected = _mean(history[-WINDOW:])
    months = []
    low_before = high_before = Decimal(0)
    for step in range(1, ahead + 1):
        errors = _backtest(history, step)
        if len(errors) < ENOUGH_TRIALS:
            months.append(Ahead(expected, None, None))
            continue
        total = EXACT.multiply(expected, Decimal(step))
        edges = [_scaled(total, _quantile(errors, share)) for share in (0.1, 0.9)]
        low, high = min(edges), max(edges)
        months.append(
            Ahead(expected, EXACT.subtract(low, low_before), EXACT.subtract(high, high_before))
        )
        low_before, high_before = low, high
    errors = _backtest(history, max(ahead, 1))
    error: Figure[float] = Null("Too few earlier months to test the forecast on.")
    if len(errors) >= ENOUGH_TRIALS:
        error = Figure(float(sum(abs(ratio) for ratio in errors)) / len(errors))
    return Figure(Forecast(tuple(months), METHOD, len(errors), error))


def _mean(amounts: Sequence[Decimal]) -> Decimal:
    return PRECISE.divide(exact_sum(amounts), Decimal(len(amounts)))


def _backtest(history: Sequence[Decimal], step: int) -> list[float]:
    """Give by what share the actual sum of ``step`` months exceeded each earlier forecast of it."""
    errors = []
    for origin in range(WINDOW, len(history) - step + 1):
        forecast = EXACT.multiply(_mean(history[origin - WINDOW : origin]), Decimal(step))
        if forecast == 0:
            continue
        actual = exact_sum(history[origin : origin + step])
        gap = PRECISE.divide(EXACT.subtract(actual, forecast), abs(forecast))
        errors.append(float(gap))
    return errors


def _quantile(values: Sequence[float], share: float) -> float:
    """Interpolate linearly between the sorted values, as numpy's default does."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _scaled(total: Decimal, error: float) -> Decimal:
    return EXACT.add(total, EXACT.multiply(abs(total), Decimal(repr(error))))
