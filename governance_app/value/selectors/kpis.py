"""KPIs with their newest reading, gain and way to the target."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from django.db.models import QuerySet

from governance_app.domain import kpis as sums
from governance_app.domain.figures import Figure, Null
from governance_app.domain.frames import conform
from governance_app.domain.phrases import phrase
from governance_app.domain.status import KpiFact
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.readings import selectors as readings
from governance_app.value.models import Kpi

#: What the field aims at within two years; a band to show, no fact about anybody.
EFFICIENCY_AIM = 0.25


@dataclass(frozen=True, slots=True)
class KpiStanding:
    """Where a KPI stands on a day; null figures carry their reason."""

    kpi: Kpi
    latest: Decimal | None
    latest_on: dt.date | None
    is_fresh: bool
    gain_ratio: Figure[float]
    progress_ratio: Figure[float]
    expected_ratio: float | None

    def fact(self) -> KpiFact | None:
        """Give what the status is proposed from; None when there is no path to keep to."""
        if self.expected_ratio is None:
            return None
        progress = self.progress_ratio.value if self.is_fresh else None
        return KpiFact(self.kpi.name, progress, self.expected_ratio)


def kpis(*, initiative: Initiative, viewer: User) -> QuerySet[Kpi]:
    """Give the KPIs of an initiative by name."""
    found = Kpi.objects.visible_to(viewer).filter(initiative=initiative)
    return found.select_related("initiative__node", "series", "control_series").order_by(
        "name", "pk"
    )


def kpi(*, kpi_id: uuid.UUID | str, viewer: User) -> Kpi | None:
    """Give one KPI, or None when it does not exist or is not the viewer's to see."""
    found = Kpi.objects.visible_to(viewer).filter(pk=kpi_id)
    return found.select_related("initiative__node", "series", "control_series").first()


def kpi_standings(
    *, viewer: User, on: dt.date, initiatives: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[KpiStanding]]:
    """Give where the KPIs of many initiatives stand, in two queries; by name."""
    found = Kpi.objects.visible_to(viewer).filter(initiative__in=initiatives)
    rows = list(found.select_related("series").order_by("initiative_id", "name", "pk"))
    newest = readings.latest(series=[row.series for row in rows], viewer=viewer)
    grouped: dict[uuid.UUID, list[KpiStanding]] = {each: [] for each in initiatives}
    for row in rows:
        point = newest.get(row.series_id)
        value, value_on = (point.value, point.period_on) if point else (None, None)
        grouped[row.initiative_id].append(_standing(row, value, value_on, on))
    return grouped


def _standing(
    row: Kpi, latest: Decimal | None, latest_on: dt.date | None, on: dt.date
) -> KpiStanding:
    gain: Figure[float] = Null(phrase("{kpi} has no reading yet.", kpi=str(row)))
    progress: Figure[float] = gain
    if latest is not None:
        gain = progress = Null(phrase("{kpi} has no baseline.", kpi=str(row)))
        if row.baseline is not None:
            gain = sums.efficiency_gain(row.baseline, latest, sums.Direction(row.direction))
            progress = Null(phrase("{kpi} has no target.", kpi=str(row)))
            if row.target is not None:
                progress = sums.progress(row.baseline, row.target, latest)
    return KpiStanding(
        kpi=row,
        latest=latest,
        latest_on=latest_on,
        is_fresh=sums.is_fresh(latest_on, cadence_days=row.series.cadence_days, on=on),
        gain_ratio=gain,
        progress_ratio=progress,
        expected_ratio=_expected(row, on),
    )


def _expected(row: Kpi, on: dt.date) -> float | None:
    if row.baseline_month is None or row.target_on is None:
        return None
    level = sums.expected_level(
        Decimal(0), Decimal(1), start_on=row.baseline_month, target_on=row.target_on, on=on
    )
    return float(level)


def kpi_frame(*, initiative: Initiative, viewer: User) -> pd.DataFrame:
    """Give the readings of an initiative's KPIs as the frame ``kpi_readings``."""
    rows = []
    found = list(kpis(initiative=initiative, viewer=viewer))
    values: dict[uuid.UUID, list[tuple[dt.date, Decimal]]] = {}
    points = readings.points(viewer=viewer, series=[each.series for each in found])
    for series_id, period_on, value in points.values_list("series_id", "period_on", "value"):
        values.setdefault(series_id, []).append((period_on, value))
    for each in found:
        for period_on, value in values.get(each.series_id, ()):
            rows.append(
                {
                    "kpi": each.name,
                    "unit": each.unit,
                    "period_on": period_on,
                    "value": float(value),
                    "expected": _path(each, period_on),
                    "baseline": None if each.baseline is None else float(each.baseline),
                    "target": None if each.target is None else float(each.target),
                }
            )
    return conform("kpi_readings", rows)


def _path(row: Kpi, on: dt.date) -> float | None:
    """Give the level on an even path from baseline to target, where there is one."""
    if row.baseline is None or row.target is None:
        return None
    if row.baseline_month is None or row.target_on is None:
        return None
    return float(
        sums.expected_level(
            row.baseline, row.target, start_on=row.baseline_month, target_on=row.target_on, on=on
        )
    )
