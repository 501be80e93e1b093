"""
AWS Data Exports of kind FOCUS, from the S3 bucket they are delivered into.

An export writes its files first and its manifest last, once for every billing month::

    <prefix>/<export>/metadata/BILLING_PERIOD=2026-11/[<execution>/]<export>-Manifest.json
    <prefix>/<export>/data/BILLING_PERIOD=2026-11/[<execution>/]<export>-00001.snappy.parquet

Only what the manifest lists is read: an overwriting export leaves chunks of earlier, longer
runs beside the new ones. Of several executions the newest manifest counts. Three guards keep
an overwrite from mixing two runs: a file newer than its manifest belongs to a run that has
not finished, so the month waits; every file must still be the one that was listed when it
is fetched; and the manifest must still be the same after the last of them.
"""

import datetime as dt
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from governance_app.connectors import apart
from governance_app.connectors.aws import ACCESS, Bucket, Stored
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
    SourceError,
    tried,
)
from governance_app.connectors.http import ChangedMeanwhile, NotThere

MANIFEST_ENDING = "manifest.json"
MANIFEST_BYTES = 8 << 20
ENDINGS = (".parquet", ".csv.gz", ".csv")
READ = f"{__name__}:read"
_PERIOD = re.compile(r"/billing_period=(\d{4}-\d{2})(?:/|$)", re.IGNORECASE)


