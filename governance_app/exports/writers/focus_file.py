from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from governance_app.exports.columns import Column
from governance_app.exports.writers.control import Control
from governance_app.exports.writers.csv_file import Spelling, write_csv

#: A FOCUS file is read by machines and must come back as it went out.
VERBATIM = Spelling(is_verbatim=True)


def write_focus(
    frames: Iterable[pl.DataFrame],
    path: Path,
    *,
    columns: Sequence[Column],
    title: str,
    control: Control,
) -> None:
    """Write a FOCUS file: CSV with moments in UTC, exact decimals, nothing escaped or padded."""
    write_csv(frames, path, columns=columns, title=title, control=control, spelling=VERBATIM)
