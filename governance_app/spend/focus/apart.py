"""A bill read in a process of its own: what ``Bill.partials`` does, with bounds around it."""

import dataclasses
import io
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from governance_app.files import limited
from governance_app.spend.focus.judge import Judge, Reading
from governance_app.spend.focus.keymonths import Partial
from governance_app.spend.focus.readers import Limits, Reader
from governance_app.spend.focus.report import Problem, Report

READ = "governance_app.spend.focus.apart:read"


def partials(
    readers: list[Reader],
    *,
    reading: Reading,
    limits: Limits,
    report: Report,
    judges: list[Judge],
    progress: Callable[[int], None] | None,
) -> Iterator[Partial]:
    """
    Yield the parts of a bill as another process finds them; then ``report`` and ``judges`` know
    what they would know had they read the lines themselves.

    Raises:
        Sentence: a file is damaged, or takes more than it may.
    """
    asked = {
        "parts": [[str(reader.path), reader.name] for reader in readers],
        "reading": {**dataclasses.asdict(reading), "on": reading.on.isoformat()},
        "limits": dataclasses.asdict(limits),
    }
    bounds = limited.Bounds(memory_bytes=limits.memory_bytes)
    for message in limited.run(READ, asked, name=report.file, bounds=bounds):
        told = message.data
        if "rows" in told:
            report.rows = told["rows"]
            if progress is not None:
                progress(report.rows)
        elif "report" in told:
            _take(told["report"], into=report)
            for judge, refusals in zip(judges, told["refusals"], strict=True):
                judge.refusals = {int(row): reason for row, reason in refusals}
        else:
            keys, months = (pl.read_ipc_stream(io.BytesIO(blob)) for blob in message.blobs)
            yield Partial(keys, months, is_whole=told["is_whole"])


def read(asked: dict[str, Any], send: limited.Send) -> None:
    """Read a bill here and send what is found; runs in the process of its own."""
    from governance_app.spend.focus.bill import Part, open_bill

    bill = open_bill(
        [Part(Path(path), name) for path, name in asked["parts"]],
        reading=Reading(**{**asked["reading"], "on": date.fromisoformat(asked["reading"]["on"])}),
        limits=Limits(**asked["limits"]),
    )
    for partial in bill.partials_here(lambda rows: send({"rows": rows})):
        send({"is_whole": partial.is_whole}, _as_bytes(partial.keys), _as_bytes(partial.months))
    report = dataclasses.asdict(dataclasses.replace(bill.report, counts=Counter()))
    report["counts"] = [[*what, count] for what, count in bill.report.counts.items()]
    refusals = [list(judge.refusals.items()) for judge in bill.judges]
    send({"report": report, "refusals": refusals})


def _take(told: dict[str, Any], *, into: Report) -> None:
    counts = Counter(
        {
            (column, reason, is_refused): count
            for column, reason, is_refused, count in told["counts"]
        }
    )
    problems = [Problem(**problem) for problem in told["problems"]]
    whole = {**told, "counts": counts, "problems": problems}
    for field in dataclasses.fields(into):
        setattr(into, field.name, whole[field.name])


def _as_bytes(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_ipc_stream(out, compat_level=pl.CompatLevel.newest())
    return out.getvalue()
