"""A file of any shape, read whole into a table or refused with one sentence."""

import gzip
import io
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePath

from governance_app.domain.errors import Sentence

from . import delimited, encodings, workbook
from .table import (
    Limits,
    Misfit,
    Row,
    Shape,
    Table,
    has_controls,
    label_columns,
    squeeze,
    without_controls,
)

_TEXT_SUFFIXES = {".csv", ".tsv", ".txt", ".tab"}
_BOOK_SUFFIXES = {".xlsx", ".xlsm"}
_FOREIGN = (
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls) or a locked one"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "a database"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"{\\rtf", "a rich-text document"),
)
_LOOK_FOR_HEADER, _LOOK_BELOW = 30, 100


def read_table(
    content: bytes,
    *,
    name: str,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    header_row: int = 0,
    limits: Limits | None = None,
) -> Table:
    """
    Read CSV, TSV or XLSX bytes into a table.

    Args:
        content: the file as received.
        name: its name as uploaded; used in every sentence and to notice a wrong suffix.
        encoding, delimiter, sheet, header_row: what a person or a saved mapping chose; empty
            or 0 means find it. ``header_row`` counts rows from 1.
        limits: caps; the defaults suit inventories.

    Returns:
        the table; records that do not fit under the header are in ``misfits``.

    Raises:
        Sentence: the file is empty, not what it says, damaged, cut off or too large.
    """
    limits = limits or Limits()
    content, inner = _unwrapped(content, name=name, limits=limits)
    _refuse_foreign(content, name=name, inner=inner)
    notes: list[str] = []
    if content.startswith(b"PK"):
        page = workbook.read_sheet(content, file=name, sheet=sheet, limits=limits)
        if page.others:
            notes.append(f"Read sheet {page.name}; left out: {', '.join(page.others)}.")
        shape = Shape("xlsx", sheet=page.name)
        found: list[tuple[int, list[str]]] = list(page.records)
    else:
        text, used = encodings.decode(content, file=name, encoding=encoding)
        if len(text) > limits.decoded_bytes:
            raise _too_large(name, limits)
        _refuse_prose(text, name=name)
        delimiter = delimiter or delimited.find_delimiter(text)
        shape = Shape("csv", encoding=used, delimiter=delimiter)
        found = list(delimited.records(text, file=name, delimiter=delimiter, limits=limits))
        if found and squeeze(found[0][1][0] if found[0][1] else "").casefold().startswith("sep="):
            found = found[1:]
    return _lay_out(
        found, name=name, shape=shape, header_row=header_row, notes=notes, limits=limits
    )


def _unwrapped(content: bytes, *, name: str, limits: Limits) -> tuple[bytes, str]:
    """Check the size, and unpack a gzip file while counting what comes out."""
    if len(content) > limits.file_bytes:
        raise Sentence(
            f"The file holds {len(content) // 1024**2:,} MB; the most is"
            f" {limits.file_bytes // 1024**2:,} MB. Split it and import the parts.",
            file=name,
        )
    if not content.strip():
        raise Sentence("The file is empty. Upload one with a header and rows.", file=name)
    if not content.startswith(b"\x1f\x8b"):
        return content, name
    unpacked = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            while chunk := stream.read(1024 * 1024):
                unpacked.write(chunk)
                if unpacked.tell() > limits.decoded_bytes:
                    raise _too_large(name, limits)
    except (EOFError, OSError, zlib.error):
        raise Sentence(
            "The file is cut off: its compressed data ends too early. Upload it again.", file=name
        ) from None
    if not unpacked.getvalue().strip():
        raise Sentence("The file is empty. Upload one with a header and rows.", file=name)
    return unpacked.getvalue(), name.removesuffix(".gz")


def _too_large(name: str, limits: Limits) -> Sentence:
    return Sentence(
        f"The file holds more than {limits.decoded_bytes // 1024**2:,} MB of text, which no"
        " inventory needs. Nothing was read.",
        file=name,
    )


def _refuse_foreign(content: bytes, *, name: str, inner: str) -> None:
    """Refuse what is not a table, and a suffix that says something else than the bytes."""
    for mark, kind in _FOREIGN:
        if content.startswith(mark):
            raise Sentence(
                f"This is {kind}, not a table. Save it as .xlsx or .csv and upload that.",
                file=name,
            )
    suffix = PurePath(inner).suffix.casefold()
    if content.startswith(b"PK"):
        if b"xl/" not in content:
            raise Sentence(
                "This is a zip archive, not a table. Unpack it and upload the .csv or .xlsx"
                " inside.",
                file=name,
            )
        if suffix in _TEXT_SUFFIXES:
            raise Sentence(
                f"The file is named {suffix} but holds an Excel workbook. Rename it to .xlsx or"
                " save it as CSV.",
                file=name,
            )
        return
    if suffix in _BOOK_SUFFIXES:
        raise Sentence(
            f"The file is named {suffix} but is not an Excel workbook: it is cut off or another"
            " kind of file. Save it again as .xlsx, or rename it if it is CSV.",
            file=name,
        )


def _refuse_prose(text: str, *, name: str) -> None:
    """Refuse web pages, JSON and binary data that happen to decode as text."""
    head = text[:2000].lstrip().casefold()
    if head.startswith(("<!doctype", "<html", "<?xml")):
        raise Sentence(
            "This is a web page or XML, not a table. Download the data as .csv or .xlsx.",
            file=name,
        )
    if head.startswith(("{", "[{")):
        raise Sentence("This is JSON, not a table. Download the data as .csv or .xlsx.", file=name)
    sample = text[:20_000]
    odd = sum(1 for character in sample if ord(character) < 32 and character not in "\t\r\n")
    if odd > max(8, 0.02 * len(sample)):
        raise Sentence(
            "The file holds binary data, not a table. Save it as .xlsx or .csv and upload that.",
            file=name,
        )


