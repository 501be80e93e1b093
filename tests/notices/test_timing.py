"""When a notice leaves, by the clock of its reader."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from governance_app.notices.timing import Hours, leaves_at

NOW = dt.datetime(2026, 11, 20, 21, 30, tzinfo=dt.UTC)  # a Friday
MOMENTS = st.datetimes(
    dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31), timezones=st.just(dt.UTC)
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"])


def test_the_daily_letter_comes_at_the_readers_seven_oclock() -> None:
    hours = Hours(zone="America/New_York", letter_at=7)
    leaves = leaves_at("daily", hours=hours, now=NOW)
    assert leaves == dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)


def test_the_letter_of_a_day_that_has_had_its_letter_comes_tomorrow() -> None:
    at_seven = dt.datetime(2026, 11, 20, 7, 0, tzinfo=dt.UTC)
    assert leaves_at("daily", hours=Hours(), now=at_seven) == at_seven + dt.timedelta(days=1)
    assert leaves_at("weekly", hours=Hours(weekday=4), now=at_seven) == at_seven + dt.timedelta(7)


def test_a_night_over_midnight_ends_in_the_morning() -> None:
    night = Hours(quiet_from=dt.time(20), quiet_until=dt.time(6, 30))
    morning = dt.datetime(2026, 11, 21, 6, 30, tzinfo=dt.UTC)
    assert leaves_at("now", hours=night, now=NOW) == morning
    early = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
    assert leaves_at("now", hours=night, now=early) == morning


def test_what_stays_in_the_inbox_never_leaves() -> None:
    assert leaves_at("never", hours=Hours(), now=NOW) is None


@given(
    now=MOMENTS,
    zone=ZONES,
    when=st.sampled_from(["now", "daily", "weekly"]),
    begin=st.times(),
    end=st.times(),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
)
def test_nothing_leaves_in_quiet_hours_nor_later_than_it_must(
    now: dt.datetime, zone: str, when: str, begin: dt.time, end: dt.time, hour: int, weekday: int
) -> None:
    hours = Hours(zone, hour, weekday, begin, end)
    leaves = leaves_at(when, hours=hours, now=now)  # type: ignore[arg-type]
    assert leaves is not None and leaves >= now - dt.timedelta(minutes=1)
    there = leaves.astimezone(ZoneInfo(zone))
    clock = there.time().replace(tzinfo=None)
    end_minute = end.replace(second=0, microsecond=0)
    inside = begin <= clock < end_minute if begin <= end else clock >= begin or clock < end_minute
    assert not inside or begin == end or end_minute <= begin
    longest = {"now": 1, "daily": 2, "weekly": 8}[when]
    assert leaves - now <= dt.timedelta(days=longest, hours=2)
