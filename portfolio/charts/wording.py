"""Sentences in the viewer's language, with values in its manner of writing figures; pure."""

from datetime import date

from governance_app.domain.phrases import Phrase
from portfolio.charts import spelling, tongue


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
    return tongue.present().one(text) if text else ""


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
    if isinstance(value, date):
        return spelling.day(value)
    return str(value)
