"""
FOCUS 1.4 InvoiceDetail files, read row by row in a process of its own: nobody vouches for them.

Pure: nothing here knows the database. What is read travels as JSON between the two processes.
"""

import csv
import dataclasses
import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.files import limited

NEEDED = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "ChargeCategory",
    "InvoiceDetailId", "InvoiceDetailLastUpdated", "InvoiceId", "InvoiceIssuerName",
)  # fmt: skip
CHARGES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
STATUSES = ("open", "issued", "voided")
LARGEST_ROWS = 500_000
READ = "governance_app.spend.invoice_details:read"
BOUNDS = limited.Bounds(cpu_seconds=600, wall_seconds=600.0, silent_seconds=300.0)
_NOTHING = ("", "NULL", "null")
_ROWS_AT_ONCE = 5_000
_DAYS = ("issued_on", "due_on")
_AMOUNTS = ("amount", "payment_amount")


@dataclass(frozen=True, slots=True)
class Detail:
    """One row: whose invoice it is, what the invoice says of itself, and the line."""

    row: int
    issuer: str
    number: str
    currency: str
    month: dt.date
    status: str
    line: dict[str, Any]
    header: dict[str, Any]


def details_of(path: Path, *, name: str) -> Iterator[list[Detail]]:
    """
    Read a file in a process that may use only so much, some thousand rows at a time.

    Raises:
        Sentence: with row and column of the first thing that cannot be read; or the file takes
            more than it may, or broke its reader.
    """
    asked = {"path": str(path), "name": name}
    for message in limited.run(READ, asked, name=name, bounds=BOUNDS):
        yield [_from_json(one) for one in json.loads(message.blobs[0])]


def read(asked: dict[str, Any], send: limited.Send) -> None:
    """Read a file here and send its rows; runs in the process of its own."""
    content = Path(asked["path"]).read_bytes()
    some: list[dict[str, Any]] = []
    for detail in read_details(content, name=asked["name"]):
        some.append(dataclasses.asdict(detail))
        if len(some) == _ROWS_AT_ONCE:
            send({}, json.dumps(some, default=str).encode())
            some = []
    send({}, json.dumps(some, default=str).encode())


