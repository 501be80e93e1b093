from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path

import polars as pl

from governance_app.exports.columns import Column, Kind
from governance_app.exports.writers.cells import formula_cell, row_blocks, spelled, text_cell
from governance_app.exports.writers.control import Control
from governance_app.exports.writers.package import Package

#: Rows a sheet may have, less its header, a gap and a total for each of many currencies.
ROWS_PER_SHEET = 1_048_576 - 60
#: A sheet that unpacks to more goes on in the next, below the 4 GiB that a zip member holds.
BYTES_PER_SHEET = 3_500_000_000

_SHAPES = {
    Kind.MONEY: "#,##0.00;[Red]-#,##0.00",
    Kind.QUANTITY: "#,##0.######",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "mmm yyyy",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
    Kind.COUNT: "#,##0",
}
#: Numbers of the cell styles, in the order ``_styles`` writes them.
HEAD, STRONG = 1, 2
PLAIN = {kind: at for at, kind in enumerate(_SHAPES, start=3)}
TOTAL = {kind: at for at, kind in enumerate(_SHAPES, start=3 + len(_SHAPES))}

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"


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

    Amounts are numbers with every digit in the file, of which a spreadsheet keeps fifteen; the
    control sheet spells the exact totals out as text. A whole number of more than fifteen digits
    is text. A text cell is text, whatever it starts with, and keeps its zeros. More rows than a
    sheet holds go on in the next one.
    """
    with Package(path) as package:
        book = _Book(package, columns, title, control)
        book.write(iter(frames))
        book.close()


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One written sheet: its name and the number of its last row."""

    name: str
    last: int


class _Book:
    """The sheets of a workbook as they grow."""

    def __init__(
        self, package: Package, columns: Sequence[Column], title: str, control: Control
    ) -> None:
        self.package, self.columns, self.title, self.control = package, columns, title, control
        self.sheets: list[_Sheet] = []
        self.width = letters(len(columns) - 1)
        self.at = {column.name: letters(place) for place, column in enumerate(columns)}

    def write(self, frames: Iterator[pl.DataFrame]) -> None:
        """Write every row, in as many sheets as it takes, and the totals below the last one."""
        rest: Iterator[pl.DataFrame] | None = frames
        while rest is not None:
            growing = _Growing(rest)
            name = self.title[:31] if not self.sheets else self._next_name()
            self.package.add(
                f"xl/worksheets/sheet{len(self.sheets) + 1}.xml", self._pieces(name, growing)
            )
            rest = growing.rest

    def _next_name(self) -> str:
        mark = f" {len(self.sheets) + 1}"
        return self.title[: 31 - len(mark)] + mark

    def _pieces(self, name: str, growing: "_Growing") -> Iterator[bytes | memoryview]:
        yield self._opening().encode()
        for frame in growing:
            for block in row_blocks(frame, self.columns, PLAIN):
                growing.size += len(block)
                yield block
        last = growing.rows + 1
        self.sheets.append(_Sheet(name, last))
        if growing.rest is None:
            yield "".join(self._totals(last)).encode()
        yield f'</sheetData><autoFilter ref="A1:{self.width}{last}"/></worksheet>'.encode()

    def _opening(self) -> str:
        widths = "".join(
            f'<col min="{at}" max="{at}" width="{column.width}" customWidth="1"/>'
            for at, column in enumerate(self.columns, start=1)
        )
        heads = "".join(text_cell(column.title, HEAD) for column in self.columns)
        return (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
            '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
            f"</sheetView></sheetViews><cols>{widths}</cols><sheetData><row>{heads}</row>"
        )

    def _totals(self, last: int) -> Iterator[str]:
        """Give one live total per currency and amount, a row below the last one."""
        for offset, (currency, totals) in enumerate(self.control.totals.items()):
            number = last + 2 + offset
            cells = [f'<c r="A{number}"{text_cell(f"Total {currency}", STRONG)[2:]}']
            for column in self.columns[1:]:
                if column.name in totals:
                    formula = formula_cell(
                        self._sum(column.name, currency), totals[column.name], TOTAL[Kind.MONEY]
                    )
                    cells.append(f'<c r="{self.at[column.name]}{number}"{formula[2:]}')
            yield f'<row r="{number}">{"".join(cells)}</row>'

    def _sum(self, name: str, currency: str) -> str:
        value, code = self.at[name], self.at.get("currency")
        parts = []
        for sheet in self.sheets:
            place, end = f"'{sheet.name}'!", max(sheet.last, 2)
            values = f"{place}${value}$2:${value}${end}"
            if code is None:
                parts.append(f"SUM({values})")
            else:
                parts.append(f'SUMIFS({values},{place}${code}$2:${code}${end},"{currency}")')
        return "+".join(parts)

    def close(self) -> None:
        """Write the control sheet and what holds the package together."""
        names = [*(sheet.name for sheet in self.sheets), "Control"]
        self.package.add(f"xl/worksheets/sheet{len(names)}.xml", [self._control().encode()])
        for path, text in (
            ("xl/styles.xml", _styles()),
            (
                "xl/workbook.xml",
                _workbook(names, [(s.name, s.last) for s in self.sheets], self.width),
            ),
            ("xl/_rels/workbook.xml.rels", _workbook_parts(len(names))),
            ("_rels/.rels", _package_parts()),
            ("[Content_Types].xml", _content_types(len(names))),
        ):
            self.package.add(path, [text.encode()])

    def _control(self) -> str:
        control, rows = self.control, []
        facts = [
            ("Report", self.title),
            ("Filter", control.words),
            ("Asked for by", control.asked_by),
            ("Made at", control.made_at.strftime("%Y-%m-%d %H:%M UTC")),
            *(("Note", note) for note in control.notes),
        ]
        rows += [text_cell(label, STRONG) + text_cell(text) for label, text in facts]
        counted = "+".join(f"(ROWS('{s.name}'!$A$1:$A${s.last})-1)" for s in self.sheets)
        count = sum(sheet.last - 1 for sheet in self.sheets)
        rows.append(text_cell("Rows", STRONG) + formula_cell(counted, count, PLAIN[Kind.COUNT]))
        rows.append("")
        heads = ("Currency and amount", "In this workbook", "In the ledger, exact", "Difference")
        rows.append("".join(text_cell(head, HEAD) for head in heads))
        money = PLAIN[Kind.MONEY]
        for currency, totals in control.totals.items():
            for name, exact in totals.items():
                if name not in self.at:
                    continue
                number = len(rows) + 1
                rows.append(
                    text_cell(f"{currency} {name}")
                    + formula_cell(self._sum(name, currency), exact, money)
                    + text_cell(f"{exact:f}")
                    + formula_cell(f"ROUND(B{number}-VALUE(C{number}),2)", Decimal(0), money)
                )
        body = "".join(f"<row>{cells}</row>" for cells in rows)
        return (
            f'{_XML}<worksheet xmlns="{_MAIN}"><cols>'
            '<col min="1" max="1" width="26" customWidth="1"/>'
            '<col min="2" max="5" width="30" customWidth="1"/>'
            f"</cols><sheetData>{body}</sheetData></worksheet>"
        )


