"""A folder or bucket that files are read from, over fsspec: listed, opened, watched for change."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

import fsspec

from governance_app.connectors.base import Errand, PassingError, PermanentError, Reach
from governance_app.files import over_ssh

#: Protocol of an address -> the extra that brings its package.
PROTOCOLS = {"file": "", "memory": "", "s3": "s3", "gs": "gcs", "abfs": "azure", "sftp": "sftp"}


@dataclass(frozen=True)
class Entry:
    """A file of the folder: its path in it, and what changes when its bytes do."""

    name: str
    size_bytes: int
    modified_at: dt.datetime
    identity: str


@dataclass(frozen=True)
class Folder:
    """
    The folder through fsspec, after checking that it may be read.

    ``breaks``: what the filesystem raises when its other end is gone.
    """

    filesystem: Any
    root: str
    address: str
    breaks: tuple[type[Exception], ...] = (OSError,)

    @classmethod
    def opened(cls, errand: Errand) -> "Folder":
        """
        Open the folder of the settings.

        Raises:
            PermanentError: it is not one that may be read, or its package is not installed.
            PassingError: its server cannot be reached.
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
        breaks: tuple[type[Exception], ...] = (OSError,)
        try:
            if protocol == "sftp":
                filesystem, root, breaks = over_ssh.opened(address)
            else:
                filesystem, root = fsspec.core.url_to_fs(address, use_listings_cache=False)
        except ImportError as error:
            extra = PROTOCOLS[protocol]
            raise PermanentError(
                f"{address} needs a package: pip install 'ai-portfolio[{extra}]', then restart."
            ) from error
        except over_ssh.Untrusted as error:
            raise PermanentError(str(error)) from error
        except over_ssh.Unreachable as error:
            raise PassingError(str(error)) from error
        return cls(filesystem, root.rstrip("/"), address, breaks)

    def list(self, wanted: Callable[[str], bool]) -> list[Entry]:
        """
        Give the files below the folder whose names are wanted, by path.

        Raises:
            PermanentError: there is no such folder, or it may not be listed.
        """
        try:
            found = self.filesystem.find(self.root, detail=True)
            if not found and not self.filesystem.isdir(self.root):
                raise PermanentError(f"There is no folder {self.address}.")
        except PermissionError as error:
            raise PermanentError(f"{self.address} may not be listed.") from error
        except self.breaks as error:
            raise PassingError(f"{self.address} cannot be listed: {error}.") from error
        entries = [self._entry(path, info) for path, info in sorted(found.items())]
        return [each for each in entries if wanted(each.name)]

    def entry(self, name: str) -> Entry:
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
        except self.breaks as error:
            raise PassingError(f"{name} cannot be looked at: {error}.") from error

    def read(self, entry: Entry) -> BinaryIO:
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

    def still(self, entry: Entry) -> None:
        """
        Look whether a file is what was listed.

        Raises:
            PassingError: it is another one now, or gone.
        """
        if self.entry(entry.name).identity != entry.identity:
            raise PassingError(f"{entry.name} changed while it was read; it will be read again.")

    def _entry(self, path: str, info: Mapping[str, Any]) -> Entry:
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
        return Entry(name, size, modified.astimezone(dt.UTC), identity)


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