class AwsFocus(Plugin):
    """Reads every manifest each time, and the files of those that differ."""

    name = "aws_focus"
    title = "AWS Data Exports (FOCUS)"
    summary = "The AWS bill in FOCUS 1.0 or 1.2, from the S3 bucket of a Data Export."
    brings = (Brings.SPEND,)
    settings = (
        Setting("bucket", "Bucket", is_required=True),
        Setting("prefix", "Prefix", help="As entered in the export; empty when there is none."),
        Setting("export", "Export name", is_required=True),
        *ACCESS,
    )

    def test(self, errand: Errand) -> list[Check]:
        """List the manifests and read one."""
        where = f"arn:aws:s3:::{errand.settings['bucket']}"
        try:
            with Bucket(errand, str(errand.settings["bucket"])) as bucket:
                listing = tried(
                    "Bucket can be listed",
                    lambda: f"{sum(1 for _ in bucket.list(_root(errand)))} objects of the export.",
                    needs=f"s3:ListBucket on {where}",
                )
                if not listing.is_ok:
                    return [listing]
                manifests = _manifests(bucket, errand)
                if not manifests:
                    sentence = f"There is no manifest below {_root(errand)}metadata/ yet."
                    return [listing, Check("There is a manifest", False, sentence)]
                month, newest = max(manifests.items())
                reading = tried(
                    "Manifest can be read",
                    lambda: f"{len(_files(bucket.read(newest.key)[0]))} file(s) for {month}.",
                    needs=f"s3:GetObject on {where}/{_root(errand)}*",
                )
                return [listing, reading]
        except SourceError as error:
            return [Check("Credentials are accepted", False, str(error))]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the months whose manifest or files differ, oldest first."""
        with Bucket(errand, str(errand.settings["bucket"])) as bucket:
            manifests = _manifests(bucket, errand)
            data = {each.key: each for each in bucket.list(f"{_root(errand)}data/")}
            for month, manifest in sorted(manifests.items()):
                listed = f"{manifest.key} {manifest.etag} {manifest.modified_at.isoformat()}"
                before = errand.watermark.get(month, ["", ""])
                if before[0] == listed:
                    continue
                try:
                    delivery = _delivery(bucket, errand, month, manifest, data)
                except (ChangedMeanwhile, NotThere) as error:
                    yield Batch(stage="Manifests", remarks=(f"{month}: {error}",))
                except _NoManifest as error:
                    yield Batch(stage="Manifests", refused=(Refusal(manifest.key, str(error)),))
                else:
                    is_known = before[1] == delivery.version
                    yield Batch(
                        stage=month,
                        deliveries=() if is_known else (delivery,),
                        marks={month: [listed, delivery.version]},
                    )


class _NoManifest(PermanentError):
    """A file is named like a manifest and is none."""


def _root(errand: Errand) -> str:
    prefix = str(errand.settings["prefix"]).strip("/")
    export = str(errand.settings["export"]).strip("/")
    return f"{prefix}/{export}/" if prefix else f"{export}/"


def _manifests(bucket: Bucket, errand: Errand) -> dict[str, Stored]:
    """Give the newest manifest of each billing month, by month ("2026-11")."""
    newest: dict[str, Stored] = {}
    for each in bucket.list(f"{_root(errand)}metadata/"):
        period = _PERIOD.search(each.key)
        if period is None or not each.key.lower().endswith(f"-{MANIFEST_ENDING}"):
            continue
        before = newest.get(period.group(1))
        if before is None or (before.modified_at, before.key) < (each.modified_at, each.key):
            newest[period.group(1)] = each
    return newest


def _files(content: bytes) -> list[str]:
    """
    Give the keys a manifest lists.

    Raises:
        _NoManifest: it is not of the documented form.
    """
    try:
        names = apart.told(READ, content, name=MANIFEST_ENDING)
    except PermanentError as error:
        raise _NoManifest(str(error)) from error
    keys = [re.sub(r"\As3://[^/]+/", "", name).lstrip("/") for name in names]
    if strange := [key for key in keys if not key.lower().endswith(ENDINGS)]:
        raise _NoManifest(f"It lists {strange[0]}, which is neither Parquet nor CSV.")
    return keys


@apart.reader("manifest of an export")
def read(content: bytes) -> list[str]:
    """Give the files that a manifest lists; runs in a process of its own."""
    told: Mapping[str, Any] = json.loads(content)
    return [str(each) for each in told["dataFiles" if "dataFiles" in told else "reportKeys"]]


def _delivery(
    bucket: Bucket, errand: Errand, month: str, manifest: Stored, data: Mapping[str, Stored]
) -> Delivery:
    """
    Give the snapshot that a manifest describes.

    Raises:
        ChangedMeanwhile: the export is rewriting it now.
        _NoManifest: it is none, or lists files outside the export.
    """
    if manifest.size_bytes > MANIFEST_BYTES:
        raise _NoManifest("It has more than 8 MB; that is no manifest.")
    content, etag = bucket.read(manifest.key)
    if etag != manifest.etag:
        raise ChangedMeanwhile("its manifest was replaced just now; it is read again.")
    files: list[Stored] = []
    for key in _files(content):
        if not key.startswith(_root(errand)):
            raise _NoManifest(f"It lists {key}, which is outside the export.")
        found = data.get(key)
        if found is None:
            raise ChangedMeanwhile(f"{PurePosixPath(key).name} is listed and not there yet.")
        if found.modified_at > manifest.modified_at + dt.timedelta(seconds=1):
            raise ChangedMeanwhile(
                f"{PurePosixPath(key).name} is newer than the manifest, so a refresh is under way."
            )
        files.append(found)
    identity = "\n".join([manifest.key, *(f"{each.key} {each.etag}" for each in files)])
    parts = [
        FilePart(
            name=PurePosixPath(each.key).name,
            identity=each.etag,
            open=_opener(bucket, each, manifest),
            size_bytes=each.size_bytes,
        )
        for each in files
    ]
    return Delivery(
        scope=str(errand.settings["export"]),
        version=hashlib.sha256(identity.encode()).hexdigest(),
        made_at=manifest.modified_at,
        period=dt.date.fromisoformat(f"{month}-01"),
        parts=tuple(parts),
    )


def _opener(bucket: Bucket, file: Stored, manifest: Stored) -> Any:
    def opened() -> BinaryIO:
        stream = bucket.download(file) if file.size_bytes else io.BytesIO()
        if bucket.etag(manifest.key) != manifest.etag:
            stream.close()
            raise ChangedMeanwhile("The export was rewritten while it was read; it is read again.")
        return stream

    return opened