def _lay_out(
    found: Sequence[tuple[int, list[str]]],
    *,
    name: str,
    shape: Shape,
    header_row: int,
    notes: list[str],
    limits: Limits,
) -> Table:
    """Put every record under the header, or aside with the reason."""
    filled = [(number, record) for number, record in found if any(map(str.strip, record))]
    if not filled:
        raise Sentence("The file has no rows. Upload one with a header and rows.", file=name)
    at = _header_at(filled, wanted=header_row, name=name)
    number, header = filled[at]
    width = max((i + 1 for i, cell in enumerate(header) if cell.strip()), default=0)
    body = filled[at + 1 :]
    # A header cell may be blank over a column that rows fill; it still is a column.
    filled_to = (max(i + 1 for i, cell in enumerate(r) if cell.strip()) for _n, r in body)
    width = max([width, *(last for last in filled_to if last <= len(header))])
    columns = label_columns([*header, *[""] * width][:width])
    if at:
        notes.append(f"The header is row {number}; {at} row(s) above it were left out.")
    times = Counter(column.header.strip() for column in columns)
    repeated = [header for header, count in times.items() if header and count > 1]
    if repeated:
        notes.append(
            "Columns with the same name are numbered in file order: " + "; ".join(repeated)
        )
    rows, misfits, cleaned = _rows(
        body, header=header, width=width, labels=[column.label for column in columns]
    )
    if cleaned:
        notes.append(cleaned)
    if not rows and not misfits:
        raise Sentence(
            "The file has a header and no rows under it. Nothing to import.", file=name, row=number
        )
    if not rows:
        first = misfits[0]
        raise Sentence(
            f"{first.reason} No row fits under the header in row {number}.",
            file=name,
            row=first.number,
        )
    if len(rows) + len(misfits) > limits.rows:
        raise Sentence(
            f"The file has more than {limits.rows:,} rows. Split it and import the parts.",
            file=name,
        )
    shape = Shape(shape.kind, shape.encoding, shape.delimiter, shape.sheet, number)
    return Table(name, shape, columns, tuple(rows), tuple(misfits), tuple(notes))


def _header_at(filled: Sequence[tuple[int, list[str]]], *, wanted: int, name: str) -> int:
    """Find the header among the first records: wide, textual and without repeats of note."""
    if wanted:
        for at, (number, _record) in enumerate(filled):
            if number == wanted:
                return at
        raise Sentence("There is no header in this row.", file=name)
    widths = Counter(sum(1 for cell in record if cell.strip()) for _n, record in filled[:200])
    usual = max(widths, key=lambda width: (widths[width] * min(width, 30), width))
    best, best_score = 0, -1.0
    for at, (_number, record) in enumerate(filled[: min(_LOOK_FOR_HEADER, len(filled) - 1) or 1]):
        cells = [squeeze(cell) for cell in record if cell.strip()]
        words = sum(1 for cell in cells if any(map(str.isalpha, cell)) and len(cell) <= 400)
        distinct = len({cell.casefold() for cell in cells}) / len(cells)
        # What stands in a header does not come again in the column below it.
        recurs = _recurring(record, filled[at + 1 : at + 1 + _LOOK_BELOW]) / len(cells)
        score = min(len(cells) / usual, 1.2) + words / len(cells) + 0.5 * distinct
        score -= 0.05 * at + recurs
        if score > best_score + 1e-9:
            best, best_score = at, score
    return best


def _recurring(record: list[str], below: Sequence[tuple[int, list[str]]]) -> int:
    """Count the cells of a record that come again in their column."""
    return sum(
        1
        for position, cell in enumerate(record)
        if cell.strip()
        and any(position < len(other) and other[position] == cell for _n, other in below)
    )


def _rows(
    body: Sequence[tuple[int, list[str]]], *, header: list[str], width: int, labels: Sequence[str]
) -> tuple[list[Row], list[Misfit], str]:
    lengths = Counter(len(record) for _number, record in body)
    always_full = bool(body) and lengths[len(header)] > 0.9 * len(body)
    rows: list[Row] = []
    misfits: list[Misfit] = []
    cleaned: list[str] = []
    for number, record in body:
        extra = [cell for cell in record[width:] if cell.strip()]
        if extra:
            last = max(i + 1 for i, cell in enumerate(record) if cell.strip())
            misfits.append(
                Misfit(
                    number,
                    tuple(map(without_controls, record)),
                    (
                        f"This row has {last} cells but the header names {width}: a delimiter"
                        " is not quoted, or the header is wrong."
                    ),
                )
            )
            continue
        if len(record) < width and always_full:
            misfits.append(
                Misfit(
                    number,
                    tuple(map(without_controls, record)),
                    (
                        f"This row has {len(record)} cells but the header names {width}: it was"
                        " cut off or a line break is not quoted."
                    ),
                )
            )
            continue
        cells = [*record, *[""] * width][:width]
        for label, cell in zip(labels, cells, strict=True):
            if has_controls(cell):
                cleaned.append(f"row {number}, column {label}")
        rows.append(Row(number, tuple(map(without_controls, cells))))
    if not cleaned:
        return rows, misfits, ""
    shown = "; ".join(cleaned[:5]) + ("; ..." if len(cleaned) > 5 else "")
    return rows, misfits, f"Left out control characters in {len(cleaned)} cell(s): {shown}."
