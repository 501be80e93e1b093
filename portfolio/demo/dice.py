"""Months and seeded draws shared by the parts of the generator."""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from governance_app.domain.periods import add_months

#: Months of history that bills and readings cover.
HISTORY_MONTHS = 36
CENT = Decimal("0.01")


def history(as_of: date) -> list[date]:
    """List the complete months before `as_of`, oldest first."""
    last = as_of.replace(day=1)
    return [add_months(last, -back) for back in range(HISTORY_MONTHS, 0, -1)]


def draw(seed: int, *names: object) -> Random:
    """Give a generator of its own for one thing, so that adding another thing moves nothing."""
    return Random("/".join(str(part) for part in (seed, *names)))


def days_after(on: date, days: float) -> date:
    """Give the day that many days later."""
    return on + timedelta(days=round(days))


def lognormal(random: Random, median: float, spread: float) -> float:
    """Draw around a median with a long upper tail."""
    return median * math.exp(random.gauss(0, spread))


def money(value: float | Decimal, step: Decimal = CENT) -> Decimal:
    """Round to a step, half up."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    return (exact / step).quantize(Decimal(1), rounding=ROUND_HALF_UP) * step


def quotas(shares: Sequence[tuple[str, float]], count: int) -> list[str]:
    """
    Spread a count over names by largest remainder.

    >>> quotas([("a", 0.5), ("b", 0.3), ("c", 0.2)], 4)
    ['a', 'a', 'b', 'c']
    """
    total = sum(share for _, share in shares)
    exact = [(name, count * share / total) for name, share in shares]
    whole = {name: int(value) for name, value in exact}
    left = count - sum(whole.values())
    for name, _ in sorted(exact, key=lambda pair: int(pair[1]) - pair[1])[:left]:
        whole[name] += 1
    return [name for name, _ in shares for _ in range(whole[name])]
