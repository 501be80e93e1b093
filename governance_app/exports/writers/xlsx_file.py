from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from governance_app.exports.columns import BASES, Column, Kind
from governance_app.exports.writers.control import Control

#: Rows a sheet may have, less its header and a few for totals.
ROWS_PER_SHEET = 1_048_000
_FORMATS = {
    Kind.MONEY: "#,##0.00;[Red]-#,##0.00",
    Kind.QUANTITY: "#,##0.######",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "mmm yyyy",
    Kind.COUNT: "#,##0",
}


def write_xlsx(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    columns: Sequence[Column],
    title: str,
    control: Control,
) -> None:
    """
    Write a workbook: real numbers and dates, a frozen header with filters, totals as formulas,
    and a control sheet that holds the exact totals beside the live ones.

    A text cell is text, whatever it starts with, and keeps its zeros.
    """
    workbook = xlsxwriter.Workbook(
        path,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    try:
        book = _Book(workbook, columns, title)
        for frame in frames:
            book.add(frame)
        book.finish(control)
    finally:
        workbook.close()


class _Book:
    """The sheets of a workbook as they grow; more rows than a sheet holds go on in the next."""

    def __init__(self, workbook: Any, columns: Sequence[Column], title: str) -> None:
        self.workbook, self.columns, self.title = workbook, columns, title
        self.head = workbook.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        self.strong = workbook.add_format({"bold": True})
        self.formats = {
            kind: workbook.add_format({"num_format": shape}) for kind, shape in _FORMATS.items()
        }
        self.total_formats = {
            kind: workbook.add_format({"num_format": shape, "bold": True, "top": 1})
            for kind, shape in _FORMATS.items()
        }
        self.ranges: list[tuple[str, int]] = []
        self._begin()

    def add(self, frame: pl.DataFrame) -> None:
        """Write rows, each cell as what it is."""
        writes = [self._write_of(column.kind) for column in self.columns]
        for row in frame.iter_rows():
            if self.row > ROWS_PER_SHEET:
                self._end()
                self._begin()
            for position, (write, value) in enumerate(zip(writes, row, strict=True)):
                if value is not None and value != "":
                    write(self.row, position, value)
            self.row += 1

    def finish(self, control: Control) -> None:
        """Close the last sheet with its totals and write the control sheet."""
        self._totals(control)
        self._end()
        self._control(control)

    def _begin(self) -> None:
        name = self.title if not self.ranges else f"{self.title} {len(self.ranges) + 1}"
        self.sheet = self.workbook.add_worksheet(name[:31])
        for position, column in enumerate(self.columns):
            self.sheet.set_column(position, position, column.width)
            self.sheet.write_string(0, position, column.title, self.head)
        self.sheet.freeze_panes(1, 0)
        self.name, self.row = name[:31], 1

    def _end(self) -> None:
        last = max(self.row - 1, 1)
        self.sheet.autofilter(0, 0, last, len(self.columns) - 1)
        self.ranges.append((self.name, last))

    def _write_of(self, kind: Kind) -> Any:
        style = self.formats.get(kind)
        if kind is Kind.TEXT:
            return lambda row, at, value: self.sheet.write_string(row, at, value[:32_767])
        if kind in (Kind.DATE, Kind.MONTH):
            return lambda row, at, value: self.sheet.write_datetime(row, at, value, style)
        return lambda row, at, value: self.sheet.write_number(row, at, value, style)

    def _at(self, name: str) -> int | None:
        names = [column.name for column in self.columns]
        return names.index(name) if name in names else None

    def _totals(self, control: Control) -> None:
        """Write one live total per currency and cost basis below the rows."""
        currency_at = self._at("currency")
        if currency_at is None:
            return
        self.total_row = self.row + 1
        for offset, (currency, totals) in enumerate(control.totals.items()):
            row = self.total_row + offset
            self.sheet.write_string(row, 0, f"Total {currency}", self.strong)
            for basis in BASES:
                at = self._at(basis)
                if at is not None:
                    self.sheet.write_formula(
                        row,
                        at,
                        "="
                        + self._sum_of(
                            at, currency_at, currency, [*self.ranges, (self.name, self.row - 1)]
                        ),
                        self.total_formats[Kind.MONEY],
                        float(totals[basis]),
                    )

    def _sum_of(
        self, at: int, currency_at: int, currency: str, ranges: Sequence[tuple[str, int]]
    ) -> str:
        parts = []
        for sheet, last in ranges:
            value, code = xl_col_to_name(at), xl_col_to_name(currency_at)
            end = max(last, 1) + 1
            parts.append(
                f"SUMIFS('{sheet}'!${value}$2:${value}${end},"
                f"'{sheet}'!${code}$2:${code}${end},\"{currency}\")"
            )
        return "+".join(parts)

    def _control(self, control: Control) -> None:
        sheet = self.workbook.add_worksheet("Control")
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 4, 30)
        rows = sum(last for _, last in self.ranges) if self.row > 1 else 0
        facts = [
            ("Report", self.title),
            ("Filter", control.words),
            ("Asked for by", control.asked_by),
            ("Made at", control.made_at.strftime("%Y-%m-%d %H:%M UTC")),
            *(("Note", note) for note in control.notes),
        ]
        for row, (label, text) in enumerate(facts):
            sheet.write_string(row, 0, label, self.strong)
            sheet.write_string(row, 1, text)
        row = len(facts)
        sheet.write_string(row, 0, "Rows", self.strong)
        counted = "+".join(f"COUNTA('{name}'!$A$2:$A${last + 1})" for name, last in self.ranges)
        sheet.write_formula(row, 1, f"={counted}", self.formats[Kind.COUNT], rows)
        row += 2
        for position, label in enumerate(
            ("Currency and cost", "In this workbook", "In the ledger", "Difference")
        ):
            sheet.write_string(row, position, label, self.head)
        currency_at = self._at("currency")
        for currency, totals in control.totals.items():
            for basis in BASES:
                at = self._at(basis)
                if at is None or currency_at is None:
                    continue
                row += 1
                exact: Decimal = totals[basis]
                sheet.write_string(row, 0, f"{currency} {basis}")
                live = self._sum_of(at, currency_at, currency, self.ranges)
                sheet.write_formula(row, 1, f"={live}", self.formats[Kind.MONEY], float(exact))
                sheet.write_string(row, 2, f"{exact:f}")
                sheet.write_formula(
                    row, 3, f"=ROUND(B{row + 1}-VALUE(C{row + 1}),2)", self.formats[Kind.MONEY], 0
                )
