"""What the readings of a KPI make a benefit worth, month by month, with the inputs used."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain import kpis, phrases, texts
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import last_day, month_of
from governance_app.domain.phrases import phrase
from governance_app.readings.models import Point, Series
from governance_app.value.models import Benefit, Kpi


@dataclass(frozen=True, slots=True)
class Measured:
    """The amount of a month, or the reason why there is none, and the inputs it was made of."""

    amount: Figure[Decimal]
    inputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Readings:
    """The values of a series that count now, by day."""

    days: list[dt.date]
    values: list[Decimal]
    refs: list[str]
    cadence_days: int | None

    @classmethod
    def of(cls, series: Series) -> "_Readings":
        rows = list(
            Point.objects.filter(series=series, known_to=None)
            .order_by("period_on")
            .values_list("period_on", "value", "source_ref")
        )
        return cls(
            [on for on, _, _ in rows],
            [value for _, value, _ in rows],
            [ref for _, _, ref in rows],
            series.cadence_days,
        )

    def newest(self, month: dt.date, on: dt.date) -> int | None:
        """Give the place of the newest reading that may speak for a month, or None."""
        end = min(last_day(month), on)
        place = bisect_right(self.days, end) - 1
        if place < 0 or not kpis.is_fresh(self.days[place], cadence_days=self.cadence_days, on=end):
            return None
        return place

    def within(self, month: dt.date, on: dt.date) -> list[int]:
        """Give the places of the readings of a month."""
        return [
            place for place, day in enumerate(self.days) if month_of(day) == month and day <= on
        ]


def measured_months(
    *, benefit: Benefit, months: Sequence[dt.date], on: dt.date
) -> dict[dt.date, Measured]:
    """
    Work out the measured amount of each month: METHOD section 3.

    Args:
        benefit: with its KPI; its formula says how.
        months: first days of months.
        on: the day of looking; readings after it do not count.

    Returns:
        month -> amount in the currency of the benefit, or null with its reason.
    """
    kpi = benefit.kpi
    if kpi is None:
        reason = "No KPI measures this benefit."
        return {month: Measured(Null(reason)) for month in months}
    readings = _Readings.of(kpi.series)
    if benefit.formula == "labour":
        return {month: _labour(benefit, readings, month, on) for month in months}
    missing = _missing(benefit, kpi)
    if missing:
        return {month: Measured(Null(missing)) for month in months}
    control = _Readings.of(kpi.control_series) if kpi.control_series else None
    return {month: _kpi(benefit, kpi, readings, control, month, on) for month in months}


def _missing(benefit: Benefit, kpi: Kpi) -> str:
    """Say what the KPI lacks to be turned into money; empty when nothing."""
    if kpi.baseline is None and kpi.counterfactual != "control":
        return phrase(texts.NO_BASELINE.form, kpi=str(kpi))
    if benefit.unit_value is None and kpi.unit_value is None:
        return phrase(texts.NO_UNIT_VALUE.form, kpi=str(kpi))
    return ""


def _kpi(
    benefit: Benefit,
    kpi: Kpi,
    readings: _Readings,
    control: _Readings | None,
    month: dt.date,
    on: dt.date,
) -> Measured:
    place = readings.newest(month, on)
    if place is None:
        reason = phrase(texts.NO_READING.form, kpi=str(kpi), month=phrases.month(month))
        return Measured(Null(reason))
    control_place = control.newest(month, on) if control else None
    without = kpis.counterfactual_level(
        kpis.Counterfactual(kpi.counterfactual),
        kpis.Baseline(kpi.baseline or Decimal(0), kpi.baseline_month or month, kpi.baseline_trend),
        month=month,
        control=control.values[control_place] if control and control_place is not None else None,
    )
    if without.value is None:
        return Measured(without)
    unit_value = benefit.unit_value if benefit.unit_value is not None else kpi.unit_value
    assert unit_value is not None
    amount = kpis.kpi_benefit(
        actual=readings.values[place],
        counterfactual=without.value,
        unit_value=unit_value,
        attribution=benefit.attribution,
        direction=kpis.Direction(kpi.direction),
    )
    inputs = {
        "formula": "kpi",
        "kpi": str(kpi.pk),
        "actual": _plain(readings.values[place]),
        "actual_on": readings.days[place].isoformat(),
        "source_ref": readings.refs[place],
        "counterfactual": _plain(without.value),
        "counterfactual_method": kpi.counterfactual,
        "unit_value": _plain(unit_value),
        "attribution": _plain(benefit.attribution),
        "direction": kpi.direction,
    }
    return Measured(Figure(amount), inputs)


def _labour(benefit: Benefit, readings: _Readings, month: dt.date, on: dt.date) -> Measured:
    places = readings.within(month, on)
    if not places:
        reason = phrase(
            "{kpi} has no reading in {month}.", kpi=str(benefit.kpi), month=phrases.month(month)
        )
        return Measured(Null(reason))
    uses = exact_sum(readings.values[place] for place in places)
    minutes_saved, acceptance = benefit.minutes_saved, benefit.acceptance
    capture, rate = benefit.capture, benefit.unit_value
    assert minutes_saved is not None and acceptance is not None
    assert capture is not None and rate is not None
    freed = kpis.labour_benefit(
        uses=uses,
        minutes_saved=minutes_saved,
        acceptance=acceptance,
        capture=capture,
        hourly_rate=rate,
    )
    inputs = {
        "formula": "labour",
        "kpi": str(benefit.kpi_id),
        "uses": _plain(uses),
        "readings": len(places),
        "actual_on": readings.days[places[-1]].isoformat(),
        "minutes_saved": _plain(minutes_saved),
        "acceptance": _plain(acceptance),
        "capture": _plain(capture),
        "hourly_rate": _plain(rate),
        "attribution": _plain(benefit.attribution),
        "hours": _plain(freed.hours),
    }
    return Measured(Figure(EXACT.multiply(freed.captured_value, benefit.attribution)), inputs)


def _plain(value: Decimal) -> str:
    """Write a number without the zeros that the column keeps behind it."""
    return f"{value.normalize(EXACT):f}"
