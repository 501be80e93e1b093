"""The table as it stands, as a file: the same rows, order and columns, whole numbers and dates."""

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

import xlsxwriter

from governance_app.domain import spelling
from governance_app.exports.writers.csv_file import FORMULA_SIGNS
from portfolio.web.portfolio.columns import Column, Line

MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MONEY, _RATIO, _DATE = "#,##0.00", "0.0%", "yyyy-mm-dd"


def heads(columns: Sequence[Column], currency: str) -> list[str]:
    """Give the column titles; an amount names its currency."""
    own = ["Key", "Name", "Unit"]
    return own + [f"{c.label}, {currency}" if _is_amount(c) else c.label for c in columns]


def values(line: Line, columns: Sequence[Column]) -> list[Any]:
    """Give one row; what is not known is an empty cell."""
    row = line.row
    return [row.key, row.name, row.unit.name, *(column.value(line) for column in columns)]


def as_csv(lines: Iterator[Line], columns: Sequence[Column], currency: str) -> Iterator[bytes]:
    """Write CSV piece by piece: UTF-8 with a mark, CRLF, ISO dates, plain decimals."""
    yield "\ufeff".encode()
    yield _rows([heads(columns, currency)])
    for block in _blocks(lines, 200):
        yield _rows([[_text(v) for v in values(line, columns)] for line in block])


def as_xlsx(lines: Iterator[Line], columns: Sequence[Column], currency: str) -> bytes:
    """Write a workbook with real numbers and dates, a frozen head and live totals."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Portfolio")
        head = book.add_format({"bold": True, "bottom": 1})
        total = book.add_format({"bold": True, "top": 1, "num_format": _MONEY})
        money, ratio, date = (book.add_format({"num_format": f}) for f in (_MONEY, _RATIO, _DATE))
        titles = heads(columns, currency)
        for position, title in enumerate(titles):
            sheet.write_string(0, position, title, head)
        count = 0
        for count, line in enumerate(lines, start=1):
            for position, value in enumerate(values(line, columns)):
                if value is None or value == "":
                    continue
                if isinstance(value, dt.date):
                    sheet.write_datetime(count, position, value, date)
                elif isinstance(value, Decimal):
                    sheet.write_number(count, position, value, money)
                elif isinstance(value, float):
                    sheet.write_number(count, position, value, ratio)
                else:
                    sheet.write_string(count, position, str(value))
        for position, column in enumerate(columns, start=3):
            if _is_amount(column) and count:
                letter = xlsxwriter.utility.xl_col_to_name(position)
                sheet.write_formula(
                    count + 1, position, f"=SUBTOTAL(109,{letter}2:{letter}{count + 1})", total
                )
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(count, 1), len(titles) - 1)
        sheet.set_column(1, 1, 42)
        sheet.set_column(2, len(titles) - 1, 16)
    return target.getvalue()


def _is_amount(column: Column) -> bool:
    return column.is_money and column.name != "roi"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def _rows(rows: Sequence[Sequence[str]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def _blocks(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while block := list(islice(lines, size)):
        yield block


def words(count: int, file_format: str) -> str:
    """Say for the trail what left the house."""
    return f"Exported the portfolio table, {spelling.plural(count, 'row')}, as {file_format}."
