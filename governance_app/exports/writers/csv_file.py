from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from governance_app.exports.columns import Column, Kind
from governance_app.exports.writers.control import Control

#: A spreadsheet takes a text that starts like this for a formula; resource names and tags are
#: written by anybody.
FORMULA = r"^[=+\-@\t\r]"


def harmless(name: str) -> pl.Expr:
    """Put an apostrophe before a text that a spreadsheet would run."""
    column = pl.col(name)
    return (
        pl.when(column.str.contains(FORMULA)).then(pl.lit("'") + column).otherwise(column)
    ).alias(name)


def write_csv(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    columns: Sequence[Column],
    title: str,
    control: Control,
) -> None:
    """
    Write RFC 4180: UTF-8, comma, CRLF, decimal point, ISO dates, names of columns in row 1.

    Text is escaped against formulas; amounts are numbers and keep their sign and 18 decimals.
    """
    texts = [column.name for column in columns if column.kind is Kind.TEXT]
    with path.open("wb") as stream:
        stream.write((",".join(column.name for column in columns) + "\r\n").encode())
        for frame in frames:
            if frame.height:
                block = frame.with_columns(harmless(name) for name in texts)
                block.write_csv(
                    stream, include_header=False, line_terminator="\r\n", quote_style="necessary"
                )
