"""A method is used only when it beats the naive forecast, and says by how much."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.forecast import NAIVE, NAIVE_SEASONAL, crossing, statistical
from governance_app.domain.money import exact_sum

amounts = st.decimals(min_value=1, max_value=10_000, places=2)


def test_without_a_method_that_beats_it_the_naive_seasonal_forecast_is_used_and_says_so():
    season = [Decimal(100 + 40 * (n % 12 in (5, 11))) for n in range(40)]
    found = statistical(season, ahead=6).need()
    assert found.method == NAIVE_SEASONAL
    assert found.why == "No method beat the naive forecast over 20 earlier forecasts."
    assert [m.expected for m in found.months] == [season[28 + step] for step in range(6)]


def test_a_growing_season_is_forecast_by_a_method_that_states_both_errors():
    grown = [Decimal(1000 + 300 * (n % 12 == 11)) * Decimal("1.03") ** n for n in range(48)]
    found = statistical(grown, ahead=3).need()
    assert found.method.startswith("Seasonal growth")
    assert found.error_ratio.need() < 0.01 < found.floor_error_ratio.need()
    assert "the naive one by" in found.why
    assert all(m.low <= m.expected <= m.high for m in found.months[:1])


def test_a_short_history_has_no_band_and_states_no_crossing():
    found = statistical([Decimal(5)] * 4, ahead=2).need()
    assert (found.method, found.months[0].low, found.error_ratio.known) == (NAIVE, None, False)
    at = crossing(
        to_date=Decimal(20), limit=Decimal(22), months=found.months, first=date(2026, 5, 1)
    )
    assert at.sentence == "There are too few earlier months for a band, so no crossing is stated."


def test_nothing_is_forecast_from_nothing():
    assert (
        statistical([], ahead=3).reason == "A forecast needs a complete month, and there is none."
    )


@given(st.lists(amounts, min_size=1, max_size=40), st.integers(0, 12))
def test_the_band_of_the_sum_holds_the_sum(history, ahead):
    found = statistical(history, ahead=ahead).need()
    assert len(found.months) == ahead
    total, low, high = Decimal(0), Decimal(0), Decimal(0)
    for month in found.months:
        total += month.expected
        if month.low is None:
            break
        low, high = low + month.low, high + month.high
        assert low <= total <= high
    if found.error_ratio.known and found.floor_error_ratio.known:
        assert found.error_ratio.value <= found.floor_error_ratio.value


@given(st.lists(amounts, min_size=24, max_size=36), st.decimals(1, 100_000, places=0))
def test_a_crossing_agrees_with_the_line_that_is_drawn(history, limit):
    first = date(2026, 1, 1)
    found = statistical(history, ahead=6).need()
    at = crossing(to_date=Decimal(0), limit=limit, months=found.months, first=first)
    drawn = exact_sum(m.expected for m in found.months)
    assert (at.expected is not None) == (drawn > limit)
    if at.expected and at.earliest:
        assert at.earliest <= at.expected
        assert at.latest is None or at.expected <= at.latest
