"""Frames into files. A writer knows columns and kinds, not what they mean."""

from collections.abc import Callable

from governance_app.exports.writers.control import Control
from governance_app.exports.writers.csv_file import write_csv
from governance_app.exports.writers.focus_file import write_focus
from governance_app.exports.writers.parquet_file import write_parquet
from governance_app.exports.writers.xlsx_file import write_xlsx

#: Writes frames to a path; the frames have exactly the columns, in their order. Keywords:
#: ``columns``, ``title``, ``control``, and what the format understands besides.
Writer = Callable[..., None]

WRITERS: dict[str, Writer] = {
    "csv": write_csv,
    "xlsx": write_xlsx,
    "parquet": write_parquet,
    "focus-1.2": write_focus,
    "focus-1.4": write_focus,
}
#: Of every format that a report may have: sheets are written by a writer, documents by their own.
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "focus-1.2": "text/csv; charset=utf-8",
    "focus-1.4": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SUFFIXES = {
    "csv": "csv",
    "xlsx": "xlsx",
    "parquet": "parquet",
    "focus-1.2": "csv",
    "focus-1.4": "csv",
    "pdf": "pdf",
    "pptx": "pptx",
}

__all__ = ["MEDIA_TYPES", "SUFFIXES", "WRITERS", "Control", "Writer"]
