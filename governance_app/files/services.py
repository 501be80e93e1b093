"""Keeping bytes."""

import io
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from governance_app.audit.acting import recorded
from governance_app.files import storage
from governance_app.files.models import StoredFile
from governance_app.people.models import User


@recorded
def store(
    *, content: BinaryIO | bytes | Path, name: str, by: User, media_type: str = ""
) -> StoredFile:
    """
    Keep a content in the store; the same bytes again give the same row.

    The bytes are written before the row: a crash in between leaves bytes nobody points
    at, never a row without its bytes. Whoever offers the door checks the permission.

    Args:
        content: an open binary stream, bytes, or the path of a local file.
        name: as the sender called it; folders in it are dropped.
    """
    if isinstance(content, Path):
        with content.open("rb") as local:
            return _keep(local, name, media_type, by)
    stream = io.BytesIO(content) if isinstance(content, bytes) else content
    return _keep(stream, name, media_type, by)


def _keep(stream: BinaryIO, name: str, media_type: str, by: User) -> StoredFile:
    with storage.hashed(stream) as (spool, sha256, size):
        storage.put(spool, sha256, size)
    plain_name = PurePosixPath(name.replace("\\", "/")).name[:255] or sha256[:12]
    kept, _ = StoredFile.objects.get_or_create(
        sha256=sha256,
        defaults={"size": size, "name": plain_name, "media_type": media_type, "received_by": by},
    )
    return kept
