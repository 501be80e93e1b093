"""Reading series and their values, as known now or at a moment in the past."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from governance_app.domain.records import Reading
from governance_app.people.models import User
from governance_app.readings.models import Point, Series


def all_series(*, viewer: User) -> QuerySet[Series]:
    """Give every series the viewer sees, newest first."""
    found = Series.objects.visible_to(viewer).select_related("initiative")
    return found.order_by("-created_at", "-pk")


def series(*, series_id: uuid.UUID | str, viewer: User) -> Series | None:
    """Give one series, or None when it does not exist or is not the viewer's to see."""
    found = Series.objects.visible_to(viewer).select_related("initiative__node")
    return found.filter(pk=series_id).first()


def points(
    *,
    viewer: User,
    series: Iterable[Series] | None = None,
    as_of: dt.datetime | None = None,
) -> QuerySet[Point]:
    """
    Give the values that count, by series and day.

    Args:
        series: only of these; all the viewer sees when None.
        as_of: as they were known at that moment; now when None.
    """
    found = Point.objects.visible_to(viewer).filter(known_at(as_of=as_of))
    if series is not None:
        found = found.filter(series__in=series)
    return found.order_by("series_id", "period_on", "pk")


def known_at(*, as_of: dt.datetime | None) -> Q:
    """Give the condition that a point counted at a moment; now when None."""
    if as_of is None:
        return Q(known_to=None)
    return Q(known_from__lte=as_of) & (Q(known_to=None) | Q(known_to__gt=as_of))


def readings(*, series: Series, viewer: User, as_of: dt.datetime | None = None) -> list[Reading]:
    """Give the values of one series by day as plain records, for the sums of ``domain``."""
    rows = points(viewer=viewer, series=[series], as_of=as_of)
    return [
        Reading(on, value, ref) for on, value, ref in rows.values_list(
            "period_on", "value", "source_ref"
        )
    ]  # fmt: skip


def latest(*, series: Iterable[Series], viewer: User) -> dict[uuid.UUID, Point]:
    """Give the newest value of each series that has one, by series id."""
    newest = points(viewer=viewer, series=series).filter(period_on=F("series__latest_on"))
    return {point.series_id: point for point in newest}


def corrections(*, series: Series, viewer: User) -> QuerySet[Point]:
    """Give the values that no longer count, newest correction first."""
    superseded = Point.objects.visible_to(viewer).filter(series=series, known_to__isnull=False)
    return superseded.select_related("recorded_by").order_by("-known_to", "-period_on", "pk")
