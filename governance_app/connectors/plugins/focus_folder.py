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
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import fsspec

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
    Reach,
    Refusal,
    Setting,
    SettingKind,
    SourceError,
)

ENDINGS = (".csv", ".csv.gz", ".parquet")
MANIFEST = "manifest.json"
MANIFEST_BYTES = 1 << 20
#: Protocol of an address -> the extra that brings its package.
PROTOCOLS = {"file": "", "memory": "", "s3": "s3", "gs": "gcs", "abfs": "azure", "sftp": "sftp"}


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
            folder = _Folder.opened(errand)
            found = folder.list()
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
        folder = _Folder.opened(errand)
        found = folder.list()
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


@dataclass(frozen=True)
class _Entry:
    """A file of the folder: its path in it, and what changes when its bytes do."""

    name: str
    size_bytes: int
    modified_at: dt.datetime
    identity: str


@dataclass(frozen=True)
class _Folder:
    """The folder through fsspec, after checking that it may be read."""

    filesystem: Any
    root: str
    address: str

    @classmethod
    def opened(cls, errand: Errand) -> "_Folder":
        """
        Open the folder of the settings.

        Raises:
            PermanentError: it is not one that may be read, or its package is not installed.
        """
        address = str(errand.settings["folder"])
        protocol = address.split("://", 1)[0] if "://" in address else "file"
        if protocol not in PROTOCOLS:
            known = ", ".join(f"{each}://" for each in PROTOCOLS if each != "memory")
            raise PermanentError(f"{address} cannot be read as a folder; known are {known}.")
        if protocol == "sftp":
            _check_host(address, errand.reach)
        if protocol == "file":
            address = _allowed(address.removeprefix("file://"), errand.reach)
        try:
            filesystem, root = fsspec.core.url_to_fs(address, use_listings_cache=False)
        except ImportError as error:
            extra = PROTOCOLS[protocol]
            raise PermanentError(
                f"{address} needs a package: pip install 'ai-portfolio[{extra}]', then restart."
            ) from error
        return cls(filesystem, root.rstrip("/"), address)

    def list(self) -> list[_Entry]:
        """
        Give the bills and manifests below the folder, by path.

        Raises:
            PermanentError: there is no such folder, or it may not be listed.
        """
        try:
            found = self.filesystem.find(self.root, detail=True)
            if not found and not self.filesystem.isdir(self.root):
                raise PermanentError(f"There is no folder {self.address}.")
        except PermissionError as error:
            raise PermanentError(f"{self.address} may not be listed.") from error
        except OSError as error:
            raise PassingError(f"{self.address} cannot be listed: {error}.") from error
        entries = [self._entry(path, info) for path, info in sorted(found.items())]
        return [each for each in entries if _is_manifest(each.name) or _is_bill(each.name)]

    def entry(self, name: str) -> _Entry:
        """
        Look at one file again.

        Raises:
            PassingError: it is not there.
        """
        path = f"{self.root}/{name}"
        try:
            self.filesystem.invalidate_cache()
            return self._entry(path, self.filesystem.info(path))
        except FileNotFoundError as error:
            raise PassingError(f"{name} is not in {self.address}.") from error

    def read(self, entry: _Entry) -> BinaryIO:
        """
        Open a file that must still be what was listed; its end checks that once more.

        Raises:
            PassingError: it changed since, or changes while it is read.
        """
        path = f"{self.root}/{entry.name}"
        if "file" in self.filesystem.protocol and not Path(path).resolve().is_relative_to(
            self.root
        ):
            raise PermanentError(f"{entry.name} is a link to a place outside the folder.")
        self.still(entry)
        raw = cast(BinaryIO, self.filesystem.open(path, "rb"))
        return _Checked(raw, lambda: self.still(entry))  # type: ignore[return-value]

    def still(self, entry: _Entry) -> None:
        """
        Look whether a file is what was listed.

        Raises:
            PassingError: it is another one now, or gone.
        """
        if self.entry(entry.name).identity != entry.identity:
            raise PassingError(f"{entry.name} changed while it was read; it will be read again.")

    def _entry(self, path: str, info: Mapping[str, Any]) -> _Entry:
        modified = info.get("LastModified") or info.get("updated") or info.get("mtime")
        modified = modified or info.get("created") or 0
        if isinstance(modified, str):
            modified = dt.datetime.fromisoformat(modified)
        if not isinstance(modified, dt.datetime):
            modified = dt.datetime.fromtimestamp(float(modified), dt.UTC)
        if modified.tzinfo is None:
            modified = modified.replace(tzinfo=dt.UTC)
        size = int(info.get("size") or 0)
        tag = info.get("ETag") or info.get("etag") or info.get("md5Hash") or info.get("ino", "")
        identity = f"{size}:{modified.isoformat()}:{tag}"
        name = path[len(self.root) :].lstrip("/")
        return _Entry(name, size, modified.astimezone(dt.UTC), identity)


