"""Recording values of series, from wherever they come."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.readings.models import Point, Series

EARLIEST = dt.date(1990, 1, 1)
SMALLEST_STEP = Decimal("1e-18")
LARGEST = Decimal("1e20")
POINTS_A_WRITE = 5000
_WIDE = Context(prec=60)


@dataclass(frozen=True)
class RecordOutcome:
    """How many readings were new, changed, unchanged and refused; why, for the refused ones."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def has_written(self) -> bool:
        return bool(self.new or self.changed)


@dataclass(frozen=True)
class Feed:
    """Readings of one series of an initiative; the rest describes a series not met before."""

    initiative: Initiative
    key: str
    name: str
    points: Sequence[Reading]
    source: str
    unit: str = ""
    cadence_days: int | None = None


@recorded
def open_series(
    *,
    initiative: Initiative,
    key: str,
    name: str,
    source: str,
    by: User,
    unit: str = "",
    cadence_days: int | None = None,
) -> Series:
    """
    Give the series of that key, made on first use; name, unit and cadence count only then.

    Raises:
        Sentence: the key or the name is blank.
    """
    access.require(by, "reading.push", initiative)
    key, name = key.strip(), name.strip()
    if not key or not name:
        raise Sentence("A series needs a key and a name.")
    series, _ = Series.objects.get_or_create(
        initiative=initiative,
        key=key,
        defaults={"name": name, "unit": unit, "cadence_days": cadence_days, "source": source},
    )
    return series


@recorded
def follow_rename(*, source: str, old: str, new: str, by: User) -> int:
    """
    Let the series of a renamed thing go on under its new name, so that KPIs keep their feed.

    Args:
        source: whose series; others are left alone.
        old, new: the part of the key before the slash.

    Returns:
        How many series were renamed; one whose new key is taken is left as it is.
    """
    access.require(by, "reading.push")
    renamed = 0
    standing = Series.objects.select_for_update().filter(source=source, key__startswith=f"{old}/")
    for series in standing:
        key = f"{new}/{series.key.removeprefix(f'{old}/')}"
        if not Series.objects.filter(initiative=series.initiative_id, key=key).exists():
            renamed += bool(save_changes(series, key=key))
    return renamed


@recorded
def record(
    *, series: Series, points: Sequence[Reading], by: User, source_ref: str = ""
) -> RecordOutcome:
    """
    Take readings into a series; what is known already changes nothing.

    A different value for a day supersedes the one known before, which stays readable as of
    the moments when it counted. Of two values for one day in ``points`` the last one counts.
    Values are kept to 18 decimals, rounded half up.

    Args:
        source_ref: where the readings come from, for those that do not say themselves.
    """
    access.require(by, "reading.push", series)
    series = Series.objects.select_for_update().get(pk=series.pk)
    return _store([(series, points)], by=by, source_ref=source_ref)


@recorded
def record_feeds(*, feeds: Sequence[Feed], by: User, source_ref: str = "") -> RecordOutcome:
    """
    Take readings of many series at once, as :func:`record` does for one, in a few statements.

    A series not met before is opened; of two feeds of one series the later values count.

    Raises:
        Sentence: a key or a name is blank.
    """
    for initiative in {feed.initiative.pk: feed.initiative for feed in feeds}.values():
        access.require(by, "reading.push", initiative)
    if any(not feed.key.strip() or not feed.name.strip() for feed in feeds):
        raise Sentence("A series needs a key and a name.")
    points: dict[tuple[uuid.UUID, str], list[Reading]] = {}
    for feed in feeds:
        points.setdefault((feed.initiative.pk, feed.key.strip()), []).extend(feed.points)
    standing = _series_of(points)
    missing = {
        (feed.initiative.pk, feed.key.strip()): Series(
            initiative=feed.initiative, key=feed.key.strip(), name=feed.name.strip(),
            unit=feed.unit, cadence_days=feed.cadence_days, source=feed.source,
        )
        for feed in feeds if (feed.initiative.pk, feed.key.strip()) not in standing
    }  # fmt: skip
    if missing:
        Series.objects.bulk_create(missing.values(), ignore_conflicts=True)
        standing = _series_of(points)
    wanted = [(standing[key], each) for key, each in points.items()]
    return _store(wanted, by=by, source_ref=source_ref)


