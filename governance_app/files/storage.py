"""The content-addressed store itself, over fsspec: a local folder or a bucket."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

import fsspec
from django.conf import settings

CHUNK = 1 << 20


def address(sha256: str) -> str:
    """Give the path of a content below the store's root, fanned out by its first byte."""
    return f"{settings.FILES_URL.rstrip('/')}/{sha256[:2]}/{sha256}"


@contextmanager
def hashed(source: BinaryIO) -> Iterator[tuple[IO[bytes], str, int]]:
    """Spool a stream to disk while hashing it: (file at its start, sha256, size in bytes)."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as spool:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
            spool.write(chunk)
        spool.seek(0)
        yield spool, digest.hexdigest(), size


def put(spool: IO[bytes], sha256: str, size: int) -> None:
    """
    Write a content unless it is there; a reader never sees half of it.

    Object stores show an object when its upload ends; on a local disk the bytes are
    written beside and renamed.
    """
    filesystem, path = fsspec.core.url_to_fs(address(sha256))
    if filesystem.exists(path) and filesystem.size(path) == size:
        return
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    local = _is_local(filesystem)
    target = f"{path}.{id(spool):x}.part" if local else path
    with filesystem.open(target, "wb") as out:
        shutil.copyfileobj(spool, out, CHUNK)
    if local:
        filesystem.mv(target, path)


def open_content(sha256: str) -> BinaryIO:
    """Open a content for reading."""
    return cast(BinaryIO, fsspec.open(address(sha256), "rb").open())


def local_path(sha256: str) -> Path:
    """Give a path on this machine with the content: the store's own, or a cached copy."""
    filesystem, path = fsspec.core.url_to_fs(address(sha256))
    if _is_local(filesystem):
        return Path(path)
    cached = Path(tempfile.gettempdir()) / "portfolio-files" / sha256
    if not cached.exists():
        cached.parent.mkdir(parents=True, exist_ok=True)
        part = cached.with_suffix(f".{id(filesystem):x}.part")
        filesystem.get_file(path, str(part))
        part.rename(cached)
    return cached


def _is_local(filesystem: fsspec.AbstractFileSystem) -> bool:
    protocol = filesystem.protocol
    return "file" in (protocol if isinstance(protocol, tuple) else (protocol,))
