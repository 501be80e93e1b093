"""Months, and the fiscal years made of them. A month is the date of its first day."""

import calendar
from datetime import date


def month_of(on: date) -> date:
    """
    Give the month a day lies in.

    >>> month_of(date(2026, 11, 21))
    datetime.date(2026, 11, 1)
    """
    return date(on.year, on.month, 1)


def add_months(month: date, count: int) -> date:
    """
    Give the month ``count`` months later; earlier when negative.

    >>> add_months(date(2026, 11, 21), 3)
    datetime.date(2027, 2, 1)
    """
    years, month_index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, month_index + 1, 1)


def months_between(start: date, end: date) -> int:
    """
    Count the months from one month to another; negative when ``end`` is earlier.

    >>> months_between(date(2026, 11, 1), date(2027, 2, 1))
    3
    """
    return (end.year - start.year) * 12 + end.month - start.month


def month_range(first: date, last: date) -> list[date]:
    """
    List the months from ``first`` to ``last``, both included; empty when they are reversed.

    >>> [f"{month:%Y-%m}" for month in month_range(date(2026, 11, 1), date(2027, 1, 31))]
    ['2026-11', '2026-12', '2027-01']
    """
    return [add_months(first, count) for count in range(months_between(first, last) + 1)]


def last_day(month: date) -> date:
    """
    Give the last day of a month.

    >>> last_day(date(2028, 2, 1))
    datetime.date(2028, 2, 29)
    """
    return date(month.year, month.month, calendar.monthrange(month.year, month.month)[1])


def fiscal_year(on: date, *, start_month: int = 1) -> int:
    """
    Name the fiscal year of a day: the calendar year in which that fiscal year ends.

    Args:
        on: any day.
        start_month: first month of the fiscal year, 1-12.

    >>> [fiscal_year(date(2026, month, 1), start_month=10) for month in (9, 10)]
    [2026, 2027]
    """
    _check_start(start_month)
    return on.year + (start_month > 1 and on.month >= start_month)


def fiscal_months(year: int, *, start_month: int = 1) -> list[date]:
    """
    List the twelve months of a fiscal year, first to last.

    >>> months = fiscal_months(2027, start_month=10)
    >>> months[0], months[-1]
    (datetime.date(2026, 10, 1), datetime.date(2027, 9, 1))
    """
    _check_start(start_month)
    first = date(year - (start_month > 1), start_month, 1)
    return month_range(first, add_months(first, 11))


def fiscal_label(year: int, *, start_month: int = 1) -> str:
    """
    Write a fiscal year as people say it.

    >>> fiscal_label(2026), fiscal_label(2027, start_month=10)
    ('2026', 'FY 2026/27')
    """
    _check_start(start_month)
    return str(year) if start_month == 1 else f"FY {year - 1}/{year % 100:02d}"


def _check_start(start_month: int) -> None:
    if not 1 <= start_month <= 12:
        raise ValueError(f"A fiscal year starts in month 1 to 12, not {start_month}.")
