"""Cells of a worksheet as XML: a column of values at a time for rows, one by one for the rest."""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal

import polars as pl

from governance_app.exports.columns import Column, Kind

#: Rows turned into XML at a time: enough to be fast, few enough for a bounded memory.
SLICE = 8_192
#: Blocks made on other threads while one is being deflated.
AHEAD = 2
#: What a cell may hold.
MOST_CHARACTERS = 32_767
#: A double keeps 15 digits: a longer whole number is written as text, so no digit is lost.
EXACT_BELOW = 10**15

#: What XML cannot say, and a carriage return, which a reader would turn into a line feed.
_UNSAYABLE = "\x00-\x08\x0b-\x1f\ufffe\uffff"
#: What a spreadsheet would read as an escaped character.
_ESCAPED = "_x[0-9A-Fa-f]{4}_"
_RARE = re.compile(f"[{_UNSAYABLE}]|{_ESCAPED}")
#: One pass over a column looks for all of these; few columns hold any.
_SUSPECT = [*(chr(code) for code in range(32) if code not in (9, 10)), "\ufffe", "\uffff", "_x"]
_SIGNS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_TEXT = ('<c t="inlineStr"><is><t>', "</t></is></c>")
_KEPT = ('<c t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>")
_EMPTY = "<c/>"
_BLANKS = (" ", "\n", "\t")


def spelled(text: str) -> str:
    """
    Spell a text for a cell: cut at the length a cell holds, XML signs and control characters
    escaped, and a text that looks like such an escape kept as what it says.

    >>> spelled("a < b"), spelled("bell\\x07"), spelled("_x0041_")
    ('a &lt; b', 'bell_x0007_', '_x005F_x0041_')
    """
    text = _RARE.sub(
        lambda m: f"_x005F{m[0]}" if len(m[0]) > 1 else f"_x{ord(m[0]):04X}_",
        text[:MOST_CHARACTERS],
    )
    for sign, escape in _SIGNS.items():
        text = text.replace(sign, escape)
    return text


def text_cell(text: str, style: int = 0) -> str:
    """Give a cell that holds text, whatever it starts with."""
    return f'<c s="{style}" t="inlineStr"><is><t xml:space="preserve">{spelled(text)}</t></is></c>'


def formula_cell(formula: str, value: Decimal | int, style: int) -> str:
    """Give a cell that calculates; ``value`` shows until a spreadsheet has."""
    for sign, escape in _SIGNS.items():
        formula = formula.replace(sign, escape)
    return f'<c s="{style}"><f>{formula}</f><v>{float(value)!r}</v></c>'


def row_blocks(
    frame: pl.DataFrame, columns: Sequence[Column], styles: Mapping[Kind, int]
) -> Iterator[memoryview]:
    """
    Yield the rows of a frame as XML, ``SLICE`` rows at a time, without a Python object per cell.

    Args:
        frame: exactly the columns, in their order.
        styles: number of the cell style of each kind that has one.
    """
    waiting: deque[Future[memoryview]] = deque()
    with ThreadPoolExecutor(max_workers=AHEAD) as pool:
        for block in frame.iter_slices(SLICE):
            waiting.append(pool.submit(_block, block, columns, styles))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _block(
    block: pl.DataFrame, columns: Sequence[Column], styles: Mapping[Kind, int]
) -> memoryview:
    parts = [pl.lit("<row>")]
    for column in columns:
        parts += _parts(block[column.name], column.kind, styles.get(column.kind, 0))
    parts.append(pl.lit("</row>"))
    xml = block.select(pl.concat_str(parts)).to_series()
    return memoryview(xml.to_arrow(compat_level=pl.CompatLevel.oldest()).buffers()[2])


def _parts(series: pl.Series, kind: Kind, style: int) -> list[pl.Expr]:
    """Give what the cells of a column are put together from."""
    if kind is Kind.TEXT:
        shown, is_blank = _text(series), (series.is_null() | (series == "")).fill_null(value=True)
        opening, closing = _KEPT if _has_outer_blanks(series) else _TEXT
    else:
        shown, is_blank = _number(series, kind), series.is_null()
        opening, closing = f'<c s="{style}"><v>', "</v></c>"
        if kind is Kind.COUNT and (series.abs() >= EXACT_BELOW).any():
            opening, closing = _TEXT
    if not is_blank.any():
        return [pl.lit(opening), pl.lit(shown), pl.lit(closing)]
    if is_blank.all():
        return [pl.lit(_EMPTY)]
    blank = pl.lit(is_blank)
    whole = pl.concat_str([pl.lit(opening), pl.lit(shown.fill_null("")), pl.lit(closing)])
    return [pl.when(blank).then(pl.lit(_EMPTY)).otherwise(whole)]


def _number(series: pl.Series, kind: Kind) -> pl.Series:
    if kind in (Kind.DATE, Kind.MONTH):
        return (series.cast(pl.Int32) + 25_569).cast(pl.String)
    if kind is Kind.MOMENT:
        seconds = series.dt.epoch("s").cast(pl.Float64)
        return (seconds / 86_400 + 25_569).cast(pl.String)
    return series.cast(pl.String)


def _has_outer_blanks(series: pl.Series) -> bool:
    return any(
        at(blank).any()
        for at in (series.str.starts_with, series.str.ends_with)
        for blank in _BLANKS
    )


def _text(series: pl.Series) -> pl.Series:
    """Escape a column of text."""
    if (series.str.len_bytes() > MOST_CHARACTERS).any():
        return series.map_elements(spelled, return_dtype=pl.String)
    if not series.str.contains_any([*_SIGNS, *_SUSPECT]).any():
        return series
    if series.str.contains_any(_SUSPECT).any():
        return series.map_elements(spelled, return_dtype=pl.String)
    return series.str.replace_many(list(_SIGNS), list(_SIGNS.values()))
