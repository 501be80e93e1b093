"""
Sentences that rows keep as texts: the forms they were written in, so that pages say them anew.

An alert, an anomaly and the reason why a figure is unknown are kept in English, as everything is.
What is written in a form that stands here is read back: its form and its values.
"""

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from governance_app.domain.phrases import Phrase, in_a_row, month, phrase

#: Why a figure is not known.
NO_READING = phrase("{kpi} has no fresh reading for {month}.")
NO_BASELINE = phrase("{kpi} has no baseline.")
NEVER_READ = phrase("{kpi} has no reading yet.")
NO_UNIT_VALUE = phrase("{kpi} has no unit value.")

#: A budget that reached a threshold, spent or forecast.
SPENT = phrase(
    "{place} has spent {amount} of {budget} {currency} budgeted for {year}, {share} or more, "
    "through {through}."
)
FORECAST = phrase(
    "{place} is forecast to cost {amount} {currency} in {year} (80 % band {low} to {high}), "
    "{share} or more of its budget of {budget}."
)
_CROSSED = phrase(
    "The budget of the year is passed in {expected} (80 % band: {earliest} to {latest})."
)
_STAYS = phrase("Even at the upper edge of its band the year stays within its budget.")

#: A day or a month that cost far from what is usual, and by how much.
TIMES_A_DAY = phrase("{what} cost {ratio} times its usual {day}: {more}")
TIMES_A_MONTH = phrase("{what} cost {ratio} times its usual month: {more}")
SOMETHING_ON_A_DAY = phrase("{what} cost something where its usual {day} costs nothing: {more}")
SOMETHING_IN_A_MONTH = phrase("{what} cost something where its usual month costs nothing: {more}")
NOTHING_ON_A_DAY = phrase("{what} cost nothing, unlike its usual {day}: {more}")
NOTHING_IN_A_MONTH = phrase("{what} cost nothing, unlike its usual month: {more}")
MORE = phrase("+{amount} {currency}")
LESS = phrase("\u2212{amount} {currency}")
IN_ACCOUNT = phrase("{service} in account {account}")

#: What comes of flows of money, of what breaks too often, and of talking about somebody.
NO_RATE = phrase("The flows change sign {changes} times and no rate brings them to zero.")
NOT_PAID_BACK = phrase("Not paid back within {count} periods.")
BROKEN = phrase("{count} breaches in {days} days; {most} bring a unit back to the board.")
NAMED = phrase("{who} named you: {what}")

#: What a draw of the portfolio leaves out or takes as certain, and a tier that answers leave open.
NO_CASE = phrase("{count} initiative has no approved case with months to come.")
NO_CASES = phrase("{count} initiatives have no approved case with months to come.")
NO_RANGE = phrase("{count} case has no range and counts at the likely value.")
NO_RANGES = phrase("{count} cases have no range and count at the likely value.")
NOT_RULED_OUT = phrase("{tier} cannot be ruled out.")

_FORMS = (
    NO_READING, NO_BASELINE, NEVER_READ, NO_UNIT_VALUE, SPENT, FORECAST, TIMES_A_MONTH, TIMES_A_DAY,
    SOMETHING_IN_A_MONTH, SOMETHING_ON_A_DAY, NOTHING_IN_A_MONTH, NOTHING_ON_A_DAY,
    NO_RATE, NOT_PAID_BACK, BROKEN, NAMED,
    NO_CASE, NO_CASES, NO_RANGE, NO_RANGES, NOT_RULED_OUT,
)  # fmt: skip
#: What may stand inside another sentence.
_INSIDE = (MORE, LESS, IN_ACCOUNT)
#: What stands behind another sentence.
_BEHIND = (_CROSSED, _STAYS)
#: What every sentence that is kept has in it; nothing else is looked at closely.
_SIGN = re.compile(
    r" has no | have no | has spent | is forecast to cost | cost (?:[\d.]+ t|some|noth)"
    r"| change sign |^Not paid back | bring a unit back | named you: "
    r"| cannot be ruled out\.$"
)
_TAIL = re.compile(r" ((?:The budget of the year|Even at the upper edge) .*)")
_MONTH = re.compile(rf"({'|'.join(calendar.month_name[1:])}) (\d{{4}})")
_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?")
_WORDS = frozenset((*calendar.day_name, "Spend", "not this year"))


@lru_cache(maxsize=4096)
def read_back(text: str) -> str:
    """
    Read a sentence that was kept; what is in no form that stands here stays the text it is.

    >>> told = read_back("Wait has no fresh reading for October 2026.")
    >>> told, told.values["kpi"], told.values["month"].form
    ('Wait has no fresh reading for October 2026.', 'Wait', '{month} {year}')
    >>> read_back("Nobody said why.")
    'Nobody said why.'
    """
    if not _SIGN.search(text):
        return text
    behind = _TAIL.search(text)
    if behind:
        first = _read(text[: behind.start()], _FORMS)
        return in_a_row(" ", [first, _read(behind[1], _BEHIND)])
    return _read(text, _FORMS)


def _read(text: str, forms: Iterable[Phrase]) -> str:
    for form in forms:
        found = _pattern(form.form).fullmatch(text)
        if found:
            values = found.groupdict()
            return Phrase(form.form, **{name: _value(name, each) for name, each in values.items()})
    return text


@lru_cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(form)))


def _value(name: str, text: str) -> object:
    """Read a value: a month, a number, a word or a sentence of the program, else a name."""
    on = _MONTH.fullmatch(text)
    if on:
        return month(dt.date(int(on[2]), list(calendar.month_name).index(on[1]), 1))
    if _NUMBER.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return phrase(text) if text in _WORDS or name == "tier" else _read(text, _INSIDE)
