"""
Azure Cost Management exports of kind FOCUS, from the blob container they are written into.

Every run of an export writes its files and, last, a ``manifest.json`` into a folder of its
own; with *overwrite* the earlier runs of that month are removed. The manifest names the blobs
and counts their rows, which the ledger compares with what it reads. Of several runs for one
month and export the newest counts. Paths are taken from the manifest, never put together.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from governance_app.connectors import apart
from governance_app.connectors.azure import APP, Blob, Container
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Delivery,
    Errand,
    FilePart,
    PermanentError,
    Plugin,
    Refusal,
    Setting,
    SettingKind,
    SourceError,
    tried,
)
from governance_app.connectors.http import ChangedMeanwhile, NotThere

MANIFEST = "manifest.json"
MANIFEST_BYTES = 8 << 20
ENDINGS = (".parquet", ".csv.gz", ".csv")
READ = f"{__name__}:read"


class AzureFocus(Plugin):
    """Reads manifests it has not met, and the files of the newest of each month."""

    name = "azure_focus"
    title = "Azure Cost Management (FOCUS)"
    summary = "The Azure bill in FOCUS, from the storage account of a Cost Management export."
    brings = (Brings.SPEND,)
    settings = (
        Setting(
            "container",
            "Container address",
            SettingKind.ADDRESS,
            is_required=True,
            help="https://ACCOUNT.blob.core.windows.net/CONTAINER",
        ),
        Setting("path", "Directory", help="As entered in the export; empty: the whole container."),
        Setting(
            "sas_token",
            "Shared access signature",
            is_secret=True,
            help="With read and list; or sign in as an app registration below.",
        ),
        *APP,
    )

    def test(self, errand: Errand) -> list[Check]:
        """List the container and read one manifest."""
        try:
            with _container(errand) as container:
                manifests: list[Blob] = []

                def listed() -> str:
                    blobs = list(container.list(_prefix(errand)))
                    manifests.extend(each for each in blobs if _is_manifest(each))
                    return f"{len(blobs)} blobs, {len(manifests)} manifest(s)."

                needs = "Storage Blob Data Reader on the container, or a signature with r and l"
                checks = [tried("Container can be listed", listed, needs=needs)]
                if checks[0].is_ok and not manifests:
                    sentence = "No export has written a manifest here yet."
                    return [*checks, Check("There is a manifest", False, sentence)]
                if checks[0].is_ok:

                    def read() -> str:
                        run = _run(manifests[-1], container.read(manifests[-1]))
                        return f"{run.export}, {run.month:%B %Y}: {len(run.names)} file(s)."

                    checks.append(tried("Manifest can be read", read, needs=needs))
                return checks
        except SourceError as error:
            return [Check("Credentials are accepted", False, str(error))]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the newest run of each month and export that was not delivered yet."""
        with _container(errand) as container:
            blobs = {each.name: each for each in container.list(_prefix(errand))}
            newest: dict[str, _Run] = {}
            for blob in blobs.values():
                if not _is_manifest(blob):
                    continue
                try:
                    run = _run(blob, container.read(blob))
                except (ChangedMeanwhile, NotThere) as error:
                    yield Batch(stage="Manifests", remarks=(f"{blob.name}: {error}",))
                    continue
                except _NoManifest as error:
                    yield Batch(stage="Manifests", refused=(Refusal(blob.name, str(error)),))
                    continue
                before = newest.get(run.mark)
                if before is None or before.order < run.order:
                    newest[run.mark] = run
            for mark, run in sorted(newest.items(), key=lambda item: item[1].order):
                lacking = [name for name in run.names if name not in blobs]
                if lacking:
                    sentence = f"{run.manifest.name} lists {lacking[0]}, which is not there yet."
                    yield Batch(stage="Manifests", remarks=(sentence,))
                    continue
                delivery = _delivery(container, run, blobs)
                if errand.watermark.get(mark) != delivery.version:
                    yield Batch(
                        stage=f"{run.month:%B %Y}",
                        deliveries=(delivery,),
                        marks={mark: delivery.version},
                    )


class _NoManifest(PermanentError):
    """A file is named like a manifest and is none."""


@dataclass(frozen=True)
class _Run:
    """One run of an export, as its manifest tells."""

    manifest: Blob
    export: str
    month: dt.date
    names: tuple[str, ...]
    rows: int | None

    @property
    def mark(self) -> str:
        return f"{self.export}/{self.month:%Y-%m}"

    @property
    def order(self) -> tuple[dt.datetime, str]:
        return self.manifest.modified_at, self.manifest.name


def _container(errand: Errand) -> Container:
    settings = errand.settings
    return Container(errand, str(settings["container"]), signature=str(settings["sas_token"]))


def _prefix(errand: Errand) -> str:
    path = str(errand.settings["path"]).strip("/")
    return f"{path}/" if path else ""


def _is_manifest(blob: Blob) -> bool:
    return PurePosixPath(blob.name).name.lower() == MANIFEST


def _run(blob: Blob, content: bytes) -> _Run:
    """
    Read a manifest.

    Raises:
        _NoManifest: it is not of the documented form.
    """
    if len(content) > MANIFEST_BYTES:
        raise _NoManifest("It has more than 8 MB; that is no manifest.")
    try:
        told = apart.told(READ, content, name=blob.name)
    except PermanentError as error:
        raise _NoManifest(str(error)) from error
    names = tuple(told["names"])
    if strange := [name for name in names if not name.lower().endswith(ENDINGS)]:
        raise _NoManifest(f"It lists {strange[0]}, which is neither Parquet nor CSV.")
    month = dt.date.fromisoformat(told["month"])
    return _Run(blob, told["export"], month, names, told["rows"])


@apart.reader("manifest of an export")
def read(content: bytes) -> dict[str, Any]:
    """Give what a manifest says of its run; runs in a process of its own."""
    told: Mapping[str, Any] = json.loads(content)
    config, run, rows = told["exportConfig"], told["runInfo"], told.get("dataRowCount")
    return {
        "names": [str(each["blobName"]) for each in told["blobs"]],
        "month": dt.date.fromisoformat(str(run["startDate"])[:10]).replace(day=1).isoformat(),
        "export": str(config.get("resourceId") or config["exportName"]).lower(),
        "rows": int(rows) if rows is not None else None,
    }


def _delivery(container: Container, run: _Run, blobs: Mapping[str, Blob]) -> Delivery:
    files = [blobs[name] for name in run.names]
    identity = "\n".join([run.manifest.etag, *(f"{each.name} {each.etag}" for each in files)])
    return Delivery(
        scope=run.export,
        version=hashlib.sha256(identity.encode()).hexdigest(),
        made_at=run.manifest.modified_at,
        period=run.month,
        parts=tuple(
            FilePart(
                name=PurePosixPath(each.name).name,
                identity=each.etag,
                open=_opener(container, each, run.manifest),
                size_bytes=each.size_bytes,
            )
            for each in files
        ),
        declared_rows=run.rows,
    )


def _opener(container: Container, file: Blob, manifest: Blob) -> Callable[[], BinaryIO]:
    def opened() -> BinaryIO:
        stream = container.download(file)
        if container.etag(manifest.name) != manifest.etag:
            stream.close()
            raise ChangedMeanwhile("The export was rewritten while it was read; it is read again.")
        return stream

    return opened
