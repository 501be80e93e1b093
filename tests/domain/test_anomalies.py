"""Injected spikes are found, by weekday; seasonal noise raises no alarm."""

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.domain.anomalies import unusual_days, unusual_months

FIRST = dt.date(2026, 6, 1)
WEEK = (1.0, 1.1, 1.0, 0.9, 1.0, 0.3, 0.25)


def year(seed: int, *, days: int = 120, noise: float = 0.15, growth: float = 0.0):
    dice = random.Random(seed)
    return {
        (day := FIRST + dt.timedelta(days=n)): 1000
        * WEEK[day.weekday()]
        * (1 + growth * n / 30)
        * dice.lognormvariate(0, noise)
        for n in range(days)
    }


def test_known_spikes_are_found_with_what_is_usual_then():
    amounts = year(7)
    spikes = {FIRST + dt.timedelta(days=n): times for n, times in ((60, 3.0), (83, 5.0), (97, 2.5))}
    for day, times in spikes.items():
        amounts[day] *= times
    found = unusual_days(amounts, since=FIRST, floor=50)
    assert {one.on for one in found} == set(spikes)
    for one in found:
        assert one.ratio is not None
        assert 0.6 * spikes[one.on] < one.ratio < 1.6 * spikes[one.on]


def test_a_busy_saturday_is_an_anomaly_that_a_busy_monday_is_not():
    amounts = year(3)
    saturday, monday = dt.date(2026, 8, 22), dt.date(2026, 8, 24)
    amounts[saturday] = amounts[monday]
    assert [one.on for one in unusual_days(amounts, since=FIRST, floor=50)] == [saturday]


def test_a_service_that_stops_is_told_and_pennies_are_not():
    amounts = year(5)
    tuesday = dt.date(2026, 9, 8)
    amounts[tuesday] = 0.0
    (one,) = unusual_days(amounts, since=FIRST, floor=50)
    assert (one.on, one.ratio) == (tuesday, 0)
    small = {day: value / 1000 for day, value in amounts.items()}
    assert unusual_days(small, since=FIRST, floor=50) == []


#: Invented years that both sides are judged on: what must be found, and what must not.
SEEDS = range(40)
#: Days judged in each: the first four weeks are history, the last day is never whole.
JUDGED = 120 - 28 - 1


def alarms(**shape):
    """Count the days called unusual over years without anything unusual."""
    return sum(len(unusual_days(year(seed, **shape), since=FIRST, floor=50)) for seed in SEEDS)


@pytest.mark.parametrize("growth", [0.0, 0.12])
@pytest.mark.parametrize("noise", [0.02, 0.08, 0.15])
def test_seasonal_noise_raises_hardly_any_alarm(noise, growth):
    """One in a thousand days, five where it grows fast; blind to weekdays it would be hundreds."""
    most = 5 if growth else 1
    assert alarms(noise=noise, growth=growth) <= most * len(SEEDS) * JUDGED / 1000


@pytest.mark.parametrize(
    ("noise", "times"),
    [(0.02, 0.1), (0.08, 0.1), (0.02, 2.5), (0.08, 2.5), (0.15, 2.5), (0.02, 4.0), (0.15, 4.0)],
)
def test_one_strange_day_is_found_wherever_it_falls_and_nothing_else(noise, times):
    """Nineteen of twenty are found, on their day; a detector that is too strict misses most."""
    hits = others = 0
    for seed in SEEDS:
        amounts = year(seed, noise=noise)
        on = FIRST + dt.timedelta(days=random.Random(seed).randrange(35, 118))
        amounts[on] *= times
        found = {one.on for one in unusual_days(amounts, since=FIRST, floor=50)}
        hits += on in found
        others += len(found - {on})
    assert hits >= 0.95 * len(SEEDS)
    assert others <= len(SEEDS) * JUDGED / 1000


def test_the_same_week_scaled_has_the_same_unusual_days():
    amounts = year(11)
    amounts[FIRST + dt.timedelta(days=70)] *= 3
    usual = [one.on for one in unusual_days(amounts, since=FIRST, floor=50)]
    large = {day: value * 1000 for day, value in amounts.items()}
    assert [one.on for one in unusual_days(large, since=FIRST, floor=50_000)] == usual


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), noise=st.floats(0, 0.15), growth=st.floats(0, 0.12))
def test_no_usual_year_looks_full_of_anomalies(seed, noise, growth):
    amounts = year(seed, noise=noise, growth=growth)
    assert len(unusual_days(amounts, since=FIRST, floor=50)) <= 2


def test_a_month_stands_out_from_steady_growth():
    months = {dt.date(2026, n, 1): 1000.0 + 100 * n for n in range(1, 11)}
    assert unusual_months(months, since=FIRST, floor=50) == []
    months[dt.date(2026, 9, 1)] = 5000
    (one,) = unusual_months(months, since=FIRST, floor=50)
    assert one.on == dt.date(2026, 9, 1)
    assert round(one.usual) == 1900
