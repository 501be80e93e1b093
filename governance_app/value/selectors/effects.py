"""Whether a KPI moved because of its initiative: the effect with its interval, in words."""

import datetime as dt
import uuid
from dataclasses import dataclass

from governance_app.domain import effect
from governance_app.domain.figures import Figure, Null
from governance_app.domain.phrases import phrase
from governance_app.people.models import User
from governance_app.readings import selectors as readings
from governance_app.value.models import Benefit, Kpi


@dataclass(frozen=True, slots=True)
class Proof:
    """
    The effect on one KPI, told from ``change_on`` on; ``words`` also when there is none to tell.

    ``days`` and ``values`` are the readings that were used, oldest first.
    """

    kpi: Kpi
    change_on: dt.date | None
    effect: Figure[effect.Effect]
    words: str
    days: tuple[dt.date, ...] = ()
    values: tuple[float, ...] = ()


def proof_of(*, kpi: Kpi, viewer: User) -> Proof:
    """
    Tell the effect of an initiative on a KPI.

    The change is the first month of the earliest benefit that the KPI measures; without one, the
    month after its baseline. With a control series that is read on the same days the difference
    is told, else the series itself is interrupted.
    """
    change_on = _change_on(kpi, viewer)
    if change_on is None:
        reason = phrase(
            "Nobody said from when on {kpi} should move: give it a baseline or a benefit.",
            kpi=str(kpi),
        )
        return Proof(kpi, None, Null(reason), reason)
    own = _readings(kpi.series_id, viewer)
    control = _readings(kpi.control_series_id, viewer) if kpi.control_series_id else {}
    days = sorted(set(own) & set(control)) if control else sorted(own)
    values = [own[day] for day in days]
    at = sum(day < change_on for day in days)
    if control:
        found = effect.against_control(values, [control[day] for day in days], change_at=at)
    else:
        found = effect.interrupted(values, change_at=at)
    words = found.reason
    if found.value is not None:
        words = found.value.in_words(unit=kpi.unit, lower_is_better=kpi.direction == "lower")
    return Proof(kpi, change_on, found, words, tuple(days), tuple(values))


def _change_on(kpi: Kpi, viewer: User) -> dt.date | None:
    starts = Benefit.objects.visible_to(viewer).filter(kpi=kpi).order_by("starts_month")
    first = starts.values_list("starts_month", flat=True).first()
    if first is not None or kpi.baseline_month is None:
        return first
    return (kpi.baseline_month + dt.timedelta(days=32)).replace(day=1)


def _readings(series_id: uuid.UUID, viewer: User) -> dict[dt.date, float]:
    points = readings.points(viewer=viewer).filter(series=series_id)
    return {day: float(value) for day, value in points.values_list("period_on", "value")}
