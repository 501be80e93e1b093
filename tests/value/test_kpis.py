"""KPIs, their readings and where they stand."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.audit.rows import StaleWrite
from governance_app.people.access import Refused
from governance_app.value import selectors, services
from governance_app.value.models import Kpi
from governance_app.value.services import BadKpi

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 4, 2)


def test_a_kpi_opens_its_series(kpi, initiative):
    assert (kpi.series.key, kpi.series.unit, kpi.series.initiative) == (
        "kpi:handling-time", "min", initiative,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"direction": "sideways"}, "direction is one of higher, lower"),
        ({"value_type": "glory"}, "value type is one of"),
        ({"baseline": Decimal(1)}, "baseline needs both"),
        ({"target_on": ON}, "target needs both"),
        ({"unit_value": Decimal(1)}, "needs its currency"),
        ({"unit_value": Decimal(-1), "currency": "USD"}, "not below 0"),
        ({"attribution": Decimal(0)}, "above 0 and is at most 1"),
        ({"counterfactual": "trend"}, "change per month"),
        ({"counterfactual": "control"}, "name its series"),
    ],
)
def test_what_makes_no_sense_is_refused(initiative, manager, ledger_count, fields, words):
    before = ledger_count()
    with pytest.raises(BadKpi, match=words):
        services.add_kpi(
            **{"initiative": initiative, "name": "Churn", "direction": "lower", **fields},
            by=manager,
        )
    assert ledger_count() == before
    assert not Kpi.objects.exists()


def test_a_name_is_taken_once(kpi, initiative, manager):
    with pytest.raises(BadKpi, match="AI-1 already has a KPI called Handling time"):
        services.add_kpi(initiative=initiative, name="Handling time", direction="lower", by=manager)


def test_who_may_not_edit_value_changes_nothing(initiative, contributor, ledger_count):
    before = ledger_count()
    with pytest.raises(Refused, match="You may not write KPIs"):
        services.add_kpi(initiative=initiative, name="Churn", direction="lower", by=contributor)
    assert ledger_count() == before
    assert not Kpi.objects.exists()


def test_an_edit_counts_the_version_and_a_stale_one_is_refused(kpi, manager, ledger_count):
    edited = services.edit_kpi(kpi=kpi, by=manager, version=1, target=Decimal(8))
    assert (edited.version, edited.target) == (2, 8)
    before = ledger_count()
    with pytest.raises(StaleWrite):
        services.edit_kpi(kpi=kpi, by=manager, version=1, target=Decimal(9))
    assert ledger_count() == before


def test_a_reading_is_corrected_and_not_doubled(kpi, readings, contributor):
    outcome = services.record_kpi_reading(
        kpi=kpi, period_on=dt.date(2026, 3, 20), value=Decimal(14), by=contributor
    )
    assert (outcome.new, outcome.changed) == (0, 1)
    assert kpi.series.points.filter(known_to=None).count() == 3


def test_a_standing_says_gain_progress_and_what_was_due(kpi, readings, initiative, manager):
    (found,) = selectors.kpi_standings(viewer=manager, on=ON, initiatives=[initiative.pk])[
        initiative.pk
    ]
    assert (found.latest, found.latest_on, found.is_fresh) == (15, dt.date(2026, 3, 20), True)
    assert found.gain_ratio.value == 0.25
    assert found.progress_ratio.value == 0.5
    assert found.expected_ratio == pytest.approx(122 / 395)
    fact = found.fact()
    assert (fact.name, fact.progress) == ("Handling time", 0.5)


def test_a_stale_reading_has_no_progress_to_propose_from(kpi, readings, initiative, manager):
    (found,) = selectors.kpi_standings(
        viewer=manager, on=dt.date(2026, 9, 1), initiatives=[initiative.pk]
    )[initiative.pk]
    assert (found.is_fresh, found.fact().progress) == (False, None)


def test_without_a_reading_every_figure_says_so(kpi, initiative, manager):
    (found,) = selectors.kpi_standings(viewer=manager, on=ON, initiatives=[initiative.pk])[
        initiative.pk
    ]
    assert found.gain_ratio.reason == "Handling time has no reading yet."
    assert found.latest is None


def test_the_frame_shows_readings_against_their_path(kpi, readings, initiative, manager):
    frame = selectors.kpi_frame(initiative=initiative, viewer=manager)
    assert frame["value"].tolist() == [18.0, 16.0, 15.0]
    assert frame["expected"].tolist()[0] == pytest.approx(20 - 10 * 50 / 395)


def test_a_stranger_sees_no_kpi(kpi, person, other_unit, initiative):
    stranger = person("program_manager", other_unit)
    assert not selectors.kpis(initiative=initiative, viewer=stranger).exists()
    assert selectors.kpi(kpi_id=kpi.pk, viewer=stranger) is None
