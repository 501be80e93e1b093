"""
What risks may cost in a year, as a range: simulated, seeded, and added draw by draw.

A risk with money has a chance of happening within a year and a range that holds the loss, if it
happens, with 90 % certainty; between them it is lognormal. Levels are never turned into money.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

#: The 95th percentile of the standard normal: a 90 % range reaches from minus to plus this.
Z_90 = 1.6448536269514722


class BadLoss(ValueError):
    """A chance or range of a loss that makes no sense."""


@dataclass(frozen=True, slots=True)
class Loss:
    """
    The yearly loss of one risk: ``ref`` names it, the chance is in (0, 1], both amounts above 0.
    """

    ref: str
    probability: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class YearlyLoss:
    """What risks together may cost in a year: mean, median, 90th and 95th percentile."""

    expected: float
    p50: float
    p90: float
    p95: float
    count: int
    draws: int


def check_loss(loss: Loss) -> None:
    """
    Refuse a loss that makes no sense.

    Raises:
        BadLoss: says what to mend.

    >>> check_loss(Loss("r", 0.1, 10, 100))
    """
    if not 0 < loss.probability <= 1:
        raise BadLoss("The chance lies above 0 and at most at 1.")
    if not 0 < loss.low < loss.high or not math.isfinite(loss.high):
        raise BadLoss("The lower end lies above 0 and below the upper end.")


def expected_loss(loss: Loss) -> float:
    """
    Give the mean yearly loss of one risk: chance x mean of the lognormal range.

    >>> round(expected_loss(Loss("r", 0.1, 100_000, 1_000_000)))
    40400
    """
    mu, sigma = _shape(loss)
    return loss.probability * math.exp(mu + sigma**2 / 2)


def yearly_loss(losses: Iterable[Loss], *, draws: int) -> YearlyLoss | None:
    """
    Simulate what risks together cost in a year; None without any.

    Each risk draws from a stream of its own that its ref seeds, so a portfolio's draws are the
    sums of its parts' draws, and adding a risk changes no other. Risks are taken as independent.

    Args:
        losses: checked ones; amounts in one currency.
        draws: how many years are drawn.
    """
    rows: Sequence[Loss] = sorted(losses, key=lambda loss: loss.ref)
    if not rows:
        return None
    total = np.zeros(draws)
    for loss in rows:
        seed = int.from_bytes(hashlib.sha256(loss.ref.encode()).digest()[:8], "big")
        dice = np.random.default_rng(seed)
        mu, sigma = _shape(loss)
        happens = dice.random(draws) < loss.probability
        total += np.where(happens, np.exp(mu + sigma * dice.standard_normal(draws)), 0.0)
    p50, p90, p95 = np.percentile(total, [50, 90, 95])
    return YearlyLoss(
        expected=sum(expected_loss(loss) for loss in rows),
        p50=float(p50),
        p90=float(p90),
        p95=float(p95),
        count=len(rows),
        draws=draws,
    )


def _shape(loss: Loss) -> tuple[float, float]:
    """Give mean and deviation of the logarithm."""
    low, high = math.log(loss.low), math.log(loss.high)
    return (low + high) / 2, (high - low) / (2 * Z_90)
