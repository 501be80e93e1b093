"""Sentences in the viewer's language, with values in its manner of writing figures; pure."""

import re
from datetime import date
from decimal import Decimal

from governance_app.domain.phrases import Phrase
from governance_app.domain.texts import read_back
from portfolio.charts import manners, spelling, tongue

#: A value that the program spelled as a figure: a percentage, or one with its thousands apart. A
#: plain 1.2 may be the name of a version.
_FIGURE = re.compile(
    r"[+\u2212-]?(?:\d[\d,]*(?:\.\d+)?\s?%|\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?: [A-Z]{3})?"
)


def worded(form: str, /, **values: object) -> str:
    """
    Say a text, its values filled in.

    >>> worded("Spend by {what}", what="unit")
    'Spend by unit'
    """
    return _filled(tongue.present().one(form), values)


def worded_count(one: str, many: str, /, *, count: int, **values: object) -> str:
    """
    Say a text that counts something.

    >>> worded_count("{count} milestone is late", "{count} milestones are late", count=2133)
    '2,133 milestones are late'
    """
    return _filled(tongue.present().many(one, many, count), {"count": count, **values})


def said(words: object) -> str:
    """
    Say a word or a phrase of the program.

    >>> said(Phrase("{level} since {on}", level=Phrase("high"), on=date(2026, 3, 9)))
    'high since 9 Mar 2026'
    """
    if isinstance(words, Phrase):
        if words.many:
            return _filled(
                tongue.present().many(words.form, words.many, _count(words)), words.values
            )
        return _filled(tongue.present().one(words.form), words.values)
    text = str(words) if words else ""
    told = tongue.present().one(text) if text else ""
    if told != text or manners.present() is manners.ENGLISH:
        return told
    kept = read_back(text)
    return said(kept) if isinstance(kept, Phrase) else kept


def named(words: str) -> str:
    """
    Say a phrase; a plain text is a name and stays.

    >>> named("Finance"), named(Phrase("Finance"))
    ('Finance', 'Finance')
    """
    return said(words) if isinstance(words, Phrase) else words


#: What stands for a name where a bill says none, or where several names are put together.
_NO_NAMES = ("Unallocated", "Other", "(not stated)", "No commitment")


def called(name: str) -> str:
    """
    Say what a row or a series is called: the program's own words are said, names stay.

    >>> called("Unallocated"), called("Claims")
    ('Unallocated', 'Claims')
    """
    return said(name) if name in _NO_NAMES else name


def _count(words: Phrase) -> int:
    count = words.values["count"]
    assert isinstance(count, int)
    return count


def _filled(form: str, values: dict[str, object]) -> str:
    if not values:
        return form
    return form.format_map({name: _value(value) for name, value in values.items()})


def _value(value: object) -> str:
    """Write a value in the viewer's manner; a plain text is a name."""
    if isinstance(value, Phrase):
        return said(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return spelling.plain(value)
    if isinstance(value, Decimal):
        return spelling.plain(value, max(0, -int(value.as_tuple().exponent)))
    if isinstance(value, date):
        return spelling.day(value)
    text = str(value)
    return text.translate(manners.present().signs) if _FIGURE.fullmatch(text) else text
