from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from governance_app.exports.columns import Column, Kind
from governance_app.exports.writers.control import Control

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.MONEY: pa.decimal128(38, 18),
    Kind.QUANTITY: pa.decimal128(38, 18),
    Kind.DATE: pa.date32(),
    Kind.MONTH: pa.date32(),
    Kind.MOMENT: pa.timestamp("us", "UTC"),
    Kind.COUNT: pa.int64(),
}


def write_parquet(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    columns: Sequence[Column],
    title: str,
    control: Control,
) -> None:
    """Write Parquet with exact decimals; the filter and who asked stand in its metadata."""
    schema = pa.schema(
        [(column.name, _TYPES[column.kind]) for column in columns],
        metadata={
            "title": title,
            "filter": control.words,
            "asked_by": control.asked_by,
            "made_at": control.made_at.isoformat(timespec="seconds"),
        },
    )
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=3) as writer:
        for frame in frames:
            writer.write_table(frame.to_arrow().cast(schema))