def _series_of(keys: Collection[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], Series]:
    """Lock the series of these initiatives and keys, in one order for everybody."""
    rows = Series.objects.select_for_update().filter(
        initiative__in={initiative for initiative, _ in keys}, key__in={key for _, key in keys}
    )
    found = {(row.initiative_id, row.key): row for row in rows.order_by("pk")}
    return {key: row for key, row in found.items() if key in keys}


def _store(
    wanted: Sequence[tuple[Series, Sequence[Reading]]], *, by: User, source_ref: str
) -> RecordOutcome:
    """Judge the readings of locked series, supersede what differs and write what is new."""
    now = timezone.now()
    latest, reasons = now.date() + dt.timedelta(days=1), list[str]()
    judged: dict[uuid.UUID, dict[dt.date, Reading]] = {}
    for series, points in wanted:
        judged[series.pk], wrong = _judged(points, latest=latest)
        reasons += wrong
    days = [on for each in judged.values() for on in each]
    known = _known(judged, days)
    fresh = [
        (pk, each) for pk, readings in judged.items() for on, each in readings.items()
        if (pk, on) not in known
    ]  # fmt: skip
    corrected = [
        (pk, each) for pk, readings in judged.items() for on, each in readings.items()
        if (pk, on) in known and known[pk, on].value != each.value
    ]  # fmt: skip
    outcome = RecordOutcome(
        new=len(fresh),
        changed=len(corrected),
        unchanged=len(days) - len(fresh) - len(corrected),
        refused=len(reasons),
        reasons=tuple(reasons),
    )
    if not outcome.has_written:
        return outcome
    superseded = [known[pk, each.period_on] for pk, each in corrected]
    if superseded:  # a clock set back must not make a correction end before it began
        now = max(now, *(each.known_from + dt.timedelta(microseconds=1) for each in superseded))
        Point.objects.filter(pk__in=[each.pk for each in superseded]).update(known_to=now)
    _write([*fresh, *corrected], now=now, by=by, source_ref=source_ref)
    written = {pk for pk, _ in (*fresh, *corrected)}
    moved = [series for series, _ in wanted if series.pk in written]
    for series in moved:
        series.latest_on = max(filter(None, (series.latest_on, *judged[series.pk])))
        series.recorded_at, series.version = now, series.version + 1
    Series.objects.bulk_update(moved, ["latest_on", "recorded_at", "version"])
    return outcome


def _known(
    series: Collection[uuid.UUID], days: Collection[dt.date]
) -> dict[tuple[uuid.UUID, dt.date], Point]:
    """Give the current points of these series between the first and the last of the days."""
    if not days:
        return {}
    rows = Point.objects.filter(
        series__in=list(series), known_to=None, period_on__range=(min(days), max(days))
    )
    return {(row.series_id, row.period_on): row for row in rows}


def _judged(
    points: Iterable[Reading], *, latest: dt.date
) -> tuple[dict[dt.date, Reading], list[str]]:
    """Keep one reading a day, exact to 18 decimals; say why the others are refused."""
    wanted: dict[dt.date, Reading] = {}
    reasons: list[str] = []
    for reading in points:
        on, value = reading.period_on, reading.value
        if not value.is_finite() or abs(value) >= LARGEST:
            reasons.append(f"{on}: {value} is no number that can be kept.")
        elif not EARLIEST <= on <= latest:
            reasons.append(f"{on}: a reading is of a day from {EARLIEST} until now.")
        else:
            exact = value.quantize(SMALLEST_STEP, rounding="ROUND_HALF_UP", context=_WIDE)
            wanted[on] = Reading(on, exact, reading.source_ref)
    return wanted, reasons


def _write(
    readings: Sequence[tuple[uuid.UUID, Reading]], *, now: dt.datetime, by: User, source_ref: str
) -> None:
    Point.objects.bulk_create(
        [
            Point(
                series_id=series,
                period_on=reading.period_on,
                value=reading.value,
                known_from=now,
                source_ref=(reading.source_ref or source_ref)[:500],
                recorded_by=by,
            )
            for series, reading in readings
        ],
        batch_size=POINTS_A_WRITE,
    )
