"""
Files into frames of text, a bounded batch at a time.

A reader trusts nothing the file says about itself: it looks at the first bytes, counts the
decoded ones, and never holds more than a batch. Every value comes out as the text that was
written, nulls as null; only Parquet decimals stay decimals.
"""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from governance_app.domain.errors import Sentence
from governance_app.spend.focus.report import Problem, shown
from governance_app.spend.focus.shape import Cutter, Shape
from governance_app.spend.focus.values import NULLS, PLACES
from governance_app.spend.focus.versions import folded, standard_name

MEBI = 1 << 20
_BUFFER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What a file may cost. ``decoded_bytes``: all of it, unpacked; ``ratio``: unpacked to packed
    once more than ``ratio_from_bytes`` came out (a bill shrinks 10 to 40 times, a bomb more).
    ``memory_bytes``: what the process that reads it may take. ``row_group_bytes``: how much of a
    Parquet file is read at once, packed.
    """

    decoded_bytes: int = 16 << 30
    ratio: int = 400
    ratio_from_bytes: int = 256 * MEBI
    csv_batch_bytes: int = 20 * MEBI
    record_bytes: int = 4 * MEBI
    parquet_batch_rows: int = 40_000
    row_group_bytes: int = 64 * MEBI
    columns: int = 2_000
    memory_bytes: int = 3 << 30


@dataclass(frozen=True, slots=True)
class Batch:
    """Some lines of a file: all columns text (or decimal), with the row each was found in."""

    frame: pl.DataFrame
    rows: pl.Series
    ragged: tuple[Problem, ...] = ()


class Meter:
    """Counts decoded bytes and stops a file that unpacks to more than it may."""

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.name, self.limits = name, limits
        self.packed = max(path.stat().st_size, 1)
        self.decoded = 0

    def add(self, decoded: int) -> None:
        """
        Count decoded bytes.

        Raises:
            Sentence: more came out than the limits allow.
        """
        self.decoded += decoded
        too_many = self.decoded > self.limits.decoded_bytes
        too_dense = (
            self.decoded > self.limits.ratio_from_bytes
            and self.decoded > self.limits.ratio * self.packed
        )
        if too_many or too_dense:
            raise Sentence(
                f"{self.name} holds {_size(self.packed)} but unpacks to more than "
                f"{_size(self.decoded)}, which is more than a bill can need. Nothing was read. "
                "Split the export by month or account and import the parts.",
                file=self.name,
            )


def open_file(path: Path, *, name: str, limits: Limits | None = None) -> "Reader":
    """
    Find out what a file is and give its reader.

    Raises:
        Sentence: it is empty, or not what its name says, or of a kind that holds no bill.
    """
    limits = limits or Limits()
    with path.open("rb") as stream:
        head = stream.read(4 * MEBI if path.stat().st_size < 4 * MEBI else 65_536)
    kind = sniff(head)
    said = _said_by_name(name)
    if kind == "empty":
        raise Sentence(f"{name} is empty.", file=name)
    if said and kind in ("csv", "gzip", "parquet") and said != kind:
        raise Sentence(
            f"{name} is named like {_TITLES[said]} but holds {_TITLES[kind]}. "
            "The transfer may have unpacked or renamed it; export it again.",
            file=name,
        )
    if kind == "parquet":
        return ParquetReader(path, name, limits)
    if kind in ("csv", "gzip"):
        return CsvReader(path, name, limits, is_gzip=kind == "gzip")
    raise Sentence(f"{name} {_REFUSED[kind]}", file=name)


_TITLES = {"csv": "plain CSV text", "gzip": "gzip data", "parquet": "a Parquet file"}
_REFUSED = {
    "xlsx": "is an Excel workbook. Save the sheet as CSV (UTF-8) and import that.",
    "xls": "is an old Excel workbook. Save the sheet as CSV (UTF-8) and import that.",
    "zip": "is a zip archive. Unpack it and import the files inside.",
    "pdf": "is a PDF document. A bill is imported from its FOCUS export (CSV or Parquet).",
    "zstd": "is packed with zstd. Unpack it, or order the export as gzip or Parquet.",
    "bzip2": "is packed with bzip2. Unpack it, or order the export as gzip or Parquet.",
    "xz": "is packed with xz. Unpack it, or order the export as gzip or Parquet.",
    "html": "is a web page, probably a sign-in page saved instead of the file. Download it again.",
    "json": "is JSON. Order the FOCUS export as CSV or Parquet.",
    "utf-16": "is UTF-16 text. Save it as CSV UTF-8 and import that.",
    "binary": "is binary data of an unknown kind. A bill is CSV, gzipped CSV or Parquet.",
}
_MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"%PDF", "pdf"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def sniff(head: bytes) -> str:
    """
    Tell from its first bytes what a file is.

    >>> sniff(b"PAR1..."), sniff(b"a,b\\n1,2\\n"), sniff(b""), sniff(b"<!DOCTYPE html>")
    ('parquet', 'csv', 'empty', 'html')
    """
    if not head.strip():
        return "empty"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx" if b"xl/" in head or b"[Content_Types].xml" in head else "zip"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "html"
    if start.startswith((b"{", b"[")):
        return "json"
    if b"\x00" in head:
        return "binary"
    return "csv"


def _said_by_name(name: str) -> str:
    lower = name.lower()
    for ending, kind in (
        (".csv.gz", "gzip"),
        (".gz", "gzip"),
        (".parquet", "parquet"),
        (".csv", "csv"),
    ):
        if lower.endswith(ending):
            return kind
    return ""


def _size(count: int) -> str:
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} bytes"


class Reader:
    """What both kinds of file offer: the columns as FOCUS spells them, and batches of them."""

    #: Row number of the first line: a CSV's header is row 1.
    first_row = 1

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        self.path, self.name, self.limits = path, name, limits
        self.received: tuple[str, ...] = ()
        self.columns: tuple[str, ...] = ()

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        """Yield the lines, only the given columns (standard spelling) or all."""
        raise NotImplementedError

    def _name_columns(self, received: Sequence[str]) -> None:
        if len(received) > self.limits.columns:
            raise Sentence(
                f"{self.name} has {len(received)} columns; a bill has fewer than "
                f"{self.limits.columns}.",
                file=self.name,
                row=1,
            )
        names = [
            standard_name(one) or f"Column {position}"
            for position, one in enumerate(received, start=1)
        ]
        seen: dict[str, int] = {}
        for position, name in enumerate(names, start=1):
            if (earlier := seen.setdefault(folded(name) or name, position)) != position:
                raise Sentence(
                    f"{self.name} has the column {name} twice (columns {earlier} and {position}). "
                    "Which one holds the truth cannot be told; export it again with each once.",
                    file=self.name,
                    row=1,
                    column=name,
                )
        self.received, self.columns = tuple(received), tuple(names)


class CsvReader(Reader):
    """CSV as RFC 4180 has it, plain or gzipped; comma, semicolon, tab or bar."""

    first_row = 2

    def __init__(self, path: Path, name: str, limits: Limits, *, is_gzip: bool) -> None:
        super().__init__(path, name, limits)
        self.is_gzip = is_gzip
        self.meter = Meter(path, name, limits)
        with self._open() as stream:
            head = self._read(stream, 1 * MEBI)
        if self.is_gzip:
            inner = sniff(head)
            if inner != "csv":
                what = {"gzip": "another gzip file", "empty": "nothing"}.get(inner, f"{inner} data")
                if head[257:262] == b"ustar":
                    what = "a tar archive"
                raise Sentence(f"{name} is gzip, but holds {what} instead of CSV text.", file=name)
        self._read_header(head)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        self.meter = Meter(self.path, self.name, self.limits)
        wanted = [name for name in self.columns if columns is None or name in set(columns)]
        row = self.first_row
        with self._open() as stream:
            self._read(stream, self.body_at)
            for chunk, shape in self._chunks(stream):
                batch = self._parse(chunk, shape, wanted, row)
                row += batch.frame.height + len(batch.ragged)
                yield batch

    def _open(self) -> BinaryIO:
        if self.is_gzip:
            return gzip.open(self.path, "rb")  # type: ignore[return-value]
        return self.path.open("rb")

    def _read(self, stream: BinaryIO, size: int) -> bytes:
        try:
            data = stream.read(size)
        except EOFError as error:
            raise Sentence(
                f"{self.name} breaks off: the gzip data ends too early, so lines are missing. "
                "Nothing was read; download or export it again.",
                file=self.name,
            ) from error
        except (gzip.BadGzipFile, zlib.error, OSError) as error:
            raise Sentence(
                f"{self.name} is damaged: its gzip data does not unpack. Nothing was read; "
                "download or export it again.",
                file=self.name,
            ) from error
        if self.is_gzip:
            self.meter.add(len(data))
        return data

    def _read_header(self, head: bytes) -> None:
        mark = len(b"\xef\xbb\xbf") if head.startswith(b"\xef\xbb\xbf") else 0
        end = _record_end(head, mark)
        if end < 0:
            end = len(head)
        try:
            text = head[mark:end].decode("utf-8")
        except UnicodeDecodeError as error:
            raise Sentence(
                f"{self.name} is not UTF-8 text: its header has the byte "
                f"0x{head[mark + error.start]:02X}. Save it as CSV UTF-8 and import that.",
                file=self.name,
                row=1,
            ) from error
        best: list[str] = []
        for delimiter in (",", ";", "\t", "|"):
            fields = next(csv.reader(io.StringIO(text.rstrip("\r\n")), delimiter=delimiter), [])
            if len(fields) > len(best):
                best, self.delimiter = fields, delimiter
        self._name_columns(best)
        self.body_at = end
        self.newline = b"\r" if b"\n" not in head[mark : end + 1] and b"\r" in head else b"\n"

    def _chunks(self, stream: BinaryIO) -> Iterator[tuple[bytes, Shape | None]]:
        """Cut the text where a record ends: at a line end with an even number of quotes before."""
        if self.newline != b"\n":
            yield from ((chunk, None) for chunk in self._chunks_by(self.newline, stream))
            return
        cutter, rest = Cutter(self.delimiter), b""
        while block := self._read(stream, self.limits.csv_batch_bytes):
            shape = cutter.look(block)
            if shape is None:
                rest += block
                self._refuse_endless(rest)
                continue
            yield b"".join((rest, memoryview(block)[: shape.end])), shape
            rest = block[shape.end :]
        if rest.strip():
            yield rest, None

    def _chunks_by(self, newline: bytes, stream: BinaryIO) -> Iterator[bytes]:
        rest = b""
        while block := self._read(stream, self.limits.csv_batch_bytes):
            text = rest + block
            cut = _last_record_end(text, newline)
            if cut <= 0:
                self._refuse_endless(text)
                rest = text
                continue
            rest = text[cut:]
            yield text[:cut]
        if rest.strip():
            yield rest

    def _refuse_endless(self, text: bytes) -> None:
        if len(text) > self.limits.csv_batch_bytes + self.limits.record_bytes:
            raise Sentence(
                f"{self.name} has a quote that never ends, or one line longer than "
                f"{_size(self.limits.record_bytes)}. Nothing was read; export it again.",
                file=self.name,
            )

    def _parse(self, chunk: bytes, shape: Shape | None, wanted: list[str], row: int) -> Batch:
        for mark in (b"\x00", b"\x1f"):
            if mark in chunk:
                raise Sentence(
                    f"{self.name} holds the control character 0x{mark[0]:02X} near row "
                    f"{row + chunk.count(self.newline, 0, chunk.index(mark))}, which no bill has. "
                    "It was damaged on the way; export it again.",
                    file=self.name,
                    row=row + chunk.count(self.newline, 0, chunk.index(mark)),
                )
        if shape is not None and (frame := self._parse_regular(chunk, shape, wanted)) is not None:
            return Batch(frame, pl.int_range(row, row + frame.height, eager=True))
        return self._parse_slowly(chunk, wanted, row)

    def _parse_regular(self, chunk: bytes, shape: Shape, wanted: list[str]) -> pl.DataFrame | None:
        """Parse text of regular shape, with the fastest parser; None when it is not regular."""
        if not shape.has(len(self.columns)) or len(self.columns) == 1:
            return None
        asked = set(wanted)
        try:
            frame = pl.read_csv(
                chunk,
                has_header=False,
                columns=[at for at, name in enumerate(self.columns) if name in asked],
                separator=self.delimiter,
                infer_schema=False,
            )
        except pl.exceptions.PolarsError:  # a line is too long, or not UTF-8: read to say which
            return None
        if frame.height != shape.records:
            return None
        frame.columns = wanted
        return _without_nulls(frame, has_empty=shape.has_empty_quotes)

    def _parse_slowly(self, chunk: bytes, wanted: list[str], row: int) -> Batch:
        """Parse text of any shape, or say what is wrong with it and where."""
        has_quotes = b'"' in chunk
        if has_quotes and chunk.count(b'"') % 2:
            raise Sentence(
                f"{self.name} breaks off inside a quoted value: the last line is not whole. "
                "Nothing was read; download or export it again.",
                file=self.name,
                row=row + chunk.count(self.newline),
            )
        ragged: list[Problem] = []

        def keep_ragged(line: pa_csv.InvalidRow) -> str:
            number = (line.number or 1) + row - 1
            ragged.append(
                Problem(
                    number,
                    "(the whole line)",
                    shown(line.text),
                    f"has {line.actual_columns} values, the header has {line.expected_columns}",
                )
            )
            return "skip"

        def parse(*, in_order: bool) -> pa.Table:
            return pa_csv.read_csv(
                pa.py_buffer(chunk),
                read_options=pa_csv.ReadOptions(
                    column_names=list(self.columns),
                    block_size=self.limits.record_bytes,
                    use_threads=not in_order,
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.delimiter,
                    newlines_in_values=has_quotes,
                    invalid_row_handler=keep_ragged if in_order else None,
                ),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.columns, pa.string()),
                    include_columns=wanted,
                    null_values=list(NULLS),
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=True,
                ),
            )

        try:
            try:
                table = parse(in_order=False)
            except pa.ArrowInvalid as error:
                if "UTF8" in str(error):
                    raise self._not_utf8(chunk, row) from error
                ragged.clear()
                table = parse(in_order=True)
        except pa.ArrowInvalid as error:
            if "UTF8" in str(error):
                raise self._not_utf8(chunk, row) from error
            raise Sentence(
                f"{self.name} cannot be read as CSV near row {row}: a line is longer than "
                f"{_size(self.limits.record_bytes)} or a quote is misplaced.",
                file=self.name,
                row=row,
            ) from error
        frame = pl.DataFrame(pl.from_arrow(table))
        rows = pl.int_range(row, row + frame.height + len(ragged), eager=True)
        if ragged:
            rows = rows.filter(~rows.is_in([problem.row for problem in ragged]))
        return Batch(frame, rows, tuple(ragged))

    def _not_utf8(self, chunk: bytes, row: int) -> Sentence:
        try:
            chunk.decode("utf-8")
        except UnicodeDecodeError as error:
            before = chunk[: error.start]
            bad = row
            at = 0
            while (end := _record_end(before, at)) > 0:
                at, bad = end, bad + 1
            fields = next(
                csv.reader(io.StringIO(before[at:].decode("utf-8")), delimiter=self.delimiter), [""]
            )
            column = self.columns[min(max(len(fields), 1), len(self.columns)) - 1]
            return Sentence(
                f"{self.name} is not UTF-8 text: row {bad}, column {column} has the byte "
                f"0x{chunk[error.start]:02X}. Save it as CSV UTF-8 and import that.",
                file=self.name,
                row=bad,
                column=column,
                value=shown(before[at:].decode("utf-8")[-20:]),
            )
        return Sentence(f"{self.name} is not UTF-8 text.", file=self.name)


def _without_nulls(frame: pl.DataFrame, *, has_empty: bool = True) -> pl.DataFrame:
    """Make the texts that stand for nothing null, in the columns that hold one."""
    nulls = [null for null in NULLS if null or has_empty]
    longest = max(map(len, nulls))
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    if not texts or not frame.height:
        return frame
    # Most columns hold nothing as short as these texts: their lengths say so at once.
    shortest = frame.select(pl.col(texts).str.len_bytes().min()).row(0)
    texts = [
        name
        for name, length in zip(texts, shortest, strict=True)
        if length is not None and length <= longest
    ]
    if not texts:
        return frame
    found = frame.select(
        pl.any_horizontal(*(pl.col(name) == null for null in nulls)).any() for name in texts
    ).row(0)
    held = [name for name, has in zip(texts, found, strict=True) if has]
    return frame.with_columns(pl.col(name).replace(nulls, None) for name in held)


def _record_end(text: bytes, start: int) -> int:
    """Give the place behind the record that starts at ``start``, or -1 when it does not end."""
    at, quotes = start, 0
    while (line_end := text.find(b"\n", at)) >= 0:
        quotes += text.count(b'"', at, line_end)
        at = line_end + 1
        if quotes % 2 == 0:
            return at
    return -1


def _last_record_end(text: bytes, newline: bytes) -> int:
    """Give the place behind the last whole record of ``text``, 0 when there is none."""
    total = int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord('"')))
    cut, after = len(text), 0
    while (line_end := text.rfind(newline, 0, cut)) >= 0:
        after += text.count(b'"', line_end, cut)
        if (total - after) % 2 == 0:
            return line_end + 1
        cut = line_end
    return 0


class ParquetReader(Reader):
    """Parquet of any compression; nested tags become JSON text, doubles their shortest text."""

    first_row = 1

    def __init__(self, path: Path, name: str, limits: Limits) -> None:
        super().__init__(path, name, limits)
        try:
            with pq.ParquetFile(path) as file:
                schema = file.schema_arrow
        except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
            raise self._damaged() from error
        self._name_columns(schema.names)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        meter = Meter(self.path, self.name, self.limits)
        wanted = [
            (received, name)
            for received, name in zip(self.received, self.columns, strict=True)
            if columns is None or name in set(columns)
        ]
        row = self.first_row
        try:
            with self._opened() as file:
                for read in file.iter_batches(
                    batch_size=self.limits.parquet_batch_rows,
                    columns=[received for received, _ in wanted],
                    use_threads=True,
                ):
                    meter.add(read.nbytes)
                    columns_read = [_as_text(read.column(received)) for received, _ in wanted]
                    table = pa.table(columns_read, names=[name for _, name in wanted])
                    frame = _without_nulls(pl.DataFrame(pl.from_arrow(table)))
                    yield Batch(frame, pl.int_range(row, row + frame.height, eager=True))
                    row += frame.height
        except MemoryError:  # no fault of the file's shape: it is too large
            raise
        except (pa.ArrowInvalid, pa.ArrowException, OSError) as error:
            raise self._damaged() from error

    def _opened(self) -> pq.ParquetFile:
        """
        Open it so that what was read is given back: buffers fetched ahead are all kept to the end.

        A row group of a large part of a gigabyte is read through small buffers, which takes half as
        long again but not the whole of it at a time.
        """
        file = pq.ParquetFile(self.path, pre_buffer=False)
        groups = (file.metadata.row_group(number) for number in range(file.num_row_groups))
        if all(_packed(group) <= self.limits.row_group_bytes for group in groups):
            return file
        file.close()
        return pq.ParquetFile(self.path, pre_buffer=False, buffer_size=_BUFFER_BYTES)

    def _damaged(self) -> Sentence:
        return Sentence(
            f"{self.name} is a damaged or incomplete Parquet file. Nothing was read; "
            "download or export it again.",
            file=self.name,
        )


def _packed(group: pq.RowGroupMetaData) -> int:
    return sum(group.column(number).total_compressed_size for number in range(group.num_columns))


def _as_text(column: pa.Array) -> pa.Array:
    """Turn a Parquet column into text without losing a digit; decimals that fit stay decimals."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_decimal(kind):
        fits = kind.scale <= PLACES and kind.precision - kind.scale <= 38 - PLACES
        return column.cast(pa.decimal128(38, PLACES)) if fits else column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        zone = "UTC" if kind.tz else None
        # Writing a moment is slow and a bill repeats few: each is written once.
        distinct = column.cast(pa.timestamp("us", zone), safe=False).dictionary_encode()
        written = pc.strftime(
            distinct.dictionary, format="%Y-%m-%dT%H:%M:%S" + ("Z" if zone else "")
        )
        return written.take(distinct.indices)
    if pa.types.is_floating(kind):
        # polars writes the shortest text that reads back as the same double, as repr() does.
        return pl.Series(pl.from_arrow(column)).cast(pl.String).to_arrow().cast(pa.string())
    if pa.types.is_nested(kind):
        return pa.array([_json(value) for value in column.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return column.cast(pa.string())
    return column.cast(pa.string())


def _json(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, list) and all(
        isinstance(item, tuple) and len(item) == 2 for item in value
    ):
        value = dict(value)
    return json.dumps(value, ensure_ascii=False, default=str)
