"""Readings of one KPI from a sheet: a day and a value a row, every problem named."""

import datetime as dt
from dataclasses import dataclass

from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.dates import NotADate, habits_of, parse_date
from governance_app.initiatives.importing.table import Limits, Table, squeeze
from governance_app.initiatives.importing.values import parse_amount
from governance_app.value.case_file import Problem

LIMITS = Limits(file_bytes=4 * 1024**2, decoded_bytes=16 * 1024**2, rows=20_000, columns=50)
_DAYS = ("day", "date", "period", "month", "on")
_VALUES = ("value", "reading", "amount")


@dataclass(frozen=True, slots=True)
class ReadingFile:
    """What a sheet says: the readings, and the problems of all other rows."""

    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]


def read_readings(content: bytes, *, name: str, today: dt.date) -> ReadingFile:
    """
    Read days and values from CSV, TSV or XLSX bytes; nothing is written.

    Raises:
        Sentence: it is no table, or has no column for the day or the value.
    """
    table = read_table(content, name=name, limits=LIMITS)
    day, value = _column(table, _DAYS, "day"), _column(table, _VALUES, "value")
    habits = habits_of(table.values(day))
    readings: dict[dt.date, Reading] = {}
    problems = [Problem(each.number, "", "", each.reason) for each in table.misfits]
    for row in table.rows:
        said_day, said = squeeze(table.cell(row, day)), squeeze(table.cell(row, value))
        try:
            on = parse_date(said_day, habits).on
        except NotADate as error:
            problems.append(Problem(row.number, day, said_day, f"This {error}."))
            continue
        try:
            amount = parse_amount(said).value
        except ValueError as error:
            problems.append(Problem(row.number, value, said, f"This {error}. Write figures."))
            continue
        if on > today:
            problems.append(Problem(row.number, day, said_day, "This day has not come yet."))
        elif on in readings:
            problems.append(Problem(row.number, day, said_day, "This day stands twice."))
        else:
            readings[on] = Reading(on, amount, f"{name}, row {row.number}"[:200])
    problems.sort(key=lambda each: each.row)
    return ReadingFile(tuple(readings.values()), tuple(problems))


def _column(table: Table, words: tuple[str, ...], what: str) -> str:
    for column in table.columns:
        if squeeze(column.header).casefold() in words:
            return column.label
    there = ", ".join(column.label for column in table.columns[:8])
    raise Sentence(f"Readings need a column called {what}; there is {there}.", file=table.file)
