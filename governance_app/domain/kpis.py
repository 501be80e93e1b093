"""What a KPI says: efficiency gain, progress, counterfactual, money. METHOD section 3."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import months_between
from governance_app.domain.roi import ratio


class Direction(StrEnum):
    """Which way is better."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 when more is better, -1 when less is."""
        return 1 if self is Direction.HIGHER else -1


class Counterfactual(StrEnum):
    """What would have happened without the initiative."""

    BASELINE = "baseline"
    TREND = "trend"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The level before, the month it stands for, and its own change per month (trend only)."""

    value: Decimal
    month: date
    trend_per_month: Decimal | None = None


def efficiency_gain(baseline: Decimal, actual: Decimal, direction: Direction) -> Figure[float]:
    """
    Give the gain against the baseline: (baseline - actual) / baseline when lower is better.

    Returns:
        A ratio (0.25 is 25 % better); negative when it got worse; null for a baseline of 0.

    >>> efficiency_gain(Decimal(20), Decimal(15), Direction.LOWER).value
    0.25
    >>> efficiency_gain(Decimal(20), Decimal(15), Direction.HIGHER).value
    -0.25
    """
    if baseline == 0:
        return Null("The baseline is 0, so a gain in per cent of it has no meaning.")
    return Figure(ratio(direction.sign * EXACT.subtract(actual, baseline), abs(baseline)))


def progress(baseline: Decimal, target: Decimal, actual: Decimal) -> Figure[float]:
    """
    Give the share of the way from baseline to target; above 1 beyond it, below 0 backwards.

    >>> progress(Decimal(20), Decimal(10), Decimal(14)).value
    0.6
    """
    if target == baseline:
        return Null("The target equals the baseline, so there is no way to go.")
    return Figure(ratio(EXACT.subtract(actual, baseline), EXACT.subtract(target, baseline)))


def expected_level(
    baseline: Decimal, target: Decimal, *, start_on: date, target_on: date, on: date
) -> Decimal:
    """
    Give the level a KPI should have on a day when it moves evenly from baseline to target.

    >>> expected_level(Decimal(0), Decimal(10), start_on=date(2026, 1, 1),
    ...                target_on=date(2026, 1, 11), on=date(2026, 1, 6))
    Decimal('5.0')
    """
    if on >= target_on or target_on <= start_on:
        return target
    if on <= start_on:
        return baseline
    share = PRECISE.divide(Decimal((on - start_on).days), Decimal((target_on - start_on).days))
    return EXACT.add(baseline, EXACT.multiply(EXACT.subtract(target, baseline), share))


def counterfactual_level(
    method: Counterfactual, baseline: Baseline, *, month: date, control: Decimal | None = None
) -> Figure[Decimal]:
    """
    Give the level a KPI would have had without the initiative.

    Args:
        method: baseline, trend (the baseline carried on by its own slope) or control group.
        baseline: the level before, its month, and the slope per month for a trend.
        month: the month asked for.
        control: the reading of the control group in that month.

    >>> before = Baseline(Decimal(20), date(2026, 1, 1), trend_per_month=Decimal("-0.5"))
    >>> counterfactual_level(Counterfactual.TREND, before, month=date(2026, 5, 1)).value
    Decimal('18.0')
    """
    if method is Counterfactual.TREND:
        if baseline.trend_per_month is None:
            return Null("The baseline has no trend to carry on.")
        months = months_between(baseline.month, month)
        drift = EXACT.multiply(baseline.trend_per_month, Decimal(months))
        return Figure(EXACT.add(baseline.value, drift))
    if method is Counterfactual.CONTROL:
        if control is None:
            return Null("The control group has no reading for the month.")
        return Figure(control)
    return Figure(baseline.value)


def kpi_benefit(
    *,
    actual: Decimal,
    counterfactual: Decimal,
    unit_value: Decimal,
    attribution: Decimal,
    direction: Direction,
) -> Decimal:
    """
    Give the money in a KPI: (actual - counterfactual) x unit value x attribution x direction.

    Args:
        actual: reading of the month, in units of the KPI.
        counterfactual: what it would have been, same unit.
        unit_value: money per unit, positive.
        attribution: share due to this initiative, above 0 and at most 1.
        direction: which way is better.

    Returns:
        Money; negative when the KPI got worse.

    >>> kpi_benefit(actual=Decimal(15), counterfactual=Decimal(20), unit_value=Decimal(1000),
    ...             attribution=Decimal("0.8"), direction=Direction.LOWER)
    Decimal('4000.0')
    """
    check_attribution(attribution)
    change = direction.sign * EXACT.subtract(actual, counterfactual)
    return EXACT.multiply(EXACT.multiply(change, unit_value), attribution)


def check_attribution(attribution: Decimal) -> None:
    """
    Refuse an attribution outside (0, 1].

    >>> check_attribution(Decimal("0.5"))
    """
    if not 0 < attribution <= 1:
        raise ValueError(f"Attribution lies above 0 and is at most 1, not {attribution}.")


@dataclass(frozen=True, slots=True)
class Labour:
    """Hours freed by accepted outputs, and what the captured part of them is worth."""

    hours: Decimal
    value: Decimal
    captured_value: Decimal


def labour_benefit(
    *,
    uses: Decimal,
    minutes_saved: Decimal,
    acceptance: Decimal,
    capture: Decimal,
    hourly_rate: Decimal,
) -> Labour:
    """
    Give the value of saved labour: uses x minutes / 60 x acceptance x capture x loaded rate.

    Args:
        uses: outputs produced in the period.
        minutes_saved: minutes before less minutes with, per output.
        acceptance: share of outputs people keep, 0 to 1.
        capture: share of the freed time that became something, 0 to 1; the rest is soft.
        hourly_rate: loaded rate of the persona on that date, money per hour.

    >>> freed = labour_benefit(uses=Decimal(12000), minutes_saved=Decimal(6),
    ...                        acceptance=Decimal("0.7"), capture=Decimal("0.5"),
    ...                        hourly_rate=Decimal(60))
    >>> [f"{part:,.0f}" for part in (freed.hours, freed.value, freed.captured_value)]
    ['840', '50,400', '25,200']
    """
    for name, share in (("Acceptance", acceptance), ("Capture", capture)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} lies between 0 and 1, not at {share}.")
    minutes = EXACT.multiply(EXACT.multiply(uses, minutes_saved), acceptance)
    hours = PRECISE.divide(minutes, Decimal(60))
    value = PRECISE.multiply(hours, hourly_rate)
    return Labour(hours, value, PRECISE.multiply(value, capture))


def is_fresh(last_on: date | None, *, cadence_days: int | None, on: date) -> bool:
    """
    Say whether the newest reading of a series is fresh enough to measure by.

    Fresh until two expected readings have been missed; without a cadence a reading speaks
    for its own month only.

    >>> [is_fresh(date(2026, 1, 1), cadence_days=30, on=date(2026, 3, day)) for day in (2, 3)]
    [True, False]
    """
    if last_on is None:
        return False
    if cadence_days is None:
        return months_between(last_on, on) <= 0
    return (on - last_on).days <= 2 * cadence_days


@dataclass(frozen=True, slots=True)
class Claim:
    """One initiative's share of a KPI for a population in a period."""

    initiative: str
    kpi: str
    population: str
    month: date
    attribution: Decimal


def overlaps(claims: Sequence[Claim]) -> Mapping[tuple[str, str, date], list[Claim]]:
    """
    Find the KPIs of which more than the whole is claimed for one population and month.

    Returns:
        (kpi, population, month) -> the claims that together exceed 1, in the order given.

    >>> month = date(2026, 1, 1)
    >>> both = [Claim("AI-1", "churn", "retail", month, Decimal("0.7")),
    ...         Claim("AI-2", "churn", "retail", month, Decimal("0.6"))]
    >>> [claim.initiative for claim in overlaps(both)["churn", "retail", month]]
    ['AI-1', 'AI-2']
    """
    together: dict[tuple[str, str, date], list[Claim]] = {}
    for claim in claims:
        together.setdefault((claim.kpi, claim.population, claim.month), []).append(claim)
    return {
        place: group
        for place, group in together.items()
        if exact_sum(claim.attribution for claim in group) > 1
    }