class _Growing:
    """Hands out frames until a sheet is full; ``rest`` is what the next sheet goes on with."""

    def __init__(self, frames: Iterator[pl.DataFrame]) -> None:
        self.frames, self.rows, self.size = frames, 0, 0
        self.rest: Iterator[pl.DataFrame] | None = None

    def __iter__(self) -> Iterator[pl.DataFrame]:
        for frame in self.frames:
            room = ROWS_PER_SHEET - 1 - self.rows
            if frame.height > room or self.size > BYTES_PER_SHEET:
                room = room if self.size <= BYTES_PER_SHEET else 0
                if room:
                    self.rows += room
                    yield frame.head(room)
                self.rest = chain([frame.slice(room)], self.frames)
                return
            if frame.height:
                self.rows += frame.height
                yield frame


def letters(place: int) -> str:
    """
    Name a column as spreadsheets do.

    >>> letters(0), letters(25), letters(26), letters(701)
    ('A', 'Z', 'AA', 'ZZ')
    """
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def _styles() -> str:
    shapes = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode="{spelled(shape)}"/>'
        for at, shape in enumerate(_SHAPES.values())
    )
    xfs = ['<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>']
    xfs.append(
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="1" xfId="0" applyFont="1"'
        ' applyBorder="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>'
    )
    xfs.append('<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>')
    for weight, border in ((0, 0), (1, 2)):
        xfs += [
            f'<xf numFmtId="{164 + at}" fontId="{weight}" fillId="0" borderId="{border}" xfId="0"'
            ' applyNumberFormat="1" applyFont="1" applyBorder="1"/>'
            for at in range(len(_SHAPES))
        ]
    font = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    thin = '<border><left/><right/><{}/><{} style="thin"><color auto="1"/></{}><diagonal/></border>'
    top = (
        '<border><left/><right/><top style="thin"><color auto="1"/></top><bottom/><diagonal/>'
        "</border>"
    )
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_SHAPES)}">{shapes}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="3"><border><left/><right/><top/><bottom/><diagonal/></border>'
        f"{thin.format('top', 'bottom', 'bottom')}{top}</borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{len(xfs)}">{"".join(xfs)}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _workbook(names: Sequence[str], ranges: Sequence[tuple[str, int]], width: str) -> str:
    sheets = "".join(
        f'<sheet name="{spelled(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, start=1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{at}" hidden="1">'
        f"'{spelled(name)}'!$A$1:${width}${last}</definedName>"
        for at, (name, last) in enumerate(ranges)
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/>'
        f"</bookViews><sheets>{sheets}</sheets><definedNames>{filters}</definedNames>"
        '<calcPr calcId="191029" fullCalcOnLoad="1"/></workbook>'
    )


def _workbook_parts(count: int) -> str:
    parts = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, count + 1)
    )
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{parts}'
        f'<Relationship Id="rId{count + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        "</Relationships>"
    )


def _package_parts() -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    )


def _content_types(count: int) -> str:
    sheets = "".join(
        f'<Override PartName="/xl/worksheets/sheet{at}.xml"'
        f' ContentType="{_CONTENT}.worksheet+xml"/>'
        for at in range(1, count + 1)
    )
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/>'
        f"{sheets}</Types>"
    )
