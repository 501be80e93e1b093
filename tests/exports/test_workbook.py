"""A workbook opens in other people's readers, and says what the rows said."""

import datetime as dt
import io
import string
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import load_workbook

from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.writers import xlsx_file
from governance_app.exports.writers.cells import MOST_CHARACTERS, spelled
from governance_app.exports.writers.control import Control
from governance_app.exports.writers.package import Package
from governance_app.exports.writers.xlsx_file import write_xlsx

COLUMNS = (
    Column("on", "On", Kind.DATE),
    Column("text", "Text"),
    Column("count", "Count", Kind.COUNT),
    Column("currency", "Currency"),
    Column("billed", "Billed", Kind.MONEY),
)
SCHEMA = {column.name: DTYPES[column.kind] for column in COLUMNS}
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


def book(path: Path, rows: list[tuple[Any, ...]], totals: Any = None, title: str = "Lines") -> Path:
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    control = Control(words="all", asked_by="Ada", made_at=NOW, totals=totals or {})
    write_xlsx([frame], path, columns=COLUMNS, title=title, control=control)
    return path


def row(text: str = "x", billed: str = "1", count: int | None = 1, currency: str = "USD") -> Any:
    return (dt.date(2026, 10, 1), text, count, currency, Decimal(billed))


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00")
    | st.sampled_from("&<>_x0041\r\n\t =+@"),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=8))
def test_any_text_comes_back_as_it_was(tmp_path_factory: Any, said: list[str]) -> None:
    path = book(tmp_path_factory.mktemp("book") / "a.xlsx", [row(text) for text in said])
    sheet = openpyxl.load_workbook(path)["Lines"]
    read = [sheet.cell(at + 2, 2) for at in range(len(said))]
    assert [unescape(cell.value or "") for cell in read] == said
    assert {cell.data_type for cell in read if cell.value} <= {"s"}


def test_control_characters_and_what_looks_like_an_escape_survive() -> None:
    assert spelled("a\x07b_x0041_\r") == "a_x0007_b_x005F_x0041__x000D_"


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [row("é" * 40_000)])
    assert len(openpyxl.load_workbook(path)["Lines"]["B2"].value) == MOST_CHARACTERS


def test_numbers_dates_and_blanks_are_what_they_are(tmp_path: Path) -> None:
    rows = [row("", "-0.100000000000000001", None), row("00042", "12345678901234.5", 10**15 - 1)]
    sheet = openpyxl.load_workbook(book(tmp_path / "a.xlsx", rows))["Lines"]
    assert [cell.value for cell in sheet[2]] == [dt.datetime(2026, 10, 1), None, None, "USD", -0.1]
    assert [cell.value for cell in sheet[3]][1:] == [
        "00042", 999_999_999_999_999, "USD", 12345678901234.5
    ]  # fmt: skip
    assert sheet["A2"].is_date and sheet["E2"].number_format.startswith("#,##0.00")


def test_a_whole_number_that_a_double_cannot_hold_is_text(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(book(tmp_path / "a.xlsx", [row(count=1234567890123456789)]))
    assert sheet["Lines"]["C2"].value == "1234567890123456789"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_file, "ROWS_PER_SHEET", 4)
    totals = {"USD": {"billed": Decimal(28)}}
    path = book(tmp_path / "a.xlsx", [row(str(n), str(n)) for n in range(1, 8)], totals)
    live = openpyxl.load_workbook(path)
    assert live.sheetnames == ["Lines", "Lines 2", "Lines 3", "Control"]
    assert [live[name].auto_filter.ref for name in live.sheetnames[:3]] == [
        "A1:E4",
        "A1:E4",
        "A1:E2",
    ]
    last = live["Lines 3"]
    assert (last["A4"].value, last["E4"].value) == (
        "Total USD",
        "=SUMIFS('Lines'!$E$2:$E$4,'Lines'!$D$2:$D$4,\"USD\")"
        "+SUMIFS('Lines 2'!$E$2:$E$4,'Lines 2'!$D$2:$D$4,\"USD\")"
        "+SUMIFS('Lines 3'!$E$2:$E$2,'Lines 3'!$D$2:$D$2,\"USD\")",
    )
    shown = openpyxl.load_workbook(path, data_only=True)
    assert shown["Lines 3"]["E4"].value == 28
    said = {cells[0].value: cells[1].value for cells in shown["Control"].iter_rows()}
    assert said["Rows"] == 7
    assert sum(len(load_workbook(path).get_sheet_by_name(n).to_python()) - 1
               for n in live.sheetnames[:2]) == 6  # fmt: skip


def test_an_empty_report_is_a_workbook_too(tmp_path: Path) -> None:
    live = openpyxl.load_workbook(book(tmp_path / "a.xlsx", []))
    assert [cell.value for cell in live["Lines"][1]] == [column.title for column in COLUMNS]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    made = [book(tmp_path / name, [row(), row("b")]).read_bytes() for name in ("a.xlsx", "b.xlsx")]
    assert made[0] == made[1]


@given(st.lists(st.binary(max_size=2000), min_size=1, max_size=4))
def test_the_package_is_a_zip_that_others_read(tmp_path_factory: Any, contents: Any) -> None:
    path = tmp_path_factory.mktemp("zip") / "a.zip"
    with Package(path) as package:
        for at, content in enumerate(contents):
            package.add(f"part{at}", [content[:7], content[7:]])
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        assert archive.testzip() is None
        assert [archive.read(name) for name in archive.namelist()] == contents


def test_columns_are_named_as_spreadsheets_do() -> None:
    assert [xlsx_file.letters(n) for n in (0, 25, 26, 16_383)] == ["A", "Z", "AA", "XFD"]
    assert set(xlsx_file.letters(5)) <= set(string.ascii_uppercase)
