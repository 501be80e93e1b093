"""Recording values of series, from wherever they come."""

import datetime as dt
from collections.abc import Iterable, Sequence
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
    now = timezone.now()
    wanted, reasons = _judged(points, latest=now.date() + dt.timedelta(days=1))
    known = {
        point.period_on: point
        for point in Point.objects.filter(series=series, known_to=None, period_on__in=wanted)
    }
    fresh = [reading for on, reading in wanted.items() if on not in known]
    corrected = [
        reading for on, reading in wanted.items()
        if on in known and known[on].value != reading.value
    ]  # fmt: skip
    outcome = RecordOutcome(
        new=len(fresh),
        changed=len(corrected),
        unchanged=len(wanted) - len(fresh) - len(corrected),
        refused=len(reasons),
        reasons=tuple(reasons),
    )
    if not outcome.has_written:
        return outcome
    superseded = [known[reading.period_on] for reading in corrected]
    if superseded:  # a clock set back must not make a correction end before it began
        now = max(now, *(each.known_from + dt.timedelta(microseconds=1) for each in superseded))
        Point.objects.filter(pk__in=[each.pk for each in superseded]).update(known_to=now)
    _write(series, [*fresh, *corrected], now=now, by=by, source_ref=source_ref)
    save_changes(
        series,
        latest_on=max(filter(None, (series.latest_on, *wanted))),
        recorded_at=now,
    )
    return outcome


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
    series: Series, readings: Sequence[Reading], *, now: dt.datetime, by: User, source_ref: str
) -> None:
    Point.objects.bulk_create(
        [
            Point(
                series=series,
                period_on=reading.period_on,
                value=reading.value,
                known_from=now,
                source_ref=(reading.source_ref or source_ref)[:500],
                recorded_by=by,
            )
            for reading in readings
        ],
        batch_size=POINTS_A_WRITE,
    )
