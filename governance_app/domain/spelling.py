"""Numbers in words people use: one place for pages, charts and sentences."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

MINUS = "\u2212"
NBSP = "\u00a0"
SYMBOLS = {
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "CNY": "CN¥",
    "INR": "₹",
    "KRW": "₩",
    "BRL": "R$",
    "CAD": "C$",
    "AUD": "A$",
}
MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_STEPS = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))

Number = Decimal | int | float


def decimal_of(value: Number) -> Decimal:
    """Give the number as a Decimal, a float by its shortest spelling."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def rounded(value: Number, places: int = 0) -> Decimal:
    """
    Round half-up for display (METHOD section 1).

    >>> rounded(2.5), rounded(Decimal("-0.25"), 1)
    (Decimal('3'), Decimal('-0.3'))
    """
    quantum = Decimal(1).scaleb(-places)
    return decimal_of(value).quantize(quantum, rounding=ROUND_HALF_UP)


def symbol(currency: str) -> str:
    """Give the sign that stands before an amount; a code without a sign keeps a space."""
    return SYMBOLS.get(currency, f"{currency}{NBSP}" if currency else "")


def _signed(value: Decimal, text: str, plus: bool) -> str:
    if value < 0:
        return MINUS + text
    return ("+" if plus and value > 0 else "") + text


def plain(value: Number, places: int = 0, *, plus: bool = False) -> str:
    """
    Write a number with grouped thousands and a true minus sign.

    >>> plain(2133), plain(-0.04, 1), plain(6.36, 1), plain(4, plus=True)
    ('2,133', '0.0', '6.4', '+4')
    """
    figure = rounded(value, places)
    return _signed(figure, f"{abs(figure):,}", plus)


def short(value: Number, *, plus: bool = False, lead: str = "") -> str:
    """
    Write an amount as people say it: three figures at most, then k, M or B.

    Args:
        value: the amount in whole units.
        plus: write a plus sign before a positive amount.
        lead: what stands between sign and figure, such as a currency sign.

    >>> short(38_214_567), short(340_000), short(-212_400), short(999_950), short(12.5)
    ('38.2M', '340k', '−212k', '1.0M', '12.50')
    """
    amount = decimal_of(value)
    size = abs(amount)
    for step, letter in _STEPS:
        if size >= step * Decimal("0.9995"):  # 999,950 is a million, not "1,000k"
            figure = rounded(size / step, _places(size / step, letter))
            return _signed(amount, f"{lead}{figure:,}{letter}", plus)
    figure = rounded(size, 0 if size == size.to_integral_value() or size >= 100 else 2)
    sign = amount if figure else Decimal(0)
    return _signed(sign, f"{lead}{figure:,}", plus)


def _places(figure: Decimal, letter: str) -> int:
    if letter == "k":
        return 1 if figure < Decimal("9.95") else 0
    return 1 if figure < Decimal("99.95") else 0


def money(value: Number, currency: str, *, plus: bool = False) -> str:
    """
    Write money as people say it.

    >>> money(Decimal("38214567.12"), "USD"), money(-2_800_000, "EUR"), money(950, "CHF")
    ('$38.2M', '−€2.8M', 'CHF\\xa0950')
    """
    return short(value, plus=plus, lead=symbol(currency))


def money_exact(value: Number, currency: str) -> str:
    """
    Write money in full precision with its code, losing nothing.

    >>> money_exact(Decimal("38214567.120000000000000000"), "USD")
    'USD 38,214,567.12'
    """
    amount = decimal_of(value)
    text = f"{abs(amount):,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
        whole, _, cents = text.partition(".")
        if cents and len(cents) < 2:
            text = f"{whole}.{cents:0<2}"
    return f"{currency} {_signed(amount, text, False)}".strip()


def percent(ratio: Number, places: int = 0, *, plus: bool = False) -> str:
    """
    Write a ratio as a percentage; 0.25 is 25 %.

    >>> percent(-0.22), percent(0.964, 1), percent(0.034, plus=True)
    ('−22%', '96.4%', '+3%')
    """
    return plain(decimal_of(ratio) * 100, places, plus=plus) + "%"


def day(on: date) -> str:
    """
    Write a day.

    >>> day(date(2026, 11, 21))
    '21 Nov 2026'
    """
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def day_short(on: date) -> str:
    """Write a day without its year."""
    return f"{on.day} {MONTHS[on.month - 1]}"


def month(on: date) -> str:
    """
    Write a month.

    >>> month(date(2026, 11, 1))
    'Nov 2026'
    """
    return f"{MONTHS[on.month - 1]} {on.year}"


def since(moment: datetime, now: datetime) -> str:
    """
    Say how long ago a moment was, in the largest fitting unit.

    >>> since(datetime(2026, 11, 21, 8, 0), datetime(2026, 11, 21, 8, 6))
    '6 min ago'
    """
    seconds = int((now - moment).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h ago"
    if seconds < 14 * 86400:
        return f"{seconds // 86400} d ago"
    return day(moment.date())


def duration(seconds: Number) -> str:
    """
    Say how long something takes.

    >>> duration(42), duration(190), duration(7300)
    ('42 s', '3 min 10 s', '2 h 1 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 >= 60 else "")


def plural(count: int, one: str, many: str | None = None) -> str:
    """
    Write a count with its noun.

    >>> plural(1, "pilot"), plural(2133, "initiative"), plural(3, "entry", "entries")
    ('1 pilot', '2,133 initiatives', '3 entries')
    """
    return f"{plain(count)} {one if count == 1 else many or one + 's'}"


def listed(words: Iterable[str], limit: int = 3) -> str:
    """
    Join words as a sentence does, cutting a long list.

    >>> listed(["a", "b", "c"]), listed(list("abcdef"))
    ('a, b and c', 'a, b, c and 3 more')
    """
    items = list(words)
    if len(items) > limit:
        items = [*items[:limit], f"{len(items) - limit} more"]
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