class _Checked:
    """A stream that runs a check once it has been read to its end."""

    def __init__(self, stream: BinaryIO, check: Any) -> None:
        self._stream, self._check = stream, check

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if size != 0 and (size < 0 or not data):
            self._check()
        return data

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> "_Checked":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _deliveries(
    folder: _Folder, found: Sequence[_Entry]
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


def _from_manifest(folder: _Folder, manifest: _Entry, files: Mapping[str, _Entry]) -> Delivery:
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
    try:
        told = json.loads(content, parse_float=Decimal)
        period = dt.date.fromisoformat(f"{told['billing_period']}-01")
        made_at = _moment(str(told["version"]))
        billed = {str(currency): Decimal(str(amount)) for currency, amount in
                  told.get("billed", {}).items()}  # fmt: skip
        rows = int(told["rows"]) if "rows" in told else None
        scope, names = str(told["scope"]), [str(name) for name in told["files"]]
    except KeyError as error:
        raise PermanentError(f"{manifest.name} does not say {error}.") from error
    except (ValueError, TypeError, AttributeError, InvalidOperation) as error:
        raise PermanentError(f"{manifest.name} cannot be read as a manifest: {error}.") from error
    beside = PurePosixPath(manifest.name).parent
    entries: list[_Entry] = []
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise PermanentError(f"{manifest.name} lists {name}, which is outside its folder.")
        path = str(beside / name)
        if path not in files:
            raise PassingError(f"{manifest.name} lists {name}, which is not there.")
        entries.append(files[path])
    identities = "\n".join([manifest.identity, *(entry.identity for entry in entries)])
    return Delivery(
        scope=scope,
        version=hashlib.sha256(identities.encode()).hexdigest(),
        made_at=made_at,
        period=period,
        parts=tuple(_part(folder, entry) for entry in entries),
        declared_rows=rows,
        declared_billed=billed,
        still=lambda: folder.still(manifest),
    )


def _part(folder: _Folder, entry: _Entry) -> FilePart:
    return FilePart(
        name=entry.name,
        identity=entry.identity,
        open=lambda: folder.read(entry),
        size_bytes=entry.size_bytes,
    )


def _allowed(path: str, reach: Reach) -> str:
    """
    Give the real path of a local folder that an administrator lets connections read.

    Raises:
        PermanentError: it lies in none of the allowed folders.
    """
    real = Path(path).resolve()
    if any(real.is_relative_to(Path(allowed).resolve()) for allowed in reach.folders):
        return str(real)
    allowed = ", ".join(reach.folders) or "none"
    raise PermanentError(
        f"{path} is not a folder that connections may read (allowed: {allowed})."
        " An administrator can add it to FOLDERS_ALLOWED."
    )


def _check_host(address: str, reach: Reach) -> None:
    """
    Let a folder on another server be read only where an administrator allowed that server.

    Raises:
        PermanentError: it was not allowed; its package opens connections of its own.
    """
    place = urlsplit(address)
    entry = f"{place.hostname}:{place.port or 22}"
    if entry not in reach.hosts:
        raise PermanentError(
            f"{place.hostname} may not be reached. An administrator can allow it by adding"
            f" {entry} to OUTBOUND_ALLOWED."
        )


def _moment(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _is_manifest(name: str) -> bool:
    last = PurePosixPath(name).name
    return last == MANIFEST or last.endswith(f".{MANIFEST}")


def _is_bill(name: str) -> bool:
    last = PurePosixPath(name).name
    return last.lower().endswith(ENDINGS) and not last.startswith((".", "_"))


def _nothing_in(address: str) -> str:
    return f"There is no bill in {address} (looked for {', '.join(ENDINGS)})."
