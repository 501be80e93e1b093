"""
Drift reports from a folder or bucket: Evidently's JSON, and tables as NannyML writes them.

**Evidently** (``*.json``): every metric of a report becomes a reading of its day, the share of
drifted columns among them. Whether a column drifts is judged as its method says: for a p-value
small means drift, for a distance large does; the finding is a reading of 0 or 1.

**NannyML** (``*.csv``): a result as ``to_df(multilevel=False)`` writes it. Every column that
ends in ``_value`` is a series, ``_alert`` its finding, the end of each chunk its day.

The day of a report is its ``timestamp``, else a date in its name, else when the file changed.
A file is read again when it changes; one that has left stays in the books.
"""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from governance_app.connectors import apart
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PassingError,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    tried,
)
from governance_app.connectors.billing import exact
from governance_app.connectors.folders import Entry, Folder
from governance_app.domain.records import Reading, ReadingRecord

ENDINGS = (".json", ".csv")
REPORT_BYTES = 32 << 20
READ = f"{__name__}:read"
SMALLEST = Decimal("1e-30")
_DAY = re.compile(r"(20\d\d)-?(\d\d)-?(\d\d)")
_ENDS = ("chunk_end_date", "chunk_chunk_end_date", "end_date")


class DriftReports(Plugin):
    """Lists the folder anew and reads what differs from the last time."""

    name = "drift_reports"
    title = "Drift reports"
    summary = "Evidently and NannyML reports of a folder or bucket: drift by column, as readings."
    brings = (Brings.READINGS,)
    settings = (
        Setting(
            "folder", "Folder", SettingKind.FOLDER, is_required=True,
            help="A path on the server, s3://bucket/path, gs://bucket/path, abfs://container/path"
            " or sftp://host/path.",
        ),
        Setting("initiative", "Initiative", help="Such as AI-142; empty: the first folder below."),
        Setting("model", "Model", help="The registered model; the initiatives it serves get it."),
    )  # fmt: skip

    def test(self, errand: Errand) -> list[Check]:
        """Open the folder and read the newest report."""

        def listed() -> str:
            return f"{len(_reports(errand)[1])} report(s)."

        def newest() -> str:
            folder, found = _reports(errand)
            if not found:
                raise PermanentError(f"There is no report in {folder.address} yet.")
            entry = max(found, key=lambda each: each.modified_at)
            return f"{entry.name} holds {len(_records(errand, folder, entry))} value(s)."

        checks = [tried("Folder can be read", listed, needs="listing and reading of the folder")]
        if checks[-1].is_ok:
            checks.append(tried("A report can be read", newest))
        return checks

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one batch a report, oldest first."""
        folder, found = _reports(errand)
        if errand.watermark and not found:
            raise PassingError(f"There is nothing in {folder.address}. Is it mounted?")
        for entry in sorted(found, key=lambda each: (each.modified_at, each.name)):
            if errand.watermark.get(entry.name) == entry.identity:
                continue
            marks = {entry.name: entry.identity}
            try:
                yield Batch(entry.name, records=_records(errand, folder, entry), marks=marks)
            except PermanentError as error:
                yield Batch("Reports", refused=(Refusal(entry.name, str(error)),))
        gone = sorted(set(errand.watermark) - {entry.name for entry in found})
        yield Batch(
            "Reports",
            remarks=tuple(f"{name} has left the folder; what it brought stays." for name in gone),
            marks=dict.fromkeys(gone),
        )


def _reports(errand: Errand) -> tuple[Folder, list[Entry]]:
    folder = Folder.opened(errand)
    return folder, folder.list(lambda name: name.lower().endswith(ENDINGS))


def _records(errand: Errand, folder: Folder, entry: Entry) -> tuple[ReadingRecord, ...]:
    """
    Read one report, in a process of its own.

    Raises:
        PermanentError: it is of another form, too large, or takes more than it may.
        PassingError: it changed while it was read.
    """
    if entry.size_bytes > REPORT_BYTES:
        raise PermanentError(f"It has more than {REPORT_BYTES >> 20} MB.")
    with folder.read(entry) as stream:
        content = stream.read()
    folder.still(entry)
    changed_on = entry.modified_at.date()
    found = apart.told(
        READ, content, name=entry.name, called=entry.name, changed_on=changed_on.isoformat()
    )
    if not found:
        raise PermanentError("It holds no metric that is known.")
    return tuple(
        _record(errand, entry, series, name, dt.date.fromisoformat(day), Decimal(value))
        for series, name, day, value in found
    )


@apart.reader("report")
def read(content: bytes, *, called: str, changed_on: str) -> list[tuple[str, str, str, str]]:
    """
    Give series, words, day and value of all that a report holds; runs in a process of its own.

    Args:
        called: its name, whose ending says what it is and which may hold its day.
        changed_on: its day when nothing else says it.
    """
    text = content.decode("utf-8-sig")
    if called.lower().endswith(".csv"):
        found = _of_nannyml(csv.DictReader(io.StringIO(text, newline="")))
    else:
        report = json.loads(text, parse_float=Decimal)
        day = _day(str(report.get("timestamp") or ""), called, changed_on)
        found = _of_evidently(report, day)
    return [(series, name, on.isoformat(), str(value)) for series, name, on, value in found]


def _of_evidently(
    report: Mapping[str, Any], day: dt.date
) -> Iterator[tuple[str, str, dt.date, Decimal]]:
    """Give series, words, day and value of every metric of a report (Evidently 0.7)."""
    for metric in report["metrics"]:
        config, value = metric.get("config") or {}, metric["value"]
        kind = str(config.get("type") or metric["metric_name"]).rsplit(":", 1)[-1].split("(")[0]
        column = str(config.get("column") or "")
        name = f"{kind} of {column}" if column else kind
        if isinstance(value, Mapping):
            for part, number in value.items():
                if isinstance(number, int | Decimal) and not isinstance(number, bool):
                    yield f"drift/{name}/{part}", f"{name}, {part}", day, _number(number)
        elif isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield f"drift/{name}", name, day, _number(value)
            finding = _has_drifted(kind, config, Decimal(value))
            if finding is not None:
                yield f"drift/{name}/found", f"{name}: drift found", day, Decimal(finding)


def _has_drifted(kind: str, config: Mapping[str, Any], value: Decimal) -> bool | None:
    """Judge a column as its method says; None where the report gives no threshold."""
    threshold = config.get("threshold")
    if kind != "ValueDrift" or threshold is None:
        return None
    is_p_value = "p_value" in str(config.get("method") or "").replace("-", "_").replace(" ", "_")
    limit = Decimal(threshold)
    return value < limit if is_p_value else value >= limit


def _of_nannyml(rows: Any) -> Iterator[tuple[str, str, dt.date, Decimal]]:
    """Give series, words, day and value of every chunk and metric."""
    columns = [str(name) for name in rows.fieldnames or ()]
    end = next((name for name in columns if name.lower().endswith(_ENDS)), None)
    values = [name for name in columns if name.endswith("_value")]
    if end is None or not values:
        raise ValueError("it has no end of chunks or no column that ends in _value")
    for row in rows:
        day = dt.date.fromisoformat(row[end][:10])
        for column in values:
            name = column.removesuffix("_value")
            if row[column] not in ("", "nan", "NaN", None):
                yield f"drift/{name}", name.replace("_", " "), day, _number(row[column])
            alert = row.get(f"{name}_alert")
            if alert not in ("", None):
                found = Decimal(str(alert).strip().lower() in ("true", "1"))
                yield f"drift/{name}/found", f"{name.replace('_', ' ')}: alert", day, found


def _number(value: Any) -> Decimal:
    """Read a number exactly; a p-value too small to be kept is 0."""
    number = Decimal(str(value))
    return Decimal(0) if number.is_finite() and abs(number) < SMALLEST else exact(value)


def _day(text: str, called: str, changed_on: str) -> dt.date:
    for said in (text, PurePosixPath(called).name):
        match = _DAY.search(said)
        if match:
            return dt.date(*map(int, match.groups()))
    return dt.date.fromisoformat(changed_on)


def _record(
    errand: Errand, entry: Entry, series: str, name: str, day: dt.date, value: Decimal
) -> ReadingRecord:
    settings = errand.settings
    key, model = str(settings["initiative"]).strip().upper(), str(settings["model"]).strip()
    parents = PurePosixPath(entry.name).parts[:-1]
    below = parents[0] if parents and not (key or model) else ""
    prefix = f"{model}/" if model else ""
    return ReadingRecord(
        initiative_key=key,
        series_key=f"{prefix}{series}"[:300],
        name=name[:300],
        model_name=model,
        labels={"name": below} if below else {},
        reading=Reading(day, value, entry.name[:500]),
    )
