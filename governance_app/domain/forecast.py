"""
The statistical forecast: actual to date and a model that beat the naive one. METHOD section 8.

Methods are chosen by their backtest: the same forecast made at earlier months, compared with
what then happened. The naive seasonal forecast (the same month a year before) is the floor:
what does not beat it is not used. The band of every forecast comes from its own backtest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from statistics import median

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import add_months
from governance_app.domain.phrases import month as month_words
from governance_app.domain.phrases import phrase

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
    null while there are too few trials. ``floor_error_ratio`` is that of the naive forecast over
    the same trials, and ``why`` says in words how the method was chosen.
    """

    months: tuple[Ahead, ...]
    method: str
    trials: int
    error_ratio: Figure[float]
    floor_error_ratio: Figure[float] = field(default_factory=lambda: Null("Not compared."))
    why: str = ""


YEAR = 12
#: A forecast of one month, so many steps after the end of a history; None when it is too short.
Method = Callable[[Sequence[Decimal], int], Decimal | None]


def _naive(history: Sequence[Decimal], step: int) -> Decimal | None:
    return history[-1] if history else None


def _naive_seasonal(history: Sequence[Decimal], step: int) -> Decimal | None:
    if len(history) < YEAR:
        return None
    return history[len(history) - YEAR + (step - 1) % YEAR]


def _level(history: Sequence[Decimal], step: int) -> Decimal | None:
    return _mean(history[-WINDOW:]) if len(history) >= WINDOW else None


def _seasonal_growth(history: Sequence[Decimal], step: int) -> Decimal | None:
    """Give the same month a year before, times what the last months grew by over a year."""
    if len(history) < YEAR + WINDOW:
        return None
    before = exact_sum(history[-YEAR - WINDOW : -YEAR])
    seasonal = _naive_seasonal(history, step)
    if seasonal is None or before <= 0:
        return None
    now = exact_sum(history[-WINDOW:])
    return PRECISE.divide(EXACT.multiply(seasonal, now), before)


def _damped_trend(history: Sequence[Decimal], step: int) -> Decimal | None:
    """Go on from the last level by the median monthly change, each step by a tenth less."""
    if len(history) < 6:
        return None
    recent = history[-YEAR:]
    change = median(EXACT.subtract(b, a) for a, b in pairwise(recent))
    reach = sum((DAMPING**n for n in range(1, step + 1)), Decimal(0))
    return EXACT.add(_mean(history[-WINDOW:]), EXACT.multiply(Decimal(change), reach))


DAMPING = Decimal("0.9")
NAIVE = "Naive: the last complete month"
NAIVE_SEASONAL = "Naive seasonal: the same month a year before"
METHODS: dict[str, Method] = {
    NAIVE: _naive,
    NAIVE_SEASONAL: _naive_seasonal,
    "Run rate: the mean of the last three complete months": _level,
    "Seasonal growth: the same month a year before, times a year's growth": _seasonal_growth,
    "Damped trend: the last level and the median monthly change": _damped_trend,
}


def statistical(history: Sequence[Decimal], *, ahead: int) -> Figure[Forecast]:
    """
    Forecast monthly amounts by the method that erred least in the past, if it beats the naive one.

    Args:
        history: amounts of complete months, oldest first, one currency.
        ahead: how many months to forecast, at least 0.

    Returns:
        The forecast with its band and both backtest errors; null without any complete month.
        While there are too few months to test a method on, the naive one is used and says so.

    >>> season = [Decimal(10 + 5 * (n % 12 == 11)) for n in range(36)]
    >>> found = statistical(season, ahead=12).need()
    >>> found.method.split(":")[0], f"{found.months[-1].expected:.0f}", found.error_ratio.value
    ('Naive seasonal', '15', 0.0)
    >>> statistical([Decimal(7)], ahead=2).need().why
    'Too few complete months to test a method on, so the naive forecast is used.'
    """
    if not history:
        return Null("A forecast needs a complete month, and there is none.")
    horizon = max(ahead, 1)
    is_seasonal = len(history) >= YEAR + horizon + ENOUGH_TRIALS - 1
    floor = NAIVE_SEASONAL if is_seasonal else NAIVE
    errors = {name: _absolute_errors(history, horizon, method) for name, method in METHODS.items()}
    comparable = [name for name, found in errors.items() if len(found) >= ENOUGH_TRIALS]
    common = set.intersection(*(set(errors[name]) for name in comparable)) if comparable else set()
    chosen = floor
    why: str = ""
    if floor not in comparable or len(common) < ENOUGH_TRIALS:
        common = set(errors[floor])
        why = phrase("Too few complete months to test a method on, so the naive forecast is used.")
        scores = {floor: _score(history, horizon, errors[floor], common)}
    else:
        scores = {n: _score(history, horizon, errors[n], common) for n in comparable}
        best = min(comparable, key=lambda name: (scores[name] is None, scores[name] or 0.0))
        least, bar = scores[best], scores[floor]
        if least is not None and bar is not None and least < bar:
            chosen = best
            why = phrase(
                "It erred by {least} over {count} earlier forecasts; the naive one by {bar}.",
                least=f"{least:.1%}", count=str(len(common)), bar=f"{bar:.1%}",
            )  # fmt: skip
        else:
            why = phrase(
                "No method beat the naive forecast over {count} earlier forecasts.",
                count=str(len(common)),
            )
    return Figure(
        Forecast(
            months=_ahead(history, ahead, METHODS[chosen]),
            method=chosen,
            trials=len(common),
            error_ratio=_ratio(scores.get(chosen), len(common)),
            floor_error_ratio=_ratio(scores.get(floor), len(common)),
            why=why,
        )
    )