def read_details(content: bytes, *, name: str) -> Iterator[Detail]:
    """
    Read the rows of a file in their order.

    Raises:
        Sentence: with row and column of the first thing that cannot be read.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Sentence(f"{name} is not UTF-8 text. Save it as CSV in UTF-8.", file=name) from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    header = reader.fieldnames or []
    if missing := [column for column in NEEDED if column not in header]:
        raise Sentence(
            f"{name} has no column {missing[0]}: it is no FOCUS InvoiceDetail file. "
            f"It needs {', '.join(NEEDED)}.",
            file=name,
            row=1,
            column=missing[0],
        )
    seen: set[tuple[str, str, str]] = set()
    for number, values in enumerate(reader, start=2):
        if number > LARGEST_ROWS:
            raise Sentence(f"{name} has more than {LARGEST_ROWS:,} rows. Split it by invoice.")
        detail = _Row(name, number, values).detail()
        key = (detail.number, detail.currency, detail.line["detail_id"])
        if key in seen:
            raise Sentence(
                f"{name}: row {number}, InvoiceDetailId {key[2]!r} stands twice in one invoice.",
                file=name, row=number, column="InvoiceDetailId", value=key[2],
            )  # fmt: skip
        seen.add(key)
        yield detail


def _from_json(told: dict[str, Any]) -> Detail:
    line, header = dict(told["line"]), dict(told["header"])
    for name in _AMOUNTS:
        line[name] = None if line[name] is None else Decimal(line[name])
    line["updated_at"] = dt.datetime.fromisoformat(line["updated_at"])
    for name in _DAYS:
        header[name] = dt.date.fromisoformat(header[name]) if header[name] else None
    month = dt.date.fromisoformat(told["month"])
    return Detail(**{**told, "month": month, "line": line, "header": header})


class _Row:
    """One row of the file, read column by column."""

    def __init__(self, file: str, number: int, values: Mapping[str, str | None]) -> None:
        self.file, self.number, self.values = file, number, values

    def detail(self) -> Detail:
        """Read the row."""
        charge = self.needed("ChargeCategory")
        if charge not in CHARGES:
            self.refuse("ChargeCategory", charge, f"is none of {', '.join(CHARGES)}")
        currency = self.needed("BillingCurrency")
        if len(currency) != 3 or not currency.isupper():
            self.refuse("BillingCurrency", currency, "is no ISO 4217 code")
        status = (self.text("InvoiceIssueStatus") or "Issued").lower()
        if status not in STATUSES:
            self.refuse("InvoiceIssueStatus", status, "is none of Open, Issued, Voided")
        issued, due = self.moment("InvoiceIssueDate"), self.moment("PaymentDueDate")
        amount = self.amount("BilledCost")
        start, updated = self.moment("BillingPeriodStart"), self.moment("InvoiceDetailLastUpdated")
        if amount is None:
            self.refuse("BilledCost", "", "is empty")
        if start is None:
            self.refuse("BillingPeriodStart", "", "is empty")
        if updated is None:
            self.refuse("InvoiceDetailLastUpdated", "", "is empty")
        return Detail(
            row=self.number,
            issuer=self.needed("InvoiceIssuerName"),
            number=self.needed("InvoiceId"),
            currency=currency,
            month=month_of(start.date()),
            status=status,
            header={
                "issued_on": issued.date() if issued else None,
                "due_on": due.date() if due else None,
                "terms": self.text("PaymentTerms")[:100],
                "order_number": self.text("PurchaseOrderNumber")[:100],
                "refers_to": self.text("ReferenceInvoiceId")[:200],
            },
            line={
                "detail_id": self.needed("InvoiceDetailId")[:200],
                "billing_account": self.needed("BillingAccountId")[:200],
                "description": self.text("InvoiceDetailDescription"),
                "charge": charge,
                "grain": self.mapping("InvoiceDetailGrain"),
                "amount": amount,
                "payment_currency": self.text("PaymentCurrency")[:3],
                "payment_amount": self.amount("PaymentCurrencyBilledCost"),
                "order_number": self.text("PurchaseOrderNumber")[:100],
                "updated_at": updated,
            },
        )

    def text(self, column: str) -> str:
        """Read a text; the words for nothing are nothing."""
        said = (self.values.get(column) or "").strip()
        return "" if said in _NOTHING else said

    def needed(self, column: str) -> str:
        """Read a text that must be there."""
        said = self.text(column)
        if not said:
            self.refuse(column, "", "is empty")
        return said

    def amount(self, column: str) -> Decimal | None:
        """Read an exact amount."""
        said = self.text(column)
        if not said:
            return None
        try:
            value = Decimal(said)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= 10**20:
            self.refuse(column, said, "is not a number")
        if int(value.as_tuple().exponent) < -18:
            self.refuse(column, said, "has more than 18 decimals")
        return value

    def moment(self, column: str) -> dt.datetime | None:
        """Read an ISO 8601 moment; one without a zone is UTC."""
        said = self.text(column)
        if not said:
            return None
        try:
            found = dt.datetime.fromisoformat(said)
        except ValueError:
            self.refuse(column, said, "is no moment such as 2026-10-01T00:00:00Z")
        return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)

    def mapping(self, column: str) -> dict[str, Any]:
        """Read a JSON object; nothing is an empty one."""
        said = self.text(column)
        try:
            found = json.loads(said) if said else {}
        except ValueError:
            self.refuse(column, said, "is not JSON")
        return found if isinstance(found, dict) else {"value": found}

    def refuse(self, column: str, value: str, why: str) -> NoReturn:
        """Say where the file cannot be read."""
        shown = f' "{value[:60]}"' if value else ""
        raise Sentence(
            f"{self.file}: row {self.number}, {column}{shown} {why}. Nothing was read in.",
            file=self.file, row=self.number, column=column, value=value,
        )  # fmt: skip
