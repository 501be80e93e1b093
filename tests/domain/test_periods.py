"""Months and fiscal years."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import periods

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


def test_adding_months_crosses_the_year_both_ways() -> None:
    assert periods.add_months(date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert periods.add_months(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert periods.add_months(date(2026, 1, 1), -13) == date(2024, 12, 1)


def test_a_reversed_range_is_empty() -> None:
    assert periods.month_range(date(2026, 3, 1), date(2026, 2, 1)) == []


@given(days, st.integers(-600, 600))
def test_adding_and_counting_months_are_inverse(on: date, count: int) -> None:
    month = periods.month_of(on)
    assert periods.months_between(month, periods.add_months(month, count)) == count


@given(days, st.integers(1, 12))
def test_every_day_lies_in_the_months_of_its_fiscal_year(on: date, start_month: int) -> None:
    year = periods.fiscal_year(on, start_month=start_month)
    months = periods.fiscal_months(year, start_month=start_month)
    assert periods.month_of(on) in months
    assert len(months) == 12
    assert months[0].month == start_month
    assert months[-1].year == year


def test_a_fiscal_year_starts_in_a_real_month() -> None:
    with pytest.raises(ValueError, match="month 1 to 12, not 13"):
        periods.fiscal_year(date(2026, 1, 1), start_month=13)