def _ratio(score: float | None, trials: int) -> Figure[float]:
    if score is None or trials < ENOUGH_TRIALS:
        return Null("Too few earlier months to test the forecast on.")
    return Figure(score)


def _ahead(history: Sequence[Decimal], ahead: int, method: Method) -> tuple[Ahead, ...]:
    """Give each month with what it adds to the band of the sum."""
    months: list[Ahead] = []
    low_before = high_before = total = Decimal(0)
    for step in range(1, ahead + 1):
        expected = method(history, step)
        assert expected is not None
        total = EXACT.add(total, expected)
        errors = _relative_errors(history, step, method)
        if len(errors) < ENOUGH_TRIALS:
            months.append(Ahead(expected, None, None))
            continue
        edges = sorted(_scaled(total, _quantile(errors, share)) for share in (0.1, 0.9))
        low, high = min(edges[0], total), max(edges[1], total)
        months.append(
            Ahead(expected, EXACT.subtract(low, low_before), EXACT.subtract(high, high_before))
        )
        low_before, high_before = low, high
    return tuple(months)


def _sum_ahead(history: Sequence[Decimal], steps: int, method: Method) -> Decimal | None:
    parts = [method(history, step) for step in range(1, steps + 1)]
    known = [part for part in parts if part is not None]
    return exact_sum(known) if len(known) == steps else None


def _absolute_errors(history: Sequence[Decimal], steps: int, method: Method) -> dict[int, Decimal]:
    """Give by how much each earlier forecast of a sum missed it: origin -> error."""
    errors = {}
    for origin in range(1, len(history) - steps + 1):
        expected = _sum_ahead(history[:origin], steps, method)
        if expected is not None:
            actual = exact_sum(history[origin : origin + steps])
            errors[origin] = abs(EXACT.subtract(actual, expected))
    return errors


def _score(
    history: Sequence[Decimal], steps: int, errors: dict[int, Decimal], origins: set[int]
) -> float | None:
    """Give the errors over the same origins in relation to what was spent then."""
    if not origins:
        return None
    spent = exact_sum(abs(exact_sum(history[o : o + steps])) for o in origins)
    if spent == 0:
        return None
    return float(PRECISE.divide(exact_sum(errors[o] for o in origins), spent))


def _relative_errors(history: Sequence[Decimal], steps: int, method: Method) -> list[float]:
    found = []
    for origin in range(1, len(history) - steps + 1):
        expected = _sum_ahead(history[:origin], steps, method)
        if expected is None or expected == 0:
            continue
        actual = exact_sum(history[origin : origin + steps])
        found.append(float(PRECISE.divide(EXACT.subtract(actual, expected), abs(expected))))
    return found


@dataclass(frozen=True, slots=True)
class Crossing:
    """
    When a cumulated amount passes a limit: as expected, and at the edges of the band.

    ``expected``, ``earliest``, ``latest``: months; None = not within the months given.
    ``sentence`` says it in words that agree with what the chart draws.
    """

    expected: date | None
    earliest: date | None
    latest: date | None
    has_band: bool

    @property
    def sentence(self) -> str:
        if not self.has_band:
            return phrase("There are too few earlier months for a band, so no crossing is stated.")
        if self.earliest is None:
            return phrase("Even at the upper edge of its band the year stays within its budget.")
        not_yet = phrase("not this year")
        return phrase(
            "The budget of the year is passed in {expected} (80 % band: {earliest} to {latest}).",
            expected=month_words(self.expected) if self.expected else not_yet,
            earliest=month_words(self.earliest),
            latest=month_words(self.latest) if self.latest else not_yet,
        )


def crossing(*, to_date: Decimal, limit: Decimal, months: Sequence[Ahead], first: date) -> Crossing:
    """
    Find the month in which the sum of actuals and forecast passes a limit.

    Args:
        to_date: what was spent before ``first``.
        limit: what may be spent in all.
        months: the forecast from ``first`` on.

    >>> flat = statistical([Decimal(10)] * 24, ahead=3).need().months
    >>> at = crossing(to_date=Decimal(85), limit=Decimal(100), months=flat, first=date(2026, 10, 1))
    >>> at.expected, at.sentence
    (datetime.date(2026, 11, 1), 'The budget of the year is passed in November 2026 \
(80 % band: November 2026 to November 2026).')
    """
    has_band = all(m.low is not None and m.high is not None for m in months)
    found: list[date | None] = []
    for part in ("expected", "high", "low"):
        total, at = to_date, first if to_date > limit else None
        for step, month in enumerate(months):
            amount = getattr(month, part)
            if at is not None or amount is None:
                break
            total = EXACT.add(total, amount)
            if total > limit:
                at = add_months(first, step)
        found.append(at)
    return Crossing(found[0], found[1], found[2], has_band)


def _mean(amounts: Sequence[Decimal]) -> Decimal:
    return PRECISE.divide(exact_sum(amounts), Decimal(len(amounts)))


def _quantile(values: Sequence[float], share: float) -> float:
    """Interpolate linearly between the sorted values, as numpy's default does."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _scaled(total: Decimal, error: float) -> Decimal:
    return EXACT.add(total, EXACT.multiply(abs(total), Decimal(repr(error))))
