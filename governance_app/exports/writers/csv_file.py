import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from governance_app.exports.columns import Column, Kind
from governance_app.exports.writers.control import Control

#: A spreadsheet takes a text that starts like this for a formula; resource names and tags are
#: written by anybody.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_FORMULA = f"^[{re.escape(''.join(FORMULA_SIGNS))}]"
BOM = b"\xef\xbb\xbf"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Spelling:
    """How a CSV is spelled; the default is RFC 4180 with ISO dates and decimal points."""

    delimiter: str = ","
    decimal_mark: str = "."
    decimal_places: int | None = None
    date_format: str = "%Y-%m-%d"
    has_bom: bool = False
    #: Files for machines that must come back as they went out: no apostrophes, no padding zeros.
    is_verbatim: bool = False
    #: Headings instead of the names of the columns.
    headings: Sequence[str] = ()


RFC_4180 = Spelling()


def write_csv(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    columns: Sequence[Column],
    title: str,
    control: Control,
    spelling: Spelling = RFC_4180,
) -> None:
    """
    Write RFC 4180: UTF-8, comma, CRLF, decimal point, ISO dates, names of columns in row 1.

    Text is escaped against formulas; amounts are numbers and keep their sign and 18 decimals.
    """
    with path.open("wb") as stream:
        for block in csv_blocks(frames, columns=columns, spelling=spelling):
            stream.write(block)


def csv_blocks(
    frames: Iterable[pl.DataFrame], *, columns: Sequence[Column], spelling: Spelling = RFC_4180
) -> Iterator[bytes | memoryview]:
    """Yield the file piece by piece: its header, then a block of whole rows for each frame."""
    heads = list(spelling.headings) or [column.name for column in columns]
    head = io.BytesIO()
    pl.DataFrame([heads], orient="row", schema=[str(at) for at in range(len(heads))]).write_csv(
        head, include_header=False, separator=spelling.delimiter, line_terminator="\r\n"
    )
    yield (BOM if spelling.has_bom else b"") + head.getvalue()
    waiting: deque[Future[memoryview]] = deque()
    with ThreadPoolExecutor(max_workers=1) as pool:  # a frame is spelled while the next is read
        for frame in frames:
            if frame.height:
                waiting.append(pool.submit(_block, frame, columns, spelling))
            if len(waiting) > 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _block(frame: pl.DataFrame, columns: Sequence[Column], spelling: Spelling) -> memoryview:
    block = io.BytesIO()
    _spelled(frame, columns, spelling).write_csv(
        block,
        include_header=False,
        separator=spelling.delimiter,
        line_terminator="\r\n",
        quote_style="necessary",
        date_format=spelling.date_format,
    )
    return block.getbuffer()


def _spelled(frame: pl.DataFrame, columns: Sequence[Column], spelling: Spelling) -> pl.DataFrame:
    changed: list[pl.Series] = []
    for column in columns:
        series = frame[column.name]
        if series.dtype == pl.Datetime:
            changed.append(_moments(series))
        elif column.kind is Kind.TEXT and not spelling.is_verbatim and _may_hold_a_sign(series):
            dangerous = _starts_like_a_formula(series)
            if dangerous.any():
                changed.append(series.zip_with(~dangerous, "'" + series))
        elif series.dtype.is_decimal() and (
            spelling.is_verbatim
            or spelling.decimal_mark != "."
            or spelling.decimal_places is not None
        ):
            changed.append(_number(series, spelling))
    return frame.with_columns(changed) if changed else frame


def _moments(series: pl.Series) -> pl.Series:
    """Spell moments, each once: lines of a bill share their hours, and spelling one is slow."""
    distinct = series.drop_nulls().unique()
    return series.replace_strict(
        distinct, distinct.dt.strftime(MOMENT), default=None, return_dtype=pl.String
    )


def _may_hold_a_sign(series: pl.Series) -> bool:
    """
    Tell whether a text may start with a sign, by the first and the last of them alone.

    No sign stands above "@", and none between "-" and "=": most columns are all on one side.
    """
    least, most = series.min(), series.max()
    if least is None or most is None:
        return False
    return not (str(least) > "A" or (str(least) >= "." and str(most) < "="))


def _starts_like_a_formula(series: pl.Series) -> pl.Series:
    return series.str.contains(_FORMULA).fill_null(value=False)


def _number(series: pl.Series, spelling: Spelling) -> pl.Series:
    """Spell a number; an amount was rounded to its places before, so its rest is zeros."""
    text = series.cast(pl.String)
    if spelling.decimal_places is None:
        text = text.str.strip_chars_end("0").str.strip_chars_end(".")
    elif spelling.decimal_places == 0:
        text = text.str.replace(r"\..*$", "")
    else:
        text = text.str.replace(rf"(\.\d{{{spelling.decimal_places}}}).*$", "$1")
    if spelling.decimal_mark != ".":
        text = text.str.replace(".", spelling.decimal_mark, literal=True)
    return text
