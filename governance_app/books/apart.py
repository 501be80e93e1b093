"""A file of exchange rates read in a process of its own, for nobody vouches for it."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from governance_app.books import rate_files
from governance_app.books.rate_files import BadRateFile, Quoted
from governance_app.domain.errors import Sentence
from governance_app.files import limited

READ = "governance_app.books.apart:read"
BOUNDS = limited.Bounds(
    memory_bytes=limited.GIBI, cpu_seconds=300, wall_seconds=300.0, silent_seconds=300.0
)


def read_rates(path: Path, *, name: str) -> list[Quoted]:
    """
    Do what ``rate_files.read_rates`` does, in a process that may use only so much.

    Raises:
        BadRateFile: as there; or the file takes more than it may, or broke its reader.
    """
    days: list[Quoted] = []
    try:
        for message in limited.run(READ, {"path": str(path), "name": name}, name=name,
                                   bounds=BOUNDS):  # fmt: skip
            days += [
                Quoted(dt.date.fromisoformat(day), {code: Decimal(v) for code, v in rates.items()})
                for day, rates in json.loads(message.blobs[0])
            ]
    except Sentence as refused:
        raise BadRateFile(
            str(refused), file=refused.file, row=refused.row, column=refused.column,
            value=refused.value,
        ) from refused  # fmt: skip
    return days


def read(asked: dict[str, Any], send: limited.Send) -> None:
    """Read a file of rates here and send its days; runs in the process of its own."""
    days = rate_files.read_rates(Path(asked["path"]).read_bytes(), name=asked["name"])
    told = [[one.day.isoformat(), {c: str(v) for c, v in one.rates.items()}] for one in days]
    send({}, json.dumps(told).encode())
