"""
Amounts far from what is usual for their weekday: robust against outliers, blind to the season.

The usual is a level, the median of the last weeks with the weekday taken out, times what that
weekday is of an average day. The yardstick is the median absolute deviation of the same weeks, so
one spike neither moves the usual nor hides the next one.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

#: Days of history a usual day needs, and the most that are looked at.
SHORTEST_DAYS, LONGEST_DAYS = 28, 84
#: Months of history a usual month needs, and the most that are looked at.
SHORTEST_MONTHS, LONGEST_MONTHS = 4, 12
#: Robust deviations from which an amount is an anomaly, and how far from the usual at least.
DEVIATIONS = 6.0
AT_LEAST_TIMES, AT_MOST_TIMES = 1.5, 0.34
#: A median absolute deviation times this is a standard deviation of normal noise.
_NORMAL = 1.4826
#: The yardstick is never finer than this part of the usual: a flat series has no noise at all.
_FLAT = 0.03
#: Weekdays need this many values each before the week is taken for a season.
_WEEKS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """An amount and what it usually is; ``ratio`` is None where the usual is nothing."""

    on: dt.date
    actual: float
    usual: float
    score: float

    @property
    def ratio(self) -> float | None:
        """How many times the usual."""
        return self.actual / self.usual if self.usual > 0 else None


def unusual_days(amounts: Mapping[dt.date, float], *, since: dt.date, floor: float) -> list[Found]:
    """
    Find the days that cost far more or less than such a weekday usually does.

    Args:
        amounts: day -> amount of one currency; a day between the first and the last that is
            not there cost nothing.
        since: the first day that is judged; earlier ones are history.
        floor: differences below this amount are not worth a look.

    Returns:
        by day. The last day is never judged: its bill is seldom whole.
    """
    if not amounts:
        return []
    first, last = min(amounts), max(amounts)
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    values = [amounts.get(day, 0.0) for day in days]
    found = []
    for at in range(SHORTEST_DAYS, len(days) - 1):
        if days[at] < since:
            continue
        start = max(0, at - LONGEST_DAYS)
        season = _season(days[start:at], values[start:at])
        recent = range(max(start, at - SHORTEST_DAYS), at)
        plain = [values[i] / season[days[i].weekday()] for i in recent]
        one = _judge(days[at], values[at], plain, season[days[at].weekday()], floor)
        if one is not None:
            found.append(one)
    return found


def unusual_months(
    amounts: Mapping[dt.date, float], *, since: dt.date, floor: float
) -> list[Found]:
    """
    Find the months that cost far more or less than the months before, growth taken out.

    Args:
        amounts: first of month -> amount; whole months, none between them missing.
        since: the first month that is judged.
        floor: differences below this amount are not worth a look.
    """
    months = sorted(amounts)
    found = []
    for at in range(SHORTEST_MONTHS, len(months)):
        if months[at] < since:
            continue
        before = [amounts[month] for month in months[max(0, at - LONGEST_MONTHS) : at]]
        steps = [b - a for a, b in pairwise(before)]
        drift = median(steps) if steps else 0.0
        count = len(before)
        plain = [value + drift * (count - number) for number, value in enumerate(before)]
        one = _judge(months[at], amounts[months[at]], plain, 1.0, floor)
        if one is not None:
            found.append(one)
    return found


def _season(days: Sequence[dt.date], values: Sequence[float]) -> list[float]:
    """Give what each weekday is of an average day; 1 where there is too little to tell."""
    flat = [1.0] * 7
    by_weekday: list[list[float]] = [[] for _ in range(7)]
    for day, value in zip(days, values, strict=True):
        by_weekday[day.weekday()].append(value)
    if min(len(some) for some in by_weekday) < _WEEKS:
        return flat
    middles = [median(some) for some in by_weekday]
    average = sum(middles) / 7
    if average <= 0:
        return flat
    return [max(middle / average, 0.02) for middle in middles]


def _judge(
    on: dt.date, actual: float, plain: Sequence[float], season: float, floor: float
) -> Found | None:
    level = median(plain)
    usual = level * season
    spread = median([abs(value - level) for value in plain]) * season
    yardstick = max(_NORMAL * spread, _FLAT * abs(usual), floor / DEVIATIONS)
    score = (actual - usual) / yardstick
    if abs(score) < DEVIATIONS or abs(actual - usual) < floor:
        return None
    if usual > 0 and AT_MOST_TIMES < actual / usual < AT_LEAST_TIMES:
        return None
    return Found(on, actual, usual, score)
