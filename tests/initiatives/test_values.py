"""Dates, money, yes and no, as people write them."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.initiatives.importing.dates import (
    DateHabits,
    NotADate,
    habits_of,
    parse_date,
)
from governance_app.initiatives.importing.values import parse_amount, parse_flag, parse_list

US = DateHabits("mdy", "year", 10)


@pytest.mark.parametrize(
    ("text", "day", "precision"),
    [
        ("10/1/2023", "2023-10-01", "day"),
        ("9/15/23", "2023-09-15", "day"),
        ("2022-11-16", "2022-11-16", "day"),
        ("2022-11-16T08:30:00Z", "2022-11-16", "day"),
        ("2022-11-16 (first formal action)", "2022-11-16", "day"),
        ("20231001", "2023-10-01", "day"),
        ("45200", "2023-10-01", "day"),
        ("1 Oct 2023", "2023-10-01", "day"),
        ("October 1st, 2023", "2023-10-01", "day"),
        ("1-Oct-23", "2023-10-01", "day"),
        ("10/2023", "2023-10-01", "month"),
        ("2022-08 (estimated)", "2022-08-01", "month"),
        ("Oct 2023", "2023-10-01", "month"),
        ("Oct-23", "2023-10-01", "month"),
        ("24-Oct", "2024-10-01", "month"),
        ("Q3 2024", "2024-07-01", "quarter"),
        ("Q4FY25", "2025-07-01", "quarter"),
        ("FY25 Q1", "2024-10-01", "quarter"),
        ("Scheduled for FY2025", "2024-10-01", "year"),
        ("2021", "2021-01-01", "year"),
        ("1/1/1996", "1996-01-01", "day"),
    ],
)
def test_dates_in_many_shapes(text, day, precision):
    read = parse_date(text, US)
    assert (read.on, read.precision) == (dt.date.fromisoformat(day), precision)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("7/14/1905", "shows the year 2022 this way"),
        ("3/1/0023", "the year 23 cannot be"),
        ("1/1/2203", "wrong century"),
        ("10/12023", "is not a date"),
        ("Pre-2021", "is not a date"),
        ("2015-2022", "range of years"),
        ("2024-02-15 (kick-off); 2024-08-23 (signed)", "more than one date"),
        ("2/30/2024", "does not exist"),
        ("31/12/2024", "has day first, unlike the rest"),
        ("Ongoing", "is not a date"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text, reason):
    with pytest.raises(NotADate, match=reason):
        parse_date(text, US)


def test_the_column_decides_the_order_of_day_and_month():
    assert habits_of(["10/1/2023", "3/25/2024"]).order == "mdy"
    assert habits_of(["1/10/2023", "25/3/2024"]).order == "dmy"
    assert habits_of(["10/1/2023", "11/1/2023", "7/1/2024"]).order == "mdy"
    assert habits_of(["01.02.2023"]).order == "dmy"
    assert habits_of(["3/25/2024", "25/3/2024"]).order == ""
    with pytest.raises(NotADate, match="choose the order"):
        parse_date("3/4/2024", DateHabits())


def test_years_shown_as_dates_are_read_when_the_mapping_says_so():
    read = parse_date("7/14/1905", DateHabits("mdy", years_as_dates=True))
    assert (read.on, read.precision) == (dt.date(2022, 1, 1), "year")


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("$1,234.50", "1234.50", "USD"),
        ("1.234,50 €", "1234.50", "EUR"),
        ("€ 1.250.000,50", "1250000.50", "EUR"),
        ("0,8 Mio €", "800000", "EUR"),
        ("USD 1.2M", "1200000", "USD"),
        ("2.5 million", "2500000", ""),
        ("£300k", "300000", "GBP"),
        ("(500)", "-500", ""),
        ("1'234'567 CHF", "1234567", "CHF"),
        ("12,5", "12.5", ""),
        ("12,500", "12500", ""),
    ],
)
def test_money(text, value, currency):
    amount = parse_amount(text)
    assert (amount.value, amount.currency) == (Decimal(value), currency)


@pytest.mark.parametrize("text", ["about a million", "1-2M", "$5 €", "1,23,456.7.8", "NaN"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(ValueError, match=r"is not an amount|two currencies"):
        parse_amount(text)


def test_flags_and_lists():
    assert [parse_flag(text) for text in ("YES", "Yes – public", "no", "FALSE")] == [
        True, True, False, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="neither yes nor no"):
        parse_flag("Maybe")
    assert parse_list("a; b;A") == ["a", "b"]
    assert parse_list('["Other", "Age"]') == ["Other", "Age"]
