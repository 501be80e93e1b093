"""
Sentences that remember how they were put together; pure.

The program speaks English: to its trail, its files and its API a phrase is a plain text. A page
that speaks another language takes the phrase apart again, and says its words and figures anew.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Literal, Self

from governance_app.domain import spelling


class Phrase(str):
    """
    An English sentence with the form and the values it was made of.

    ``many`` is the form for more than one of ``count``; empty where nothing is counted.
    A value that is a phrase itself is said anew too, and a day is written anew; any other text is
    a name and stays.
    """

    form: str
    many: str
    values: dict[str, object]

    def __new__(cls, form: str, many: str = "", /, **values: object) -> Self:
        chosen = many if many and values.get("count") != 1 else form
        written = {name: _written(value) for name, value in values.items()}
        if many:
            written["count"] = f"{values['count']:,}"
        made = super().__new__(cls, chosen.format_map(written) if values else chosen)
        made.form, made.many, made.values = form, many, values
        return made


def _written(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:,f}"
    return spelling.day(value) if isinstance(value, dt.date) else value


def phrase(form: str, /, **values: object) -> Phrase:
    """
    Put a sentence together.

    >>> phrase("{days} days past its time box", days=94)
    '94 days past its time box'
    """
    return Phrase(form, **values)


def month(on: dt.date) -> Phrase:
    """
    Write a month with its name.

    >>> month(dt.date(2026, 10, 1))
    'October 2026'
    """
    return Phrase("{month} {year}", month=Phrase(f"{on:%B}"), year=f"{on:%Y}")


def month_short(on: dt.date) -> Phrase:
    """
    Write a month with its short name.

    >>> month_short(dt.date(2026, 10, 1))
    'Oct 2026'
    """
    return Phrase("{month} {year}", month=Phrase(f"{on:%b}"), year=f"{on:%Y}")


def counted(one: str, many: str, /, *, count: int, **values: object) -> Phrase:
    """
    Put a sentence together that says how many there are of something.

    >>> counted("{count} month waits", "{count} months wait", count=1)
    '1 month waits'
    >>> counted("{count} month waits", "{count} months wait", count=3)
    '3 months wait'
    """
    return Phrase(one, many, count=count, **values)


#: What stands between words in a row -> the form that two of them are put together by.
_ROWS = {
    "and": phrase("{first} and {second}"),
    "or": phrase("{first} or {second}"),
    ",": phrase("{first}, {second}"),
    ";": phrase("{first}; {second}"),
    " ": phrase("{first} {second}"),
}


def in_a_row(between: Literal["and", "or", ",", ";", " "], parts: Sequence[str], /) -> str:
    """
    Put words or sentences in a row, each of them to be said anew; none give "".

    >>> in_a_row("and", [phrase("risk"), phrase("value"), phrase("cost")]), in_a_row(",", [])
    ('risk and value and cost', '')
    """
    if not parts:
        return ""
    form = _ROWS[between].form
    return reduce(lambda first, second: Phrase(form, first=first, second=second), parts)
