"""Frames into files. A writer knows columns and kinds, not what they mean."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

import polars as pl

from governance_app.exports.columns import Column
from governance_app.exports.writers.control import Control
from governance_app.exports.writers.csv_file import write_csv
from governance_app.exports.writers.parquet_file import write_parquet
from governance_app.exports.writers.xlsx_file import write_xlsx


class Writer(Protocol):
    """Writes frames to a path; the frames have exactly the columns, in their order."""

    def __call__(
        self,
        frames: Iterable[pl.DataFrame],
        path: Path,
        *,
        columns: Sequence[Column],
        title: str,
        control: Control,
    ) -> None: ...


WRITERS: dict[str, Writer] = {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}

__all__ = ["MEDIA_TYPES", "WRITERS", "Control", "Writer"]
