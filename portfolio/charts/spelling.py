"""
Numbers, money and days as the viewer reads them: the one place for pages and charts.

English is what ``domain.spelling`` writes; another language turns its signs, months and order.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime

from governance_app.domain import spelling as english
from governance_app.domain.spelling import (
    MINUS,
    NBSP,
    Number,
    decimal_of,
    duration,
    money_exact,
    rounded,
    symbol,
)
from portfolio.charts import manners, tongue

__all__ = [
    "MINUS", "NBSP", "Number", "day", "day_short", "days_gone", "decimal_of", "decimal_sign",
    "duration", "listed", "money", "money_exact", "month", "month_name", "months", "percent",
    "plain", "plural", "price", "rounded", "short", "since", "symbol",
]  # fmt: skip

_SHORTENED = re.compile(r"([kMB])$")


def decimal_sign() -> str:
    """Give what parts the whole from the decimals."""
    return manners.present().decimal_sign


def plain(value: Number, places: int = 0, *, plus: bool = False) -> str:
    """
    Write a number with grouped thousands and a true minus sign.

    >>> with manners.using("de"): plain(-2133.5, 1)
    '−2.133,5'
    """
    return english.plain(value, places, plus=plus).translate(manners.present().signs)


def short(value: Number, *, plus: bool = False, lead: str = "") -> str:
    """
    Write an amount as people say it, shortened to three figures.

    >>> with manners.using("de"): short(38_214_567)
    '38,2\\xa0Mio.'
    """
    manner = manners.present()
    if manner is manners.ENGLISH:
        return english.short(value, plus=plus, lead=lead)
    text = english.short(value, plus=plus).translate(manner.signs)
    text = _SHORTENED.sub(lambda found: manner.steps[found[1]], text)
    sign = text[0] if text[0] in f"+{MINUS}" else ""
    return f"{sign}{lead}{text.removeprefix(sign)}"


def money(value: Number, currency: str, *, plus: bool = False) -> str:
    """
    Write money as people say it.

    >>> money(-2_800_000, "EUR")
    '−€2.8M'
    >>> with manners.using("de"): money(-2_800_000, "EUR")
    '−2,8\\xa0Mio.\\xa0€'
    """
    sign = symbol(currency)
    if manners.present().is_money_behind:
        return f"{short(value, plus=plus)}{NBSP}{sign.strip()}".rstrip()
    return short(value, plus=plus, lead=sign)


def price(value: Number, currency: str) -> str:
    """
    Write a price, which is often less than a cent, with four figures that count.

    >>> price(0.0100000046, "USD"), price(2.34210026, "USD")
    ('$0.01', '$2.342')
    """
    amount = decimal_of(value)
    if abs(amount) >= 100 or not amount:
        return money(amount, currency)
    places = min(3 - amount.adjusted(), 8)
    text = english.plain(amount, places).rstrip("0").rstrip(".")
    whole, _dot, cents = text.partition(".")
    text = f"{whole}.{cents:0<2}".translate(manners.present().signs)
    sign = symbol(currency)
    if manners.present().is_money_behind:
        return f"{text}{NBSP}{sign.strip()}".rstrip()
    return f"{text[0]}{sign}{text[1:]}" if text[0] == MINUS else f"{sign}{text}"


def percent(ratio: Number, places: int = 0, *, plus: bool = False) -> str:
    """Write a ratio as a percentage; 0.25 is 25%."""
    return plain(decimal_of(ratio) * 100, places, plus=plus) + manners.present().percent


def month_name(on: date) -> str:
    """Write the name of a month, shortened."""
    return manners.present().months[on.month - 1]


def day(on: date) -> str:
    """
    Write a day.

    >>> with manners.using("de"): day(date(2026, 3, 21))
    '21. März 2026'
    """
    return manners.present().day.format(day=on.day, month=month_name(on), year=on.year)


def day_short(on: date) -> str:
    """Write a day without its year."""
    return manners.present().day_short.format(day=on.day, month=month_name(on))


def month(on: date) -> str:
    """Write a month."""
    return f"{month_name(on)} {on.year}"


def months(first: date, last: date) -> str:
    """
    Write a span of months.

    >>> months(date(2026, 10, 1), date(2026, 10, 1)), months(date(2025, 11, 1), date(2026, 1, 1))
    ('Oct 2026', 'Nov 2025–Jan 2026')
    """
    if first == last:
        return month(first)
    opening = month_name(first) if first.year == last.year else month(first)
    return f"{opening}–{month(last)}"


def since(moment: datetime, now: datetime) -> str:
    """Say how long ago a moment was, in the largest fitting unit."""
    ago = manners.present().ago
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return ago["now"]
    if seconds < 3600:
        return ago["min"].format(n=seconds // 60)
    if seconds < 48 * 3600:
        return ago["h"].format(n=seconds // 3600)
    if seconds < 14 * 86400:
        return ago["d"].format(n=seconds // 86400)
    return day(moment.date())


def days_gone(days: int) -> str:
    """Say how many days ago something was."""
    return manners.present().ago["d"].format(n=days)


def plural(count: int, one: str, many: str | None = None) -> str:
    """
    Write a count with its noun.

    >>> plural(2133, "pilot")
    '2,133 pilots'
    """
    return f"{plain(count)} {tongue.present().many(one, many or f'{one}s', count)}"


def listed(words: Iterable[str], limit: int = 3) -> str:
    """Join words as a sentence does, cutting a long list."""
    manner = manners.present()
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], manner.more.format(n=len(items) - limit)]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {manner.last} {items[-1]}"
