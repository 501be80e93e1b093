"""Readings: new, corrected, unchanged, refused; and as they were known before."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance_app.audit.models import Change
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading
from governance_app.initiatives import services as initiatives
from governance_app.people.access import Refused
from governance_app.readings import selectors, services
from governance_app.readings.models import Point, Series

pytestmark = pytest.mark.django_db

SEP, OCT, NOV = dt.date(2026, 9, 30), dt.date(2026, 10, 31), dt.date(2026, 11, 1)


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def series(initiative: Any, admin: Any) -> Series:
    return services.open_series(
        initiative=initiative, key="accuracy", name="Accuracy", source="manual", by=admin,
        cadence_days=30,
    )  # fmt: skip


def reading(on: dt.date, value: str) -> Reading:
    return Reading(on, Decimal(value))


def values(series: Series, admin: Any, **known: Any) -> dict[dt.date, Decimal]:
    found = selectors.readings(series=series, viewer=admin, **known)
    return {each.period_on: each.value for each in found}


def counts(outcome: services.RecordOutcome) -> tuple[int, int, int, int]:
    return outcome.new, outcome.changed, outcome.unchanged, outcome.refused


def test_new_readings_are_kept_exactly(series: Series, admin: Any) -> None:
    outcome = services.record(
        series=series, points=[reading(SEP, "0.910000000000000001"), reading(OCT, "0.93")], by=admin
    )
    assert counts(outcome) == (2, 0, 0, 0)
    assert values(series, admin) == {SEP: Decimal("0.910000000000000001"), OCT: Decimal("0.93")}
    series.refresh_from_db()
    assert (series.version, series.latest_on) == (2, OCT)


def test_the_same_again_writes_nothing(
    series: Series, admin: Any, ledger_count: Callable[[], int]
) -> None:
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    before = ledger_count(), Change.objects.count()
    outcome = services.record(series=series, points=[reading(SEP, "0.9100")], by=admin)
    assert counts(outcome) == (0, 0, 1, 0)
    assert (ledger_count(), Change.objects.count()) == before


def test_a_correction_supersedes_and_both_can_be_read(series: Series, admin: Any) -> None:
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    between = timezone.now()
    outcome = services.record(
        series=series, points=[reading(SEP, "0.85")], by=admin, source_ref="run 7"
    )
    assert counts(outcome) == (0, 1, 0, 0)
    assert values(series, admin) == {SEP: Decimal("0.85")}
    assert values(series, admin, as_of=between) == {SEP: Decimal("0.91")}
    [old] = selectors.corrections(series=series, viewer=admin)
    assert (old.value, old.recorded_by) == (Decimal("0.91"), admin)
    assert Point.objects.get(known_to=None).source_ref == "run 7"


def test_the_rollups_hear_of_a_recording(series: Series, initiative: Any, admin: Any) -> None:
    Change.objects.all().delete()
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    assert initiative.pk in set(Change.objects.values_list("initiative", flat=True))


@pytest.mark.parametrize(
    ("on", "value", "said"),
    [
        (SEP, "NaN", "no number that can be kept"),
        (SEP, "Infinity", "no number that can be kept"),
        (SEP, "1e20", "no number that can be kept"),
        (dt.date(1899, 12, 31), "1", "from 1990-01-01 until now"),
        (dt.date(2126, 9, 30), "1", "from 1990-01-01 until now"),
    ],
)
def test_what_cannot_be_is_refused_and_the_rest_kept(
    series: Series, admin: Any, on: dt.date, value: str, said: str
) -> None:
    outcome = services.record(
        series=series, points=[reading(on, value), reading(OCT, "0.93")], by=admin
    )
    assert counts(outcome) == (1, 0, 0, 1)
    assert said in outcome.reasons[0]
    assert values(series, admin) == {OCT: Decimal("0.93")}


def test_of_two_values_for_a_day_the_last_counts(series: Series, admin: Any) -> None:
    outcome = services.record(
        series=series, points=[reading(SEP, "0.91"), reading(SEP, "0.92")], by=admin
    )
    assert counts(outcome) == (1, 0, 0, 0)
    assert values(series, admin) == {SEP: Decimal("0.92")}


def test_an_older_reading_does_not_make_the_series_older(series: Series, admin: Any) -> None:
    services.record(series=series, points=[reading(OCT, "0.93")], by=admin)
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    series.refresh_from_db()
    assert series.latest_on == OCT


def test_a_series_is_stale_after_two_missed_values(series: Series, admin: Any) -> None:
    assert series.is_stale(NOV)
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    series.refresh_from_db()
    assert not series.is_stale(SEP + dt.timedelta(days=60))
    assert series.is_stale(SEP + dt.timedelta(days=61))


def test_opening_a_series_twice_gives_the_first(series: Series, admin: Any) -> None:
    again = services.open_series(
        initiative=series.initiative, key="accuracy", name="Other", source="push", by=admin
    )
    assert (again.pk, again.name) == (series.pk, "Accuracy")


def test_a_series_needs_a_name(initiative: Any, admin: Any) -> None:
    with pytest.raises(Sentence, match="needs a key and a name"):
        services.open_series(initiative=initiative, key="x", name=" ", source="manual", by=admin)


def test_who_may_not_push_changes_nothing(
    series: Series, person: Any, unit: Any, ledger_count: Callable[[], int]
) -> None:
    executive = person("executive", unit)
    before = ledger_count()
    with pytest.raises(Refused):
        services.record(series=series, points=[reading(SEP, "0.91")], by=executive)
    assert (Point.objects.count(), ledger_count()) == (0, before)


def test_readings_of_another_unit_are_not_seen(
    series: Series, person: Any, other_unit: Any, admin: Any
) -> None:
    services.record(series=series, points=[reading(SEP, "0.91")], by=admin)
    stranger = person("executive", other_unit)
    assert list(selectors.points(viewer=stranger)) == []
    assert selectors.series(series_id=series.pk, viewer=stranger) is None


def test_the_latest_value_of_each_series(series: Series, admin: Any) -> None:
    services.record(series=series, points=[reading(SEP, "1"), reading(OCT, "2")], by=admin)
    newest = selectors.latest(series=[series], viewer=admin)
    assert newest[series.pk].value == 2
