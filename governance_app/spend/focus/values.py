"""
Single values of a bill: money, moments and tags out of the text they came as.

These are the slow, exact readers. The judge runs them once per *distinct* value that the
fast, vectorised path could not read, never once per line.
"""

import json
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import ROUND_HALF_EVEN, Context, Decimal

#: numeric(38,18): 18 decimals, and a bound no bill reaches (one line of a thousand trillion).
PLACES = 18
LARGEST = Decimal(10) ** 15
EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
UNIT = Decimal(1).scaleb(-PLACES)

NULLS = ("", "NULL", "null", "Null", "\\N")

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?\Z", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+\.\d+\Z|\d{1,3}(,\d{3})+\Z", re.ASCII)
_SIGNS = "$€£¥"


class Unreadable(ValueError):
    """A value that cannot be what its column holds; the text says why."""


def read_decimal(text: str) -> Decimal:
    """
    Read an amount exactly as written.

    A currency sign, thousands commas and accounting brackets are understood where they can
    mean only one thing; a comma that may be a decimal comma is refused.

    Raises:
        Unreadable: not a number, not finite, ambiguous, or beyond 10^15.

    >>> read_decimal("$10,000.00 "), read_decimal("(1.50)"), read_decimal("5.64902E-05")
    (Decimal('10000.00'), Decimal('-1.50'), Decimal('0.0000564902'))
    """
    plain = text.strip().replace("\u2212", "-").replace("\u00a0", "")
    is_negative = plain.startswith("(") and plain.endswith(")")
    plain = plain[1:-1].strip() if is_negative else plain
    if plain[:1] == "-" and plain[1:2] in tuple(_SIGNS):
        is_negative, plain = not is_negative, plain[1:]
    has_sign = plain[:1] in tuple(_SIGNS)
    plain = plain[1:].strip() if has_sign else plain
    unsigned = plain.lstrip("+-")
    if "," in unsigned:
        if not _GROUPED.match(unsigned) or not (has_sign or "." in unsigned):
            raise Unreadable("has a comma that may be a decimal comma; write 1234.56")
        plain = plain.replace(",", "")
    if not _PLAIN.match(plain):
        if unsigned.lower() in ("nan", "inf", "infinity"):
            raise Unreadable("is not a finite number")
        raise Unreadable("is not a number")
    value = EXACT.create_decimal(plain)
    if abs(value) >= LARGEST:
        raise Unreadable("is beyond 10^15, more than any bill line")
    return Decimal(f"{-value if is_negative else value:f}")


