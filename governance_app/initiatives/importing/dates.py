"""Dates as people write them, read the way their column shows they were meant."""

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .table import squeeze

EARLIEST_YEAR, LATEST_YEAR = 1950, 2100
_SERIAL_ZERO = datetime.date(1899, 12, 30)
_TWO_DIGIT_PIVOT = 69

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero",
            "feb february februar fevrier février febrero",
            "mar march maerz märz mrz mars marzo",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august aout août agosto",
            "sep sept september septembre septiembre",
            "oct october okt oktober octobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember decembre décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "(?P<name>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_TAIL = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*(?:Z|UTC|[ap]m|[+-]\d{2}:?\d{2}))?)?"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_YEAR_FIRST = _shape(rf"(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TAIL}")
_NUMERIC = _shape(
    rf"(?P<a>\d{{1,2}})(?P<sep>[-/.])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_TAIL}"
)
_YEAR_MONTH = _shape(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})")
_MONTH_YEAR = _shape(r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})")
_COMPACT = _shape(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_COMPACT_MONTH = _shape(r"(?P<y>(?:19|20)\d{2})(?P<m>0[1-9]|1[0-2])")
_DAY_NAME_YEAR = _shape(
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?[-/ ]{_MONTH},?[-/ ](?P<y>\d{{4}}|\d{{2}}){_TAIL}"
)
_NAME_DAY_YEAR = _shape(rf"{_MONTH} (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>\d{{4}}){_TAIL}")
_NAME_YEAR = _shape(rf"{_MONTH},?[-/ ](?P<y>\d{{4}})")
_NAME_SHORT = _shape(rf"{_MONTH}[-/ ]'?(?P<n>\d{{2}})")
_SHORT_NAME = _shape(rf"(?P<n>\d{{1,2}})[-/ ]{_MONTH}")
_YEAR = _shape(r"(?:cy ?)?(?P<y>(?:19|20)\d{2})")
_QUARTER = _shape(r"q(?P<q>[1-4])[ -]*(?P<fy>fy)?[ '-]*(?P<y>\d{4}|\d{2})")
_YEAR_QUARTER = _shape(r"(?P<fy>fy)?[ '-]*(?P<y>\d{4}|\d{2})[ -/]*q(?P<q>[1-4])")
_FISCAL = _shape(
    r"(?:scheduled for |planned for |planned |expected |est\.? |estimated )?"
    r"(?:fy|fiscal year)[ '-]*(?P<y>\d{4}|\d{2})"
)
_SERIAL = _shape(r"\d{5}(?:\.\d+)?")
_LOOKS_LIKE_A_DATE = _shape(
    r"\d{4}-\d{1,2}(-\d{1,2})?\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b"
    rf"|\b{_MONTH} \d{{4}}\b"
)
_THEN_WORDS = _shape(
    r"(?P<date>\d{4}-\d{1,2}(?:-\d{1,2})?|\d{1,2}/\d{1,2}/\d{4})\s*[ (;,:–-]\s*(?P<words>\D.*)"
)
_RANGE = _shape(r".*\b(?:19|20)\d{2}\s*(?:-|–|to)\s*(?:19|20)\d{2}\b.*")


class NotADate(ValueError):
    """The text names no single day, month, quarter or year; the message says why."""


@dataclass(frozen=True)
class Day:
    """A point in time as exactly as it was written: the first day of its month, quarter, year."""

    on: datetime.date
    precision: str = "day"

    def __str__(self) -> str:
        return self.on.isoformat()


@dataclass(frozen=True)
class DateHabits:
    """
    How one column writes dates.

    ``order`` is ``mdy``, ``dmy`` or empty when its values do not tell; ``short`` says what the
    number in ``24-Oct`` is: ``year``, ``day`` or empty. ``fiscal_start_month`` 1-12 reads FY
    texts; a fiscal year is named after the calendar year it ends in. ``years_as_dates`` undoes
    what a spreadsheet does to bare years: it shows 2022 as 14 Jul 1905.
    """

    order: str = ""
    short: str = ""
    fiscal_start_month: int = 1
    years_as_dates: bool = False


def habits_of(values: Iterable[str], *, fiscal_start_month: int = 1) -> DateHabits:
    """
    Decide the order of day and month, and of short years, from all values of a column.

    >>> habits_of(["10/1/2023", "9/15/2023"]).order
    'mdy'
    >>> habits_of(["01/02/2023"]).order
    ''
    """
    day_first = month_first = 0
    firsts: set[int] = set()
    seconds: set[int] = set()
    dotted = slashed = False
    shorts: list[int] = []
    for value in values:
        text = squeeze(value)
        if match := _NUMERIC.fullmatch(text):
            a, b = int(match["a"]), int(match["b"])
            day_first += a > 12 >= b
            month_first += b > 12 >= a
            firsts.add(a)
            seconds.add(b)
            dotted |= match["sep"] == "."
            slashed |= match["sep"] != "."
        elif match := _SHORT_NAME.fullmatch(text):
            shorts.append(int(match["n"]))
    order = ""
    if month_first and not day_first:
        order = "mdy"
    elif day_first and not month_first:
        order = "dmy"
    elif not day_first and firsts:
        if seconds == {1} and len(firsts) > 2:
            order = "mdy"
        elif (firsts == {1} and len(seconds) > 2) or (dotted and not slashed):
            order = "dmy"
    short = ""
    if shorts:
        if min(shorts) < 10 and len(set(shorts)) > 3:
            short = "day"
        elif len(shorts) > 3 or max(shorts) > 31:
            short = "year"
    return DateHabits(order, short, fiscal_start_month)


def parse_date(text: str, habits: DateHabits) -> Day:
    """
    Read one date.

    Args:
        text: the cell, not blank.
        habits: how its column writes dates.

    Returns:
        the day, with the precision it was written in.

    Raises:
        NotADate: it is no date, more than one, ambiguous, or in an impossible year.

    >>> parse_date("10/1/2023", DateHabits("mdy")).on
    datetime.date(2023, 10, 1)
    >>> parse_date("24-Oct", DateHabits(short="year"))
    Day(on=datetime.date(2024, 10, 1), precision='month')
    >>> parse_date("Q4FY25", DateHabits(fiscal_start_month=10))
    Day(on=datetime.date(2025, 7, 1), precision='quarter')
    """
    said = squeeze(text).strip("~")
    day = _full(said, habits) or _partial(said, habits) or _fiscal(said, habits)
    if day is None and (match := _THEN_WORDS.fullmatch(said)):
        if _LOOKS_LIKE_A_DATE.search(match["words"]):
            raise NotADate("names more than one date")
        day = _full(match["date"], habits) or _partial(match["date"], habits)
    if day is None:
        if _RANGE.fullmatch(said):
            raise NotADate("names a range of years, not a date")
        raise NotADate("is not a date")
    return _in_our_time(day, habits)


def _full(said: str, habits: DateHabits) -> Day | None:
    for pattern in (_YEAR_FIRST, _COMPACT):
        if match := pattern.fullmatch(said):
            return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    if match := _NUMERIC.fullmatch(said):
        return _numeric(int(match["a"]), int(match["b"]), _year(match["y"]), habits)
    for pattern in (_DAY_NAME_YEAR, _NAME_DAY_YEAR):
        if match := pattern.fullmatch(said):
            return _day(_year(match["y"]), _MONTHS[match["name"].casefold()], int(match["d"]))
    if _SERIAL.fullmatch(said):
        return Day(_SERIAL_ZERO + datetime.timedelta(days=int(float(said))))
    return None


def _partial(said: str, habits: DateHabits) -> Day | None:
    for pattern in (_YEAR_MONTH, _MONTH_YEAR, _COMPACT_MONTH):
        if match := pattern.fullmatch(said):
            return _day(int(match["y"]), int(match["m"]), 1, "month")
    if match := _NAME_YEAR.fullmatch(said):
        return _day(int(match["y"]), _MONTHS[match["name"].casefold()], 1, "month")
    if match := _NAME_SHORT.fullmatch(said):
        return _day(_year(match["n"]), _MONTHS[match["name"].casefold()], 1, "month")
    if match := _SHORT_NAME.fullmatch(said):
        if habits.short == "year":
            return _day(_year(match["n"].zfill(2)), _MONTHS[match["name"].casefold()], 1, "month")
        raise NotADate("has a day and a month but no year, or a month and a short year")
    if match := _YEAR.fullmatch(said):
        return _day(int(match["y"]), 1, 1, "year")
    return None


def _fiscal(said: str, habits: DateHabits) -> Day | None:
    for pattern in (_QUARTER, _YEAR_QUARTER):
        if match := pattern.fullmatch(said):
            start = habits.fiscal_start_month if match["fy"] else 1
            return _fiscal_day(_year(match["y"]), start, int(match["q"]), "quarter")
    if match := _FISCAL.fullmatch(said):
        return _fiscal_day(_year(match["y"]), habits.fiscal_start_month, 1, "year")
    return None


def _fiscal_day(year: int, start_month: int, quarter: int, precision: str) -> Day | None:
    first = (year - (1 if start_month > 1 else 0)) * 12 + start_month - 1 + 3 * (quarter - 1)
    return _day(first // 12, first % 12 + 1, 1, precision)


def _numeric(a: int, b: int, year: int, habits: DateHabits) -> Day | None:
    if habits.order == "mdy" or (not habits.order and b > 12):
        month, day = a, b
    elif habits.order == "dmy" or (not habits.order and a > 12) or a == b:
        month, day = b, a
    else:
        raise NotADate("may be day first or month first; choose the order in the mapping")
    if month > 12 >= day:
        other = "day" if habits.order == "mdy" else "month"
        raise NotADate(f"has {other} first, unlike the rest of its column")
    return _day(year, month, day)


def _year(digits: str) -> int:
    number = int(digits)
    if len(digits) > 2:
        return number
    return number + (2000 if number < _TWO_DIGIT_PIVOT else 1900)


def _day(year: int, month: int, day: int, precision: str = "day") -> Day:
    try:
        return Day(datetime.date(year, month, day), precision)
    except ValueError:
        raise NotADate("names a day or month that does not exist") from None


def is_year_as_date(text: str) -> bool:
    """
    Whether a text is what a spreadsheet shows when a year is formatted as a date.

    >>> is_year_as_date("7/14/1905"), is_year_as_date("7/14/2005")
    (True, False)
    """
    match = _NUMERIC.fullmatch(squeeze(text)) or _YEAR_FIRST.fullmatch(squeeze(text))
    return match is not None and match["y"] == "1905"


def _in_our_time(day: Day, habits: DateHabits) -> Day:
    if EARLIEST_YEAR <= day.on.year <= LATEST_YEAR:
        return day
    serial = (day.on - _SERIAL_ZERO).days
    if EARLIEST_YEAR <= serial <= LATEST_YEAR:
        if habits.years_as_dates:
            return Day(datetime.date(serial, 1, 1), "year")
        raise NotADate(
            f"is in the wrong century: a spreadsheet shows the year {serial} this way; the mapping"
            " can read such dates as years"
        )
    raise NotADate(f"is in the wrong century: the year {day.on.year} cannot be")
