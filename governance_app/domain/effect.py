"""
Did it work: the effect of an initiative on a KPI, with its interval. METHOD section 3.

Two methods. An *interrupted time series* carries the level and the slope from before the change
on and asks how far the readings after it depart. A *difference against a control* asks how the
distance to a comparable series moved. Both are least squares with standard errors that allow for
readings which depend on their neighbours and vary unevenly (HAC).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from governance_app.domain.figures import Figure, Null
from governance_app.domain.phrases import phrase

Floats = NDArray[np.float64]

#: Readings needed on each side of the change before an effect is told.
ENOUGH_BEFORE, ENOUGH_AFTER = 8, 4
NO_EFFECT = "not distinguishable from no effect"


class Method(StrEnum):
    """How the effect was told from what would have happened anyway."""

    INTERRUPTED = "interrupted time series"
    CONTROL = "difference against a control"


@dataclass(frozen=True, slots=True)
class Effect:
    """
    How far the readings after the change lie from where they would have been, on average.

    ``change``: in the unit of the KPI; ``low`` and ``high`` its 95 % interval. ``expected``: what
    each reading would have been without the change, place by place; ``level`` and ``slope``:
    the jump at the change and the change of slope per reading (interrupted series only).
    """

    method: Method
    change: float
    low: float
    high: float
    before: int
    after: int
    lags: int
    expected: tuple[float, ...]
    level: float | None = None
    slope: float | None = None

    @property
    def is_distinguishable(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0

    def in_words(self, *, unit: str = "", lower_is_better: bool = False) -> str:
        """
        Say what was found in a sentence.

        >>> made = Effect(Method.INTERRUPTED, -2.0, -3.0, -1.0, 12, 12, 2, ())
        >>> made.in_words(unit="min", lower_is_better=True)
        '2 min lower than without the change (95 % interval -3 to -1): better.'
        >>> Effect(Method.CONTROL, 0.5, -1.0, 2.0, 12, 12, 2, ()).in_words()
        '+0.5 (95 % interval -1 to 2): not distinguishable from no effect.'
        """
        said = f" {unit}" if unit and unit != "%" else unit
        interval = f"(95 % interval {self.low:.4g} to {self.high:.4g})"
        if not self.is_distinguishable:
            return f"{self.change:+.4g}{said} {interval}: {NO_EFFECT}."
        way = "lower" if self.change < 0 else "higher"
        verdict = "better" if (self.change < 0) == lower_is_better else "worse"
        return f"{abs(self.change):.4g}{said} {way} than without the change {interval}: {verdict}."


def interrupted(readings: Sequence[float], *, change_at: int) -> Figure[Effect]:
    """
    Tell the effect of a change from the series itself: level and slope before and after.

    Args:
        readings: at even distances, oldest first, one unit.
        change_at: place of the first reading after the change.

    Returns:
        The mean departure from the carried-on trend over the readings after the change; null
        with fewer than 8 readings before or 4 after.

    Source: segmented regression with Newey-West errors (Bartlett kernel, small-sample factor);
    the interval is of Student's t.

    >>> before, after = [10.0, 11, 10, 11, 10, 11, 10, 11, 10, 11], [7.0, 6, 7, 6, 7, 6]
    >>> found = interrupted([*before, *after], change_at=10).need()
    >>> round(found.change, 2), found.is_distinguishable
    (-4.24, True)
    """
    refusal = _refusal(change_at, len(readings) - change_at)
    if refusal:
        return Null(refusal)
    values = np.asarray(readings, dtype=float)
    count = len(values)
    time = np.arange(count, dtype=float)
    is_after = (time >= change_at).astype(float)
    design = np.column_stack([np.ones(count), time, is_after, (time - change_at) * is_after])
    mean_wait = (count - change_at - 1) / 2
    weights = np.array([0.0, 0.0, 1.0, mean_wait])
    fitted, covariance, lags = _least_squares(design, values)
    expected = fitted[0] + fitted[1] * time
    change, low, high = _interval(weights, fitted, covariance, count - design.shape[1])
    return Figure(
        Effect(
            Method.INTERRUPTED, change, low, high, change_at, count - change_at, lags,
            tuple(float(value) for value in expected), float(fitted[2]), float(fitted[3]),
        )
    )  # fmt: skip


def against_control(
    readings: Sequence[float], control: Sequence[float], *, change_at: int
) -> Figure[Effect]:
    """
    Tell the effect of a change from how the distance to a control series moved.

    Args:
        readings: of the KPI, at even distances, oldest first.
        control: of the control group in the same periods.
        change_at: place of the first reading after the change.

    >>> control = [5.0, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6]
    >>> readings = [value + 1 for value in control[:8]] + [value + 3 for value in control[8:]]
    >>> round(against_control(readings, control, change_at=8).need().change, 6)
    2.0
    """
    if len(readings) != len(control):
        raise ValueError("The control needs a reading in every period of the KPI.")
    refusal = _refusal(change_at, len(readings) - change_at)
    if refusal:
        return Null(refusal)
    other = np.asarray(control, dtype=float)
    distance = np.asarray(readings, dtype=float) - other
    count = len(distance)
    is_after = (np.arange(count) >= change_at).astype(float)
    design = np.column_stack([np.ones(count), is_after])
    fitted, covariance, lags = _least_squares(design, distance)
    change, low, high = _interval(np.array([0.0, 1.0]), fitted, covariance, count - 2)
    expected = other + fitted[0]
    return Figure(
        Effect(
            Method.CONTROL, change, low, high, change_at, count - change_at, lags,
            tuple(float(value) for value in expected),
        )
    )  # fmt: skip


def _refusal(before: int, after: int) -> str:
    if before >= ENOUGH_BEFORE and after >= ENOUGH_AFTER:
        return ""
    return phrase(
        "Too few readings to tell an effect: {before} before and {after} after the change; it "
        "takes {enough_before} and {enough_after}.",
        before=str(max(before, 0)), after=str(max(after, 0)),
        enough_before=str(ENOUGH_BEFORE), enough_after=str(ENOUGH_AFTER),
    )  # fmt: skip


def _least_squares(design: Floats, values: Floats) -> tuple[Floats, Floats, int]:
    """Fit, and give the covariance of the coefficients by Newey and West."""
    count, width = design.shape
    bread = np.linalg.inv(design.T @ design)
    fitted: Floats = bread @ (design.T @ values)
    scores = design * (values - design @ fitted)[:, None]
    lags = math.floor(4 * (count / 100) ** (2 / 9))
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        weight = 1 - lag / (lags + 1)
        together = scores[lag:].T @ scores[:-lag]
        meat += weight * (together + together.T)
    covariance: Floats = bread @ meat @ bread * count / (count - width)
    return fitted, covariance, lags


def _interval(
    weights: Floats, fitted: Floats, covariance: Floats, freedom: int
) -> tuple[float, float, float]:
    change = float(weights @ fitted)
    error = math.sqrt(max(float(weights @ covariance @ weights), 0.0))
    reach = student_quantile(0.975, freedom) * error
    return change, change - reach, change + reach


def student_quantile(share: float, freedom: int) -> float:
    """
    Give the value below which a share of Student's t distribution lies.

    >>> round(student_quantile(0.975, 10), 6), round(student_quantile(0.975, 20), 6)
    (2.228139, 2.085963)
    """
    if freedom < 1 or not 0.5 <= share < 1:
        raise ValueError("Student's t needs a degree of freedom and a share from 0.5 to 1.")
    log_scale = (
        math.lgamma((freedom + 1) / 2)
        - math.lgamma(freedom / 2)
        - 0.5 * math.log(freedom * math.pi)
    )

    def below(limit: float) -> float:
        points = np.linspace(0, limit, 2001)
        density = np.exp(log_scale - (freedom + 1) / 2 * np.log1p(points**2 / freedom))
        weights = np.ones(2001)
        weights[1:-1:2], weights[2:-1:2] = 4, 2
        return 0.5 + float(weights @ density) * limit / 2000 / 3

    low, high = 0.0, 1.0
    while below(high) < share:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return (low + high) / 2
