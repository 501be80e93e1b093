"""
A folder (or bucket) of FOCUS bills: CSV, gzipped CSV or Parquet, over fsspec.

**With a manifest.** A file named ``manifest.json``, or ending in ``.manifest.json``, describes
one complete snapshot: it replaces every earlier one of the same scope and billing period,
also when it lists fewer files. Files beside it that it does not list are not read::

    {"scope": "aws-payer-1", "billing_period": "2026-10", "version": "2026-11-03T04:00:00Z",
     "files": ["part-1.csv.gz", "part-2.csv.gz"], "rows": 2000, "billed": {"USD": "812.50"}}

``version`` is a moment and orders the snapshots; ``rows`` and ``billed`` are control totals
and may be absent. Names are relative to the manifest and stay below its folder.

**Without one.** Each file is a scope of its own, named by its path in the folder: files with
different names add up, a file that changes restates all that it brought before, and its time
of change orders the versions. A file that leaves the folder is reported as gone and stays in
the books, since folders are tidied; to take it out, put an empty bill (header only) in its place.

A file is compared before and after it was read, and a manifest once more after all its files; a
delivery that changed meanwhile is not taken.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath
from typing import Any

from governance_app.connectors import apart
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Delivery,
    Errand,
    FilePart,
    PassingError,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    SourceError,
)
from governance_app.connectors.folders import Entry, Folder

ENDINGS = (".csv", ".csv.gz", ".parquet")
MANIFEST = "manifest.json"
MANIFEST_BYTES = 1 << 20
READ = f"{__name__}:read"


class FocusFolder(Plugin):
    """Lists the folder anew each time and delivers what differs from the last stored state."""

    name = "focus_folder"
    title = "Folder of FOCUS bills"
    summary = "Cost and usage files in FOCUS 1.0-1.4, from a local folder or a bucket."
    brings = (Brings.SPEND,)
    settings = (
        Setting(
            "folder",
            "Folder",
            SettingKind.FOLDER,
            is_required=True,
            help="A path on the server, s3://bucket/path, gs://bucket/path, abfs://container/path"
            " or sftp://host/path.",
        ),
    )

    def test(self, errand: Errand) -> list[Check]:
        """Open the folder and count the bills in it."""
        try:
            folder = Folder.opened(errand)
            found = folder.list(_is_wanted)
        except SourceError as error:
            return [Check("Folder can be read", False, str(error))]
        manifests = sum(_is_manifest(entry.name) for entry in found)
        bills = len(found) - manifests
        said = f"{bills} file(s) and {manifests} manifest(s) in {folder.address}."
        return [
            Check("Folder can be read", True, f"{folder.address} can be listed."),
            Check("There are bills", bool(found), said if found else _nothing_in(folder.address)),
        ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield one delivery a batch, oldest version first, then what has gone."""
        folder = Folder.opened(errand)
        found = folder.list(_is_wanted)
        if errand.watermark and not found:
            raise PassingError(f"{_nothing_in(folder.address)} Is it mounted?")
        deliveries, refused = _deliveries(folder, found)
        if refused:
            yield Batch(stage="Listing", refused=tuple(refused))
        ordered = sorted(deliveries.items(), key=lambda item: (item[1].made_at, item[0]))
        for path, delivery in ordered:
            if errand.watermark.get(path) != delivery.version:
                yield Batch(path, deliveries=(delivery,), marks={path: delivery.version})
        there = deliveries.keys() | {refusal.what for refusal in refused}
        gone = tuple(sorted(path for path in errand.watermark if path not in there))
        yield Batch(
            stage="Listing",
            gone=gone,
            remarks=tuple(f"{path} has left the folder; what it brought stays." for path in gone),
            marks=dict.fromkeys(gone),
        )