def to_places(value: Decimal) -> Decimal:
    """
    Give an amount in the ledger's 18 decimals; finer digits are rounded half even.

    >>> f"{to_places(Decimal('0.00000000000000000019')):f}"
    '0.000000000000000000'
    """
    return value.quantize(UNIT, context=EXACT)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time in UTC, the calendar month it was written in, and whether a zone was."""

    at: datetime
    month: date
    has_zone: bool


_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?)?\Z",
    re.ASCII,
)
_SLASHED = re.compile(
    r"(\d{1,2})[/.](\d{1,2})[/.](\d{4}|\d{2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(AM|PM|am|pm)?)?\Z",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)

FIRST_YEAR, LAST_YEAR = 2000, 2099


def read_moment(text: str, *, day_first: bool = False) -> Moment:
    """
    Read a point in time; without a zone it is UTC, as FOCUS says.

    Slashed dates are month first (5/1/25 is 1 May 2025) unless the source says otherwise.

    Raises:
        Unreadable: not a date, not in the calendar, or of the wrong century.

    >>> read_moment("2024-09-01 00:00:00").month, read_moment("5/1/25").at.date()
    (datetime.date(2024, 9, 1), datetime.date(2025, 5, 1))
    """
    plain = text.strip()
    if (found := _ISO.match(plain)) is not None:
        year, month, day, hour, minute, second, fraction, zone = found.groups()
        half = None
    elif (found := _SLASHED.match(plain)) is not None:
        first, then, year, hour, minute, second, half = found.groups()
        month, day = (then, first) if day_first else (first, then)
        if int(month) > 12 and int(day) <= 12:
            raise Unreadable(
                f"has no month {int(month)}; the source reads dates "
                f"{'day' if day_first else 'month'} first, change that in its settings"
            )
        year, fraction, zone = f"20{year}" if len(year) == 2 else year, None, None
    elif (found := _COMPACT.match(plain)) is not None:
        year, month, day = found.groups()
        hour = minute = second = fraction = zone = half = None
    else:
        raise Unreadable("is not a date")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise Unreadable(
            f"is of the wrong century: the year {int(year)} is not {FIRST_YEAR} to {LAST_YEAR}"
        )
    hours = int(hour or 0)
    if half is not None:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    try:
        written = datetime(int(year), int(month), int(day), tzinfo=UTC) + timedelta(
            hours=_within(hours, 24), minutes=_within(minute, 59), seconds=_within(second, 60)
        )
    except ValueError as error:
        raise Unreadable("is not in the calendar") from error
    written += timedelta(microseconds=int((fraction or "0").ljust(6, "0")[:6]))
    offset = _offset(zone)
    return Moment(written - offset, date(written.year, written.month, 1), zone is not None)


def _within(part: str | int | None, most: int) -> int:
    number = int(part or 0)
    if number > most:
        raise ValueError(number)
    return number


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone.upper() in ("Z", "UTC"):
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    if int(digits[:2]) > 14 or int(digits[2:]) > 59:
        raise Unreadable(f"has no time zone {zone}")
    span = timezone(timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))).utcoffset(None)
    return -span if zone[0] == "-" else span


def read_tags(text: str) -> dict[str, str]:
    """
    Read tags: a JSON object, Azure's object without its braces, or a list of key and value.

    Raises:
        Unreadable: none of these.

    >>> read_tags('"app": "chat", "env": "dev"'), read_tags("{}")
    ({'app': 'chat', 'env': 'dev'}, {})
    """
    plain = text.strip()
    if plain.startswith('"'):
        plain = "{" + plain.rstrip(", ") + "}"
    try:
        read = json.loads(plain, parse_float=str, parse_int=str)
    except ValueError as error:
        raise Unreadable("is not a JSON object of keys and values") from error
    if isinstance(read, list):
        if not all(isinstance(item, dict) and {"key", "value"} <= item.keys() for item in read):
            raise Unreadable("is not a JSON object of keys and values")
        read = {item["key"]: item["value"] for item in read}
    if not isinstance(read, dict):
        raise Unreadable("is not a JSON object of keys and values")
    tags = {str(key): _flat(value) for key, value in read.items()}
    for part in (*tags, *tags.values()):
        if "\x00" in part or any("\ud800" <= letter <= "\udfff" for letter in part):
            raise Unreadable("holds characters that are no text")
    return tags


def _flat(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical_tags(tags: dict[str, str]) -> str | None:
    """
    Write tags so that equal tags are equal texts; no tags are none.

    >>> canonical_tags({"b": "2", "a": "1"}), canonical_tags({})
    ('{"a":"1","b":"2"}', None)
    """
    if not tags:
        return None
    return json.dumps(tags, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


_AI_KEYS = {
    "ModelDeveloper": "x_ModelDeveloper",
    "ModelFamily": "x_ModelFamily",
    "ModelId": "x_ModelId",
    "ModelVersion": "x_ModelVersion",
    "TokenDirection": "x_TokenDirection",
    "TokenCacheAction": "x_TokenCacheAction",
}


def read_ai_details(text: str) -> dict[str, str]:
    """
    Read what SkuPriceDetails says about a model: keys of the next FOCUS draft, x_ or not.

    >>> read_ai_details('{"ModelId": "m-1", "x_TokenDirection": "Input", "CoreCount": 2}')
    {'x_ModelId': 'm-1', 'x_TokenDirection': 'Input'}
    """
    try:
        details = read_tags(text)
    except Unreadable:
        return {}
    found: dict[str, str] = {}
    for key, target in _AI_KEYS.items():
        value = details.get(target) or details.get(key)
        if value:
            found[target] = value
    return found
