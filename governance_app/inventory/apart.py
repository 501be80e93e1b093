"""A bill of materials read in a process of its own, for nobody vouches for it."""

import dataclasses
import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

from governance_app.domain import cyclonedx
from governance_app.domain.cyclonedx import BadBill, Bill
from governance_app.domain.errors import Sentence
from governance_app.files import limited

READ = "governance_app.inventory.apart:read"
BOUNDS = limited.Bounds(
    memory_bytes=limited.GIBI, cpu_seconds=60, wall_seconds=60.0, silent_seconds=60.0
)
MOST_BYTES = 16 * 1024**2


def read_bill(content: bytes, *, name: str) -> Bill:
    """
    Read a CycloneDX file in JSON, in a process that may use only so much.

    Raises:
        BadBill: it is larger than 16 MB, no JSON, no bill of materials that is read, takes more
            than it may, or broke its reader.
    """
    if len(content) > MOST_BYTES:
        raise BadBill(f"{name} is larger than {MOST_BYTES >> 20} MB.", file=name)
    try:
        with tempfile.NamedTemporaryFile(prefix="bill-") as kept:
            kept.write(content)
            kept.flush()
            (message,) = limited.run(READ, {"path": kept.name}, name=name, bounds=BOUNDS)
    except Sentence as refused:
        raise BadBill(f"{name}: {refused}", file=name) from refused
    told = json.loads(message.blobs[0])
    told["made_at"] = dt.datetime.fromisoformat(told["made_at"]) if told["made_at"] else None
    found = tuple(cyclonedx.kept(each) for each in told.pop("vulnerabilities"))
    return Bill(**told, vulnerabilities=found)


def read(asked: dict[str, Any], send: limited.Send) -> None:
    """Read a bill of materials here and send it; runs in the process of its own."""
    try:
        data = json.loads(Path(asked["path"]).read_bytes(), parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise BadBill("It is no JSON that can be read.") from error
    bill = cyclonedx.read(data)
    told = {
        field.name: getattr(bill, field.name)
        for field in dataclasses.fields(bill)
        if field.name not in ("made_at", "vulnerabilities")
    }
    told["made_at"] = bill.made_at.isoformat() if bill.made_at else None
    told["vulnerabilities"] = [each.as_json() for each in bill.vulnerabilities]
    send({}, json.dumps(told).encode())


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number in JSON")