def _deliveries(
    folder: Folder, found: Sequence[Entry]
) -> tuple[dict[str, Delivery], list[Refusal]]:
    """Make deliveries by path: a manifest rules its folder, elsewhere each file is one."""
    by_name = {entry.name: entry for entry in found}
    deliveries: dict[str, Delivery] = {}
    refused: list[Refusal] = []
    manifests = [entry for entry in found if _is_manifest(entry.name)]
    for entry in manifests:
        try:
            deliveries[entry.name] = _from_manifest(folder, entry, by_name)
        except SourceError as error:
            refused.append(Refusal(entry.name, str(error)))
    ruled = {str(PurePosixPath(entry.name).parent) for entry in manifests}
    for entry in found:
        if _is_bill(entry.name) and str(PurePosixPath(entry.name).parent) not in ruled:
            deliveries[entry.name] = Delivery(
                scope=entry.name,
                version=entry.identity,
                made_at=entry.modified_at,
                parts=(_part(folder, entry),),
            )
    return deliveries, refused


def _from_manifest(folder: Folder, manifest: Entry, files: Mapping[str, Entry]) -> Delivery:
    """
    Read what a manifest declares.

    Raises:
        PermanentError: it is no manifest of this form, or names a file that may not be meant.
        PassingError: a file it lists is not there yet.
    """
    if manifest.size_bytes > MANIFEST_BYTES:
        raise PermanentError(f"{manifest.name} has more than 1 MB; that is no manifest.")
    with folder.read(manifest) as stream:
        content = stream.read()
    told = apart.told(READ, content, name=manifest.name, called=manifest.name)
    names = told["files"]
    beside = PurePosixPath(manifest.name).parent
    entries: list[Entry] = []
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise PermanentError(f"{manifest.name} lists {name}, which is outside its folder.")
        path = str(beside / name)
        if path not in files:
            raise PassingError(f"{manifest.name} lists {name}, which is not there.")
        entries.append(files[path])
    identities = "\n".join([manifest.identity, *(entry.identity for entry in entries)])
    return Delivery(
        scope=told["scope"],
        version=hashlib.sha256(identities.encode()).hexdigest(),
        made_at=dt.datetime.fromisoformat(told["made_at"]),
        period=dt.date.fromisoformat(told["period"]),
        parts=tuple(_part(folder, entry) for entry in entries),
        declared_rows=told["rows"],
        declared_billed={each: Decimal(amount) for each, amount in told["billed"].items()},
        still=lambda: folder.still(manifest),
    )


@apart.reader("manifest")
def read(content: bytes, *, called: str) -> dict[str, Any]:
    """
    Give what a manifest declares; runs in a process of its own.

    Raises:
        PermanentError: it lacks something, or says it in another form.
    """
    try:
        told = json.loads(content, parse_float=Decimal)
        return {
            "period": dt.date.fromisoformat(f"{told['billing_period']}-01").isoformat(),
            "made_at": _moment(str(told["version"])).isoformat(),
            "billed": {
                str(currency): str(Decimal(str(amount)))
                for currency, amount in told.get("billed", {}).items()
            },
            "rows": int(told["rows"]) if "rows" in told else None,
            "scope": str(told["scope"]),
            "files": [str(name) for name in told["files"]],
        }
    except KeyError as error:
        raise PermanentError(f"{called} does not say {error}.") from error
    except (ValueError, TypeError, AttributeError, InvalidOperation, RecursionError) as error:
        raise PermanentError(f"{called} cannot be read as a manifest: {error}.") from error


def _part(folder: Folder, entry: Entry) -> FilePart:
    return FilePart(
        name=entry.name,
        identity=entry.identity,
        open=lambda: folder.read(entry),
        size_bytes=entry.size_bytes,
    )


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _is_wanted(name: str) -> bool:
    return _is_manifest(name) or _is_bill(name)


def _is_manifest(name: str) -> bool:
    last = PurePosixPath(name).name
    return last == MANIFEST or last.endswith(f".{MANIFEST}")


def _is_bill(name: str) -> bool:
    last = PurePosixPath(name).name
    return last.lower().endswith(ENDINGS) and not last.startswith((".", "_"))


def _nothing_in(address: str) -> str:
    return f"There is no bill in {address} (looked for {', '.join(ENDINGS)})."
