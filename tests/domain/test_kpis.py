"""KPIs turned into gains and money."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import kpis
from governance_app.domain.kpis import Baseline, Claim, Counterfactual, Direction

numbers = st.decimals(-(10**6), 10**6, places=3)


def test_the_labour_vector_of_the_method() -> None:
    freed = kpis.labour_benefit(
        uses=Decimal(12000),
        minutes_saved=Decimal(6),
        acceptance=Decimal("0.7"),
        capture=Decimal("0.5"),
        hourly_rate=Decimal(60),
    )
    assert (freed.hours, freed.value, freed.captured_value) == (840, 50400, 25200)


def test_a_share_outside_its_range_is_refused() -> None:
    with pytest.raises(ValueError, match="Capture lies between 0 and 1"):
        kpis.labour_benefit(
            uses=Decimal(1),
            minutes_saved=Decimal(1),
            acceptance=Decimal(1),
            capture=Decimal("1.1"),
            hourly_rate=Decimal(1),
        )
    with pytest.raises(ValueError, match="Attribution"):
        kpis.check_attribution(Decimal(0))


@given(numbers, numbers, st.decimals(0, 1000, places=2), st.decimals("0.01", 1, places=2))
def test_the_two_directions_mirror_each_other(
    actual: Decimal, without: Decimal, unit_value: Decimal, attribution: Decimal
) -> None:
    higher, lower = (
        kpis.kpi_benefit(
            actual=actual,
            counterfactual=without,
            unit_value=unit_value,
            attribution=attribution,
            direction=direction,
        )
        for direction in (Direction.HIGHER, Direction.LOWER)
    )
    assert higher == -lower
    assert higher == (actual - without) * unit_value * attribution


def test_a_gain_over_a_baseline_of_zero_has_no_meaning() -> None:
    assert not kpis.efficiency_gain(Decimal(0), Decimal(5), Direction.HIGHER).known


def test_progress_runs_from_baseline_to_target() -> None:
    assert kpis.progress(Decimal(20), Decimal(10), Decimal(20)).value == 0
    assert kpis.progress(Decimal(20), Decimal(10), Decimal(10)).value == 1
    assert kpis.progress(Decimal(20), Decimal(10), Decimal(25)).value == -0.5
    assert not kpis.progress(Decimal(20), Decimal(20), Decimal(25)).known


def test_counterfactuals_say_what_they_lack() -> None:
    before = Baseline(Decimal(20), date(2026, 1, 1))
    month = date(2026, 4, 1)
    assert kpis.counterfactual_level(Counterfactual.BASELINE, before, month=month).value == 20
    assert "trend" in kpis.counterfactual_level(Counterfactual.TREND, before, month=month).reason
    no_control = kpis.counterfactual_level(Counterfactual.CONTROL, before, month=month)
    assert "control group" in no_control.reason


def test_a_reading_goes_stale_after_two_cadences() -> None:
    last_on = date(2026, 1, 1)
    assert kpis.is_fresh(last_on, cadence_days=30, on=date(2026, 3, 2))
    assert not kpis.is_fresh(last_on, cadence_days=30, on=date(2026, 3, 3))
    assert not kpis.is_fresh(None, cadence_days=30, on=last_on)


def test_without_a_cadence_a_reading_speaks_for_its_month() -> None:
    last_on = date(2026, 1, 1)
    assert kpis.is_fresh(last_on, cadence_days=None, on=date(2026, 1, 31))
    assert not kpis.is_fresh(last_on, cadence_days=None, on=date(2026, 2, 1))


def test_claims_of_exactly_the_whole_do_not_conflict() -> None:
    month = date(2026, 1, 1)
    claims = [
        Claim("AI-1", "churn", "retail", month, Decimal("0.6")),
        Claim("AI-2", "churn", "retail", month, Decimal("0.4")),
        Claim("AI-3", "churn", "wholesale", month, Decimal("0.9")),
    ]
    assert kpis.overlaps(claims) == {}
