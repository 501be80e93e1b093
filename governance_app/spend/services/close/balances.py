"""Trial balances: what the general ledger says of a month, read whole or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.files import selectors as stored
from governance_app.files.models import StoredFile
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.table import Row, Table
from governance_app.people import access
from governance_app.people.models import User
from governance_app.people.selectors import organisation
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import TrialBalance, TrialBalanceLine

COLUMNS = {
    "entity": ("entity", "company", "company code", "legal entity"),
    "account": ("account", "gl account", "gl_account", "g/l account"),
    "cost_centre": ("cost centre", "cost center", "cost_centre", "cost_center"),
    "currency": ("currency",),
    "amount": ("amount", "balance", "movement"),
    "debit": ("debit",),
    "credit": ("credit",),
}


@dataclass(frozen=True, slots=True)
class _Read:
    row: int
    entity: str
    account: str
    cost_centre: str
    currency: str
    amount: Decimal


@recorded
def import_trial_balance(
    *, file: StoredFile, month: date, by: User, name: str = ""
) -> TrialBalance:
    """
    Read a trial balance (CSV or XLSX), whole or not at all; it replaces the one before.

    Columns: entity, account, currency, and amount or debit and credit; cost centre if kept.
    Debits are positive. Leading zeros are kept where the file has them as text.

    Raises:
        Sentence: with row and column of the first thing that cannot be read.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    refuse_closed(month=month, what="a trial balance")
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    called = name or file.name
    with stored.open_file(file=file) as stream:
        rows = list(_balances(stream.read(), called))
    last = TrialBalance.objects.filter(month=month).aggregate(last=Max("number"))["last"] or 0
    balance = TrialBalance.objects.create(
        month=month, number=last + 1, node=place, file=file, name=called[:255], rows=len(rows),
        imported_by=by,
    )  # fmt: skip
    TrialBalanceLine.objects.bulk_create(
        (
            TrialBalanceLine(
                balance=balance, row=one.row, entity=one.entity, account=one.account,
                cost_centre=one.cost_centre, currency=one.currency, amount=one.amount,
            )
            for one in rows
        ),
        batch_size=2_000,
    )  # fmt: skip
    return balance


def _balances(content: bytes, name: str) -> Iterator[_Read]:
    table = read_table(content, name=name)
    at: dict[str, str] = {}
    for column in table.columns:
        for field, names in COLUMNS.items():
            if column.label.strip().lower() in names and field not in at:
                at[field] = column.label
    needed = ["entity", "account", "currency"]
    needed += [] if {"debit", "credit"} <= set(at) else ["amount"]
    if missing := [field for field in needed if field not in at]:
        raise Sentence(
            f"{name} has no column {missing[0]}. A trial balance has entity, account, currency "
            "and amount (or debit and credit); cost centre if kept.",
            file=name,
            row=table.shape.header_row,
            column=missing[0],
        )
    if table.misfits:
        bad = table.misfits[0]
        raise Sentence(
            f"{name}: row {bad.number}: {bad.reason} Nothing was read in.",
            file=name,
            row=bad.number,
        )
    if not table.rows:
        raise Sentence(f"{name} has a header and no rows.", file=name)
    for row in table.rows:
        yield _Cells(name, table, row, at).read()


class _Cells:
    """One row of a trial balance, read column by column."""

    def __init__(self, file: str, table: Table, row: Row, at: dict[str, str]) -> None:
        self.file, self.table, self.row, self.at = file, table, row, at

    def read(self) -> _Read:
        """Read the row."""
        currency = self.text("currency")
        if len(currency) != 3 or not currency.isupper():
            self.refuse("currency", currency, "is no ISO 4217 code")
        if "amount" in self.at:
            amount = self.amount("amount")
        else:
            amount = self.amount("debit", is_needed=False) - self.amount("credit", is_needed=False)
        return _Read(
            self.row.number, self.text("entity"), self.text("account"),
            self.text("cost_centre", is_needed=False), currency, amount,
        )  # fmt: skip

    def text(self, field: str, *, is_needed: bool = True) -> str:
        """Read a text."""
        said = self.table.cell(self.row, self.at.get(field, "")).strip()
        if is_needed and not said:
            self.refuse(field, "", "is empty")
        return said

    def amount(self, field: str, *, is_needed: bool = True) -> Decimal:
        """Read an exact amount; grouped thousands are not guessed at."""
        said = self.text(field, is_needed=is_needed)
        if not said:
            return Decimal(0)
        try:
            value = Decimal(said)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= 10**20:
            self.refuse(field, said, "is not a number such as 1234.56")
        if int(value.as_tuple().exponent) < -18:
            self.refuse(field, said, "has more than 18 decimals")
        return value

    def refuse(self, field: str, value: str, why: str) -> NoReturn:
        """Say where the file cannot be read."""
        column = self.at[field]
        shown = f' "{value[:60]}"' if value else ""
        raise Sentence(
            f"{self.file}: row {self.row.number}, {column}{shown} {why}. Nothing was read in.",
            file=self.file, row=self.row.number, column=column, value=value,
        )  # fmt: skip
