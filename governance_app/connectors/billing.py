"""
Bills out of answers: what a billing API says becomes one FOCUS file a month.

Vendors that export no FOCUS answer amounts per day. A plug-in turns each into a line with
FOCUS names; this module gathers the lines of each billing month into a gzipped CSV, on disk
once it is large, and delivers the months whose lines differ from what was delivered last.
Amounts stay the digits that the vendor wrote.
"""

import csv
import datetime as dt
import gzip
import hashlib
import io
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, BinaryIO

from governance_app.connectors.base import (
    Batch,
    Delivery,
    Errand,
    FilePart,
    PermanentError,
    Refusal,
)
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months, month_of, month_range

#: What every line says; a plug-in adds any other FOCUS or ``x_`` column it declares.
BASIC = (
    "BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId",
    "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
    "ChargePeriodEnd", "ChargeCategory", "ProviderName", "PublisherName", "InvoiceIssuerName",
    "ServiceCategory", "ServiceName",
)  # fmt: skip
IN_MEMORY_BYTES = 8 << 20
AI = "AI and Machine Learning"
MAX_EXPONENT = 40

Line = Mapping[str, Any]


def months_of(errand: Errand) -> list[dt.date]:
    """Give the billing months a run reads: every one that its window touches."""
    return month_range(month_of(errand.window.since), month_of(errand.window.until))


def month_bounds(month: dt.date) -> tuple[str, str]:
    """Give the first moment of a month and of the next one, as FOCUS writes them."""
    return f"{month:%Y-%m-%d}T00:00:00Z", f"{add_months(month, 1):%Y-%m-%d}T00:00:00Z"


def day_bounds(day: dt.date) -> tuple[str, str]:
    """Give the first moment of a day and of the next one, as FOCUS writes them."""
    return f"{day.isoformat()}T00:00:00Z", f"{day + dt.timedelta(days=1)}T00:00:00Z"


def line(
    *,
    vendor: str,
    account: str,
    day: dt.date,
    amount: Decimal,
    currency: str,
    service: str,
    category: str = AI,
    effective: Decimal | None = None,
    **more: Any,
) -> dict[str, Any]:
    """
    Make the line of one day's charge; the billing month is the day's.

    Where the vendor states no list price, list and contracted cost are the billed cost and
    ``x_CostBasis`` says so.

    Args:
        amount: billed, a credit negative; ``effective`` the amortised cost when it differs.
        more: further columns by their FOCUS name; mappings are written as JSON.
    """
    begins, ends = day_bounds(day)
    month_begins, month_ends = month_bounds(month_of(day))
    return {
        "BilledCost": amount,
        "EffectiveCost": amount if effective is None else effective,
        "ListCost": amount,
        "ContractedCost": amount,
        "BillingAccountId": account,
        "BillingCurrency": currency.upper(),
        "BillingPeriodStart": month_begins,
        "BillingPeriodEnd": month_ends,
        "ChargePeriodStart": begins,
        "ChargePeriodEnd": ends,
        "ChargeCategory": "Usage",
        "ProviderName": vendor,
        "PublisherName": vendor,
        "InvoiceIssuerName": vendor,
        "ServiceCategory": category,
        "ServiceName": service,
        "x_CostBasis": "billed-only",
        **more,
    }


