"""A sheet of budget lines, CSV or workbook, read whole or refused with every bad cell named."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import fiscal_months
from governance_app.initiatives.importing.apart import read_table
from governance_app.initiatives.importing.table import Row, Table
from governance_app.people.models import ScopeNode

KEPT = 100
#: What a column may be called -> what it holds.
HEADS: Mapping[str, tuple[str, ...]] = {
    "place": ("initiative", "key", "unit", "unit or initiative", "cost centre", "cost center",
              "place", "node"),
    "month": ("month", "period"),
    "category": ("category", "cost category"),
    "amount": ("amount", "budget", "value"),
    "currency": ("currency", "curr"),
    "quantity": ("quantity", "volume"),
    "quantity_unit": ("quantity unit", "unit of quantity", "uom"),
}  # fmt: skip
_MONTH = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2})?|(\d{1,2})[-/.](\d{4})")
_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be counted: its place and why."""

    row: int
    column: str
    value: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"row {self.row}, column {self.column}: “{self.value[:60]}” {self.reason}"


class BudgetRefused(Sentence):
    """A sheet with cells that cannot be counted; nothing of it is kept. ``problems``: the first."""

    def __init__(self, file: str, problems: list[Problem], count: int) -> None:
        cells = "1 cell" if count == 1 else f"{count:,} cells"
        first = problems[0]
        super().__init__(
            f"{cells} of {file} cannot be counted, the first: {first.sentence}. "
            "Nothing was kept; mend the sheet and load it again.",
            file=file, row=first.row, column=first.column, value=first.value,
        )  # fmt: skip
        self.problems, self.count = problems, count


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One budget line as the sheet says it."""

    node: ScopeNode
    month: date
    category: str
    amount: Decimal
    currency: str
    quantity: Decimal | None = None
    quantity_unit: str = ""


def read_budget(
    content: bytes,
    *,
    name: str,
    fiscal_year: int,
    start_month: int,
    places: Mapping[str, ScopeNode],
    currency: str,
) -> list[SheetLine]:
    """
    Read budget lines: one a row with a month column, or one a row with a column per month.

    Args:
        fiscal_year, start_month: which months the sheet may name.
        places: key, code or name in small letters -> the unit or initiative it means.
        currency: of amounts whose row names none.

    Raises:
        BudgetRefused: names the first cells that cannot be counted, with row and column.
        Sentence: the file is no table, or lacks a column.
    """
    table = read_table(content, name=name)
    reader = _Reader(table, fiscal_months(fiscal_year, start_month=start_month), places, currency)
    return reader.lines()


class _Reader:
    def __init__(
        self, table: Table, months: list[date], places: Mapping[str, ScopeNode], currency: str
    ) -> None:
        self.table, self.places, self.currency = table, places, currency
        self.allowed = set(months)
        self.problems: list[Problem] = []
        self.count = 0
        labels = {column.label.strip().casefold(): column.label for column in table.columns}
        self.heads = {
            kind: next((labels[name] for name in names if name in labels), "")
            for kind, names in HEADS.items()
        }
        self.months = {
            column.label: month
            for column in table.columns
            if column.label not in self.heads.values() and (month := read_month(column.label))
        }
        if not self.heads["place"]:
            raise Sentence(
                f"{table.file} has no column that names a unit or an initiative; call it "
                "Initiative or Unit.",
                file=table.file, row=table.shape.header_row,
            )  # fmt: skip
        if not self.months and not (self.heads["month"] and self.heads["amount"]):
            raise Sentence(
                f"{table.file} has neither columns Month and Amount nor a column for each month, "
                "such as 2026-01.",
                file=table.file, row=table.shape.header_row,
            )  # fmt: skip

    def lines(self) -> list[SheetLine]:
        for misfit in self.table.misfits:
            self._found(misfit.number, "", "", misfit.reason)
        lines: list[SheetLine] = []
        seen: dict[tuple[object, date, str], int] = {}
        for row in self.table.rows:
            for column, line in self._of(row):
                key = (line.node.pk, line.month, line.category)
                if key in seen:
                    self._found(
                        row.number, column, self.table.cell(row, column),
                        f"is the second budget of {line.node} in {line.month:%B %Y} "
                        f"({line.category}); the first is in row {seen[key]}",
                    )  # fmt: skip
                seen[key] = row.number
                lines.append(line)
        if self.problems:
            raise BudgetRefused(self.table.file, self.problems, self.count)
        if not lines:
            raise Sentence(f"{self.table.file} holds no budget line.", file=self.table.file)
        return lines

    def _of(self, row: Row) -> list[tuple[str, SheetLine]]:
        before = self.count
        node = self._place(row)
        currency = self._text(row, "currency").upper() or self.currency
        if not (len(currency) == 3 and currency.isalpha() and currency.isascii()):
            self._bad(row, "currency", "is no currency code such as USD")
        category = self._text(row, "category").casefold() or "run"
        found: list[tuple[str, date | None, Decimal | None]] = []
        if self.months:
            for label, month in self.months.items():
                text = self.table.cell(row, label).strip()
                if text:
                    found.append(
                        (label, self._allowed(row, label, month), self._number(row, label))
                    )
        else:
            label = self.heads["month"]
            month_said = read_month(self.table.cell(row, label))
            if month_said is None:
                self._found(row.number, label, self.table.cell(row, label), "is no month")
            month_allowed = self._allowed(row, label, month_said)
            amount = self.heads["amount"]
            found.append((amount, month_allowed, self._number(row, amount)))
        quantity, unit = self._quantity(row)
        if self.count > before or node is None:
            return []
        return [
            (label, SheetLine(node, month, category[:40], amount, currency, quantity, unit))
            for label, month, amount in found
            if month is not None and amount is not None
        ]

    def _place(self, row: Row) -> ScopeNode | None:
        said = self._text(row, "place")
        node = self.places.get(said.casefold())
        if node is None:
            self._bad(row, "place", "is no unit or initiative that you may plan for")
        return node

    def _quantity(self, row: Row) -> tuple[Decimal | None, str]:
        label, unit = self.heads["quantity"], self._text(row, "quantity_unit")
        if not label or not self.table.cell(row, label).strip() or self.months:
            return None, ""
        quantity = self._number(row, label)
        if quantity is not None and (quantity == 0 or not unit):
            self._bad(row, "quantity", "needs to be above 0 and a column Quantity unit beside it")
        return quantity, unit[:60]

    def _allowed(self, row: Row, label: str, month: date | None) -> date | None:
        if month is None or month in self.allowed:
            return month
        first, last = min(self.allowed), max(self.allowed)
        said = self.table.cell(row, label) if label == self.heads["month"] else label
        self._found(
            row.number, label, said, f"lies outside the year, {first:%b %Y} to {last:%b %Y}"
        )
        return None

    def _number(self, row: Row, label: str) -> Decimal | None:
        said = self.table.cell(row, label).strip()
        try:
            value = Decimal(said.replace(",", "")) if _NUMBER.fullmatch(said) else None
        except InvalidOperation:
            value = None
        if value is None:
            self._found(row.number, label, said, "is no number such as 1200.50")
        elif value < 0:
            self._found(row.number, label, said, "is negative")
        elif value.adjusted() > 18 or int(value.as_tuple().exponent) < -18:
            self._found(row.number, label, said, "has more digits than the ledger holds")
        else:
            return value
        return None

    def _text(self, row: Row, kind: str) -> str:
        return self.table.cell(row, self.heads[kind]).strip() if self.heads[kind] else ""

    def _bad(self, row: Row, kind: str, reason: str) -> None:
        self._found(
            row.number, self.heads[kind] or kind.capitalize(), self._text(row, kind), reason
        )

    def _found(self, row: int, column: str, value: str, reason: str) -> None:
        self.count += 1
        if len(self.problems) < KEPT:
            self.problems.append(Problem(row, column, value, reason))


def read_month(text: str) -> date | None:
    """
    Read a month as people head a column with it.

    >>> read_month("2026-03"), read_month("Mar 2026"), read_month("03/2026"), read_month("Total")
    (datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), datetime.date(2026, 3, 1), None)
    """
    said = text.strip().casefold()
    found = _MONTH.fullmatch(said)
    if found:
        year, month = (found[1], found[2]) if found[1] else (found[4], found[3])
        return date(int(year), int(month), 1) if 1 <= int(month) <= 12 else None
    words = re.fullmatch(r"([a-z]{3})[a-z]*\.?[ -](\d{4})", said)
    if words and words[1] in _NAMES:
        return date(int(words[2]), _NAMES.index(words[1]) + 1, 1)
    return None
