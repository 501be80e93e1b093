"""XLSX to records, after proving that unpacking it is safe."""

import datetime
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass

from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook
from python_calamine import PasswordError as WorkbookLocked

from governance_app.domain.errors import Sentence

from .table import Limits

_CHUNK = 1024 * 1024
_ROW_REF = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,9})"')
_CELL_REF = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,4})(\d{1,9})"')
_SHARED_REF = re.compile(rb'\bt="s"[^>]*>\s*<(?:\w+:)?v>(\d{1,9})<')
_SHARED_ITEM = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>", re.DOTALL)
_SEAM = 512
#: What Python's zip reader raises about an archive that is not whole (found by ``make fuzz``).
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One sheet as text: the number of its first row, and every row from there on."""

    name: str
    records: tuple[tuple[int, list[str]], ...]
    others: tuple[str, ...]


def read_sheet(content: bytes, *, file: str, sheet: str = "", limits: Limits) -> Sheet:
    """
    Read one sheet of an XLSX file as text: the named one, or the visible one with most cells.

    A formula counts as the value it was saved with; text that begins with ``=`` is text.

    Raises:
        Sentence: not a workbook, locked, damaged, without such a sheet, or too large once
            unpacked.
    """
    _prove_safe(content, file=file, limits=limits)
    try:
        workbook = load_workbook(io.BytesIO(content))
        names = [
            data.name
            for data in workbook.sheets_metadata
            if data.typ == SheetTypeEnum.WorkSheet and data.visible == SheetVisibleEnum.Visible
        ]
        names = names or list(workbook.sheet_names)
        if sheet and sheet not in workbook.sheet_names:
            raise Sentence(
                f"The workbook has no sheet named {sheet}. It has:"
                f" {', '.join(workbook.sheet_names)}.",
                file=file,
            )
        if sheet:
            chosen = workbook.get_sheet_by_name(sheet)
        else:
            sheets = [workbook.get_sheet_by_name(name) for name in names]
            chosen = max(sheets, key=lambda each: each.height * each.width)
        rows = chosen.to_python(skip_empty_area=True) if chosen.start is not None else []
    except WorkbookLocked:
        raise Sentence(
            "The workbook is locked with a password. Save it without one and upload it again.",
            file=file,
        ) from None
    except (CalamineError, ValueError, OSError) as error:
        raise Sentence(
            f"This is not a workbook that can be read ({error}). Open it, save it as .xlsx and"
            " upload it again.",
            file=file,
        ) from None
    first = chosen.start[0] + 1 if chosen.start is not None else 1
    records = tuple(
        (first + index, [_as_text(value) for value in row]) for index, row in enumerate(rows)
    )
    if len(records) > limits.rows + 100:
        raise Sentence(
            f"Sheet {chosen.name} has {len(records):,} rows; the most is"
            f" {limits.rows:,}. Split it and import the parts.",
            file=file,
        )
    return Sheet(chosen.name, records, tuple(name for name in names if name != chosen.name))


def _as_text(value: object) -> str:
    """
    Write a cell the way the mapping expects: ISO dates, plain numbers.

    >>> _as_text(3.0), _as_text(datetime.datetime(2024, 10, 1)), _as_text(True)
    ('3', '2024-10-01', 'Yes')
    """
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        at_midnight = value.time() == datetime.time(0)
        return value.date().isoformat() if at_midnight else value.isoformat(" ", "minutes")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


def _prove_safe(content: bytes, *, file: str, limits: Limits) -> None:
    """Unpack every part once, counting real bytes and cells, before a parser holds them whole."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED:
        raise Sentence(
            "The file is damaged: a workbook is a zip archive and this one is cut off. Save it"
            " again and upload it again.",
            file=file,
        ) from None
    left = limits.decoded_bytes
    shared: list[int] = []
    references: Counter[int] = Counter()
    for part in archive.infolist():
        name = part.filename
        is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
        is_shared = name.casefold() == "xl/sharedstrings.xml"
        survey = _Survey(file=file, limits=limits)
        whole = bytearray()
        # A part may lie about its size; counting what really comes out needs the cap instead.
        part.file_size = 1 << 60
        try:
            with archive.open(part) as stream:
                while chunk := stream.read(_CHUNK):
                    left -= len(chunk)
                    if left <= 0:
                        raise Sentence(
                            f"The file unpacks to more than {limits.decoded_bytes // 1024**2:,} MB,"
                            " which no inventory needs. Nothing was read.",
                            file=file,
                        )
                    if is_sheet:
                        survey.look(chunk)
                    if is_shared:
                        whole += chunk
        except _DAMAGED as error:
            raise Sentence(
                f"The file is damaged ({error}). Save it again and upload it again.", file=file
            ) from None
        if is_sheet:
            survey.judge()
            references.update(survey.shared)
        if is_shared:
            shared = [len(match.group()) for match in _SHARED_ITEM.finditer(whole)]
    weight = sum(
        shared[index] * times for index, times in references.items() if index < len(shared)
    )
    if weight > limits.decoded_bytes:
        raise Sentence(
            f"The file repeats long texts until they fill {weight // 1024**2:,} MB; the most is"
            f" {limits.decoded_bytes // 1024**2:,} MB. Nothing was read.",
            file=file,
        )


class _Survey:
    """The extent of a sheet from its cell references, without building it."""

    def __init__(self, *, file: str, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.last_row = self.last_column = 0
        self.first_row = self.first_column = 1 << 40
        self.shared: Counter[int] = Counter()
        self._tail = b""

    def look(self, chunk: bytes) -> None:
        """Take in the next piece of the sheet, with the end of the last one for seams."""
        text = self._tail + chunk
        for match in _CELL_REF.finditer(text):
            self._stretch(int(match.group(2)), _column_number(match.group(1)))
        for match in _ROW_REF.finditer(text):
            self.last_row = max(self.last_row, int(match.group(1)))
        self.shared.update(int(match.group(1)) for match in _SHARED_REF.finditer(text))
        self._tail = text[-_SEAM:]

    def judge(self) -> None:
        """Refuse a sheet whose rectangle is larger than an inventory can be."""
        if not self.last_column:
            return
        height = self.last_row - min(self.first_row, self.last_row) + 1
        width = self.last_column - self.first_column + 1
        if height * width > self.limits.cells or width > self.limits.columns:
            raise Sentence(
                f"The sheet spans {height:,} rows and {width:,} columns; the most is"
                f" {self.limits.cells:,} cells. Delete the empty rows and columns beyond it.",
                file=self.file,
            )

    def _stretch(self, row: int, column: int) -> None:
        self.first_row, self.last_row = min(self.first_row, row), max(self.last_row, row)
        self.first_column = min(self.first_column, column)
        self.last_column = max(self.last_column, column)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