class MonthFile:
    """The lines of one billing month on their way into a file; equal lines give equal files."""

    def __init__(self, month: dt.date, columns: Iterable[str]) -> None:
        self.month = month
        self.columns = tuple(columns)
        self.rows = 0
        self.billed: dict[str, Decimal] = {}
        self._sum = 0
        self._raw = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  (returned)
        self._zip = gzip.GzipFile(fileobj=self._raw, mode="wb", mtime=0, filename="")
        self._text = io.TextIOWrapper(self._zip, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(self.columns)

    def add(self, row: Line) -> None:
        """
        Write one line.

        Raises:
            KeyError: it has a column that was not declared.
        """
        if unknown := row.keys() - set(self.columns):
            raise KeyError(", ".join(sorted(unknown)))
        cells = [_cell(row.get(name)) for name in self.columns]
        self._writer.writerow(cells)
        self._sum += int.from_bytes(hashlib.sha256("\x1f".join(cells).encode()).digest()[:16])
        self.rows += 1
        currency, amount = str(row["BillingCurrency"]), Decimal(str(row["BilledCost"]))
        self.billed[currency] = EXACT.add(self.billed.get(currency, Decimal(0)), amount)

    @property
    def version(self) -> str:
        """What changes when a line does, whatever the order they came in."""
        told = f"{self.columns}{self.rows}:{self._sum % (1 << 128):032x}"
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def part(self, name: str) -> FilePart:
        """Close the file and offer it; it may be read several times, one after the other."""
        self._text.flush()
        self._text.detach()
        self._zip.close()
        size = self._raw.tell()
        return FilePart(name=name, identity=self.version, open=self._opened, size_bytes=size)

    def _opened(self) -> BinaryIO:
        self._raw.seek(0)
        return _Lent(self._raw)  # type: ignore[return-value]


class _Lent:
    """A stream that stays open when its reader closes it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        return data

    def close(self) -> None:
        """Leave it to the next reader."""

    def __enter__(self) -> "_Lent":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def month_batch(
    *,
    errand: Errand,
    month: dt.date,
    scope: str,
    lines: Iterable[Line],
    columns: Iterable[str] = (),
    refused: Iterable[Refusal] = (),
) -> Iterator[Batch]:
    """
    Deliver a month if its lines differ from those delivered last; else say that it was read.

    A month that never had a line is not delivered; one that lost its lines is, empty.

    Args:
        scope: whose bill it is (the account or organisation at the vendor).
        lines: every line of that scope and month.
        columns: what the lines say beyond ``BASIC``.
    """
    file = MonthFile(month, (*BASIC, "x_CostBasis", *columns))
    for each in lines:
        file.add(each)
    mark = f"{scope}/{month:%Y-%m}"
    before = errand.watermark.get(mark)
    version = file.version
    refusals = tuple(refused)
    if (before is None and not file.rows) or (before is not None and before[0] == version):
        yield Batch(stage=f"{month:%B %Y}", refused=refusals)
        return
    made_at = errand.now
    if before is not None:  # a clock set back must not make the newer bill the older one
        made_at = max(made_at, dt.datetime.fromisoformat(before[1]) + dt.timedelta(milliseconds=1))
    part = file.part(f"{month:%Y-%m}.csv.gz")
    yield Batch(
        stage=f"{month:%B %Y}",
        deliveries=(
            Delivery(
                scope=scope,
                version=version,
                made_at=made_at,
                period=month,
                parts=(part,),
                declared_rows=file.rows,
                declared_billed=file.billed,
            ),
        ),
        refused=refusals,
        marks={mark: [version, made_at.isoformat()]},
    )


def exact(value: Any) -> Decimal:
    """
    Read an amount as the vendor wrote it.

    Raises:
        TypeError: it is a binary number, which has lost its digits.
        ValueError, InvalidOperation: it is no finite number.
    """
    if isinstance(value, float | bool):
        raise TypeError(f"{value!r} is not written exactly")
    amount = Decimal(str(value).strip())
    if not amount.is_finite() or abs(amount.adjusted()) > MAX_EXPONENT:
        raise ValueError(f"{value!r} is no amount")
    return amount


def pairs(text: Any) -> dict[str, str]:
    """
    Read "name = value" lines, one a line; blank lines and those after # say nothing.

    Raises:
        PermanentError: a line has no equals sign.
    """
    found: dict[str, str] = {}
    for row in str(text or "").splitlines():
        if not row.strip() or row.strip().startswith("#"):
            continue
        name, is_pair, value = row.rpartition("=")
        if not is_pair or not name.strip() or not value.strip():
            raise PermanentError(f"{row.strip()!r} is not of the form: name = AI-142.")
        found[name.strip()] = value.strip()
    return found


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True) if value else ""
    return str(value)
