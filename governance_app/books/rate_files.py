"""
Files of euro reference rates as the European Central Bank publishes them, and monthly rates
made of them. Pure: nothing here knows the database.

Shapes: ``eurofxref.csv`` (one day), ``eurofxref-hist.csv`` (all days), and their XML. A rate is
what one euro is worth; every other pair is a cross rate through the euro of the same day.
"""

import calendar
import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from governance_app.domain.cashflow import PRECISE
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT, exact_sum

EURO = "EUR"
#: Decimals a derived rate is kept with.
PLACES = Decimal("1e-12")
#: A month is whole when its first quote comes by this day and its last one this close to its end.
EDGE_DAYS = 7
MOST_BYTES = 64 << 20
_CODE = re.compile(r"[A-Z]{3}")


class BadRateFile(Sentence):
    """A file of rates that cannot be read as a whole; names row and column."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What one euro was worth on a day, by currency."""

    day: dt.date
    rates: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class Derived:
    """A monthly rate made of daily ones: what one ``base`` is worth in ``quote``."""

    base: str
    quote: str
    month: dt.date
    kind: str
    value: Decimal
    days: int

    @property
    def is_cross(self) -> bool:
        return EURO not in (self.base, self.quote)


def read_rates(content: bytes, *, name: str) -> list[Quoted]:
    """
    Read a file of daily euro rates, oldest day first.

    Raises:
        BadRateFile: it is none, or a cell cannot be read: names the row and the column.
    """
    if len(content) > MOST_BYTES:
        raise BadRateFile(f"{name} is larger than any file of reference rates.", file=name)
    text = content.decode("utf-8-sig", errors="replace").lstrip()
    days = list(_from_xml(content, name) if text.startswith("<") else _from_csv(text, name))
    if not days:
        raise BadRateFile(f"{name} holds no day with rates.", file=name)
    seen: dict[dt.date, int] = {}
    for at, quoted in enumerate(days, start=2):
        if quoted.day in seen:
            raise BadRateFile(f"{quoted.day:%d %B %Y} stands twice.", file=name, row=at)
        seen[quoted.day] = at
    return sorted(days, key=lambda one: one.day)


def _from_csv(text: str, name: str) -> Iterator[Quoted]:
    rows = csv.reader(io.StringIO(text, newline=""))
    head = [cell.strip() for cell in next(rows, [])]
    codes = [cell for cell in head[1:] if cell]
    if not head or head[0].lower() != "date" or not codes:
        raise BadRateFile(
            f"{name} is no file of euro reference rates: those begin with a column Date and one "
            "column per currency.",
            file=name, row=1,
        )  # fmt: skip
    for code in codes:
        if not _CODE.fullmatch(code):
            raise BadRateFile(f"“{code[:40]}” is no currency code.", file=name, row=1, column=code)
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[len(codes) + 1 :]):
            raise BadRateFile(
                "The row has more cells than the header; rates are written with a point.",
                file=name, row=number,
            )  # fmt: skip
        rates = {}
        for code, cell in zip(codes, row[1:], strict=False):
            said = cell.strip()
            if said and said != "N/A":
                rates[code] = _rate(said, name, number, code)
        yield Quoted(_day(row[0].strip(), name, number), rates)


def _from_xml(content: bytes, name: str) -> Iterator[Quoted]:
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException) as error:
        raise BadRateFile(f"{name} is no XML that can be read ({error}).", file=name) from None
    number = 1
    for cube in root.iter():
        when = cube.get("time")
        if when is None:
            continue
        number += 1
        rates = {}
        for each in cube:
            code = each.get("currency", "")
            if not _CODE.fullmatch(code):
                raise BadRateFile(f"“{code[:40]}” is no currency code.", file=name, row=number)
            rates[code] = _rate(each.get("rate", ""), name, number, code)
        yield Quoted(_day(when, name, number), rates)


def _rate(said: str, name: str, row: int, column: str) -> Decimal:
    try:
        value = Decimal(said)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0 or abs(value.adjusted()) > 15:
        raise BadRateFile(
            f"“{said[:40]}” is no rate; a rate is a positive number such as 1.0842.",
            file=name, row=row, column=column, value=said,
        )  # fmt: skip
    return value


def _day(said: str, name: str, row: int) -> dt.date:
    for shape in ("%Y-%m-%d", "%d %B %Y"):
        try:
            day = dt.datetime.strptime(said, shape).date()  # noqa: DTZ007
        except ValueError:
            continue
        if 1990 <= day.year <= 2200:
            return day
    raise BadRateFile(
        f"“{said[:40]}” is no day such as 2026-10-30.",
        file=name,
        row=row,
        column="Date",
        value=said,
    )


@dataclass(frozen=True, slots=True)
class Monthly:
    """Rates made of a file, and in words the months that none could be made of."""

    rates: tuple[Derived, ...]
    remarks: tuple[str, ...]


def monthly(
    days: Sequence[Quoted], *, quotes: Sequence[str], bases: Sequence[str] | None = None
) -> Monthly:
    """
    Make average and closing rates of the whole months of a file.

    The average is the mean of the daily (cross) rates, the closing rate that of the last day.

    Args:
        days: from :func:`read_rates`.
        quotes: currencies to convert into.
        bases: currencies to convert from; None = every one in the file, the euro included.

    Raises:
        BadRateFile: a currency is not in the file at all.
    """
    held = {EURO, *(code for day in days for code in day.rates)}
    for code in (*quotes, *(bases or ())):
        if code not in held:
            raise BadRateFile(
                f"The file holds no rate of {code}; it holds {', '.join(sorted(held))}."
            )
    by_month: dict[dt.date, list[Quoted]] = {}
    for day in days:
        by_month.setdefault(day.day.replace(day=1), []).append(day)
    rates: list[Derived] = []
    remarks: list[str] = []
    for month, quoted in sorted(by_month.items()):
        length = calendar.monthrange(month.year, month.month)[1]
        if quoted[0].day.day > EDGE_DAYS or quoted[-1].day.day <= length - EDGE_DAYS:
            first, last = quoted[0].day, quoted[-1].day
            remarks.append(
                f"{month:%B %Y} is not whole: quoted from {first:%d} to {last:%d %B} only."
            )
            continue
        for quote in quotes:
            for base in sorted(set(bases) if bases is not None else held):
                if base == quote:
                    continue
                crosses = [c for day in quoted if (c := _cross(day, base, quote)) is not None]
                if len(crosses) < len(quoted):
                    if crosses:
                        remarks.append(f"{base} to {quote} is not quoted on all of {month:%B %Y}.")
                    continue
                mean = PRECISE.divide(exact_sum(crosses), Decimal(len(crosses)))
                for kind, value in (("average", mean), ("closing", crosses[-1])):
                    kept = value.quantize(PLACES, rounding=ROUND_HALF_UP, context=EXACT)
                    rates.append(Derived(base, quote, month, kind, kept, len(crosses)))
    return Monthly(tuple(rates), tuple(remarks))


def _cross(day: Quoted, base: str, quote: str) -> Decimal | None:
    """Give what one ``base`` was worth in ``quote`` that day, through the euro."""
    worth = {EURO: Decimal(1), **day.rates}
    if base not in worth or quote not in worth:
        return None
    return PRECISE.divide(worth[quote], worth[base])
