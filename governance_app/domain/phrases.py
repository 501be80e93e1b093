"""
Sentences that remember how they were put together; pure.

The program speaks English: to its trail, its files and its API a phrase is a plain text. A page
that speaks another language takes the phrase apart again, and says its words and figures anew.
"""

import datetime as dt
from typing import Self

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


def counted(one: str, many: str, /, *, count: int, **values: object) -> Phrase:
    """
    Put a sentence together that says how many there are of something.

    >>> counted("{count} month waits", "{count} months wait", count=1)
    '1 month waits'
    >>> counted("{count} month waits", "{count} months wait", count=3)
    '3 months wait'
    """
    return Phrase(one, many, count=count, **values)
