"""
Key-months of a bill too long to be held, kept in files until all of it was read.

Each file holds a range of keys, so that all come back added up and in the order of their keys,
while only one range is in memory. Without it the database would add them up: it takes a minute
for a million lines of as many keys, this takes seconds (``docs/performance.md``).
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from governance_app.spend.focus.keymonths import added_up

#: How many ranges the first byte of a key is cut into.
RANGES = 16
_RANGE = pl.col("key_id").bin.slice(0, 1).bin.reinterpret(dtype=pl.UInt8) // (256 // RANGES)
_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4")


class Spilled:
    """Rows by ranges of their ``key_id`` (16 bytes) in files of a folder; all of one schema."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._writers: dict[int, pa.RecordBatchStreamWriter] = {}

    def add(self, frame: pl.DataFrame) -> None:
        """Write rows to the files of their ranges."""
        ranges = frame.with_columns(_RANGE.alias("range")).partition_by(
            "range", as_dict=True, include_key=False
        )
        for (number,), rows in ranges.items():
            table = rows.to_arrow(compat_level=pl.CompatLevel.newest())
            if number not in self._writers:
                self._writers[number] = pa.ipc.new_stream(
                    self._path(number), table.schema, options=_LZ4
                )
            self._writers[number].write_table(table)

    def take(self) -> Iterator[pl.DataFrame]:
        """Give the rows range after range, in the order of the keys inside; then they are gone."""
        writers, self._writers = self._writers, {}
        for writer in writers.values():
            writer.close()
        for number in sorted(writers):
            path = self._path(number)
            with pa.ipc.open_stream(path) as stream:
                rows = pl.from_arrow(stream.read_all())
            path.unlink()
            assert isinstance(rows, pl.DataFrame)
            yield rows.sort("key_id")

    def _path(self, number: int) -> Path:
        return self._folder / f"{self._name}-{number:02}.arrow"


class SpilledParts:
    """The keys and the key-months of parts of a bill."""

    def __init__(self, folder: Path) -> None:
        self._keys, self._months = Spilled(folder, "keys"), Spilled(folder, "months")

    def add(self, keys: pl.DataFrame, months: pl.DataFrame) -> None:
        """Keep the keys that no part had before, and key-months that may come again."""
        self._keys.add(keys)
        self._months.add(months)

    def take_keys(self) -> Iterator[pl.DataFrame]:
        """Give the keys in their order, once."""
        return self._keys.take()

    def take_months(self, *, by: tuple[str, ...]) -> Iterator[pl.DataFrame]:
        """Give the key-months in the order of their keys, those equal in ``by`` added up, once."""
        for rows in self._months.take():
            yield added_up(rows, by).sort("key_id")
