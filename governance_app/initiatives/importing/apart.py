"""A table read in a process of its own, so that a harmful workbook ends that and nothing else."""

import dataclasses
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.files import limited
from governance_app.initiatives.importing import reading
from governance_app.initiatives.importing.table import (
    Column,
    Limits,
    Misfit,
    Row,
    Shape,
    Table,
)

READ = "governance_app.initiatives.importing.apart:read"
BOUNDS = limited.Bounds(cpu_seconds=300, wall_seconds=300.0, silent_seconds=300.0)
_ROWS_AT_ONCE = 20_000


def read_table(
    content: bytes,
    *,
    name: str,
    encoding: str = "",
    delimiter: str = "",
    sheet: str = "",
    header_row: int = 0,
    limits: Limits | None = None,
    bounds: limited.Bounds = BOUNDS,
) -> Table:
    """
    Do what ``reading.read_table`` does, in a process that may use only so much.

    Raises:
        Sentence: as there; or the file takes more than it may, or broke its reader.
    """
    limits = limits or Limits()
    if len(content) > limits.file_bytes:  # is refused before anything is opened
        return reading.read_table(content, name=name, limits=limits)
    rows: list[Row] = []
    misfits: list[Misfit] = []
    with tempfile.NamedTemporaryFile(prefix="table-") as kept:
        kept.write(content)
        kept.flush()
        asked = {
            "path": kept.name,
            "name": name,
            "encoding": encoding,
            "delimiter": delimiter,
            "sheet": sheet,
            "header_row": header_row,
            "limits": dataclasses.asdict(limits),
        }
        head: dict[str, Any] = {}
        for message in limited.run(READ, asked, name=name, bounds=bounds):
            if message.data:
                head = message.data
                continue
            rows += [Row(number, tuple(cells)) for number, cells in json.loads(message.blobs[0])]
            misfits += [
                Misfit(number, tuple(cells), reason)
                for number, cells, reason in json.loads(message.blobs[1])
            ]
    if not head:
        raise Sentence("The file could not be read. Upload it again.", file=name)
    return Table(
        head["file"],
        Shape(**head["shape"]),
        tuple(Column(**column) for column in head["columns"]),
        tuple(rows),
        tuple(misfits),
        tuple(head["notes"]),
    )


def read(asked: dict[str, Any], send: limited.Send) -> None:
    """Read a table here and send it; runs in the process of its own."""
    content = Path(asked.pop("path")).read_bytes()
    limits = Limits(**asked.pop("limits"))
    table = reading.read_table(content, limits=limits, **asked)
    for some in _portions(table.rows):
        send({}, _as_bytes([[row.number, row.cells] for row in some]), b"[]")
    for few in _portions(table.misfits):
        send({}, b"[]", _as_bytes([[row.number, row.cells, row.reason] for row in few]))
    send(
        {
            "file": table.file,
            "shape": dataclasses.asdict(table.shape),
            "columns": [dataclasses.asdict(column) for column in table.columns],
            "notes": table.notes,
        }
    )


def _portions(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), _ROWS_AT_ONCE):
        yield items[start : start + _ROWS_AT_ONCE]


def _as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
