"""The archive: a tar whose first member is the manifest, with the SHA-256 of every other."""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self, cast

from governance_app.domain.errors import Sentence

FORMAT = "portfolio-backup-1"
MANIFEST, DUMP, ANCHORS = "manifest.json", "database.dump", "anchors/seals.jsonl"
_CHUNK = 1 << 20


@dataclass
class Manifest:
    """
    What an archive holds. ``members``: name -> [sha256, bytes]; stored files are ``files/SHA256``.

    ``secrets``: the names of the keys that connections' secrets are sealed with; the keys
    themselves are never in an archive.
    """

    made_at: str
    postgres: int
    owner_role: str
    app_role: str
    migrations: list[list[str]]
    counts: dict[str, int]
    totals: dict[str, str]
    secrets: list[str] = field(default_factory=list)
    members: dict[str, list[Any]] = field(default_factory=dict)
    format: str = FORMAT

    def as_bytes(self) -> bytes:
        """Give the manifest as it is kept."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def read(cls, content: bytes, *, name: str) -> Self:
        """
        Read a manifest.

        Raises:
            Sentence: it is none, or of another format.
        """
        try:
            told = json.loads(content)
            if told["format"] == FORMAT:
                return cls(**told)
        except (ValueError, KeyError, TypeError):
            told = {}
        raise Sentence(
            f"{name} is of the format {told.get('format', 'unknown')}, not {FORMAT}: it was made by"
            " another version of this product, or is no backup.",
            file=name,
        )


def digest_of(path: Path) -> list[Any]:
    """Give the SHA-256 and size of a local file."""
    with path.open("rb") as stream:
        return [hashlib.file_digest(stream, "sha256").hexdigest(), path.stat().st_size]


class Writer:
    """Writes an archive beside its final place, which it takes only when it is whole."""

    def __init__(self, path: Path) -> None:
        self._path, self._part = path, path.with_name(f"{path.name}.part")
        self._tar: tarfile.TarFile | None = None

    def __enter__(self) -> Self:
        handle = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._stream = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._stream, mode="w", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        assert self._tar is not None
        self._tar.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add a member from memory."""
        self.add(name, io.BytesIO(content), len(content))

    def add(self, name: str, stream: IO[bytes], size: int, *, sha256: str = "") -> None:
        """
        Add a member from a stream.

        Raises:
            Sentence: the stream does not hold what it should.
        """
        assert self._tar is not None
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        hashing = _Hashing(stream)
        try:
            self._tar.addfile(member, hashing)  # type: ignore[arg-type]
        except OSError as error:
            raise Sentence(f"{name} ends before its {size:,} bytes: {error}.") from error
        if sha256 and hashing.digest.hexdigest() != sha256:
            raise Sentence(f"{name} does not hold what it was stored with; nothing was backed up.")


class Reader:
    """Reads an archive; ``check`` proves all of it before anything is taken out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._tar = tarfile.open(path, mode="r:")  # noqa: SIM115 - close() does
            first = self._tar.next()
            if first is None or first.name != MANIFEST or first.size > 1 << 30:
                raise tarfile.TarError
            with self._opened(first) as stream:
                self.manifest = Manifest.read(stream.read(), name=path.name)
        except FileNotFoundError:
            raise Sentence(f"There is no {path}.") from None
        except (tarfile.TarError, OSError) as error:
            raise Sentence(f"{path} is no backup of this product, or is damaged.") from error

    def check(self) -> None:
        """
        Compare every member with the manifest.

        Raises:
            Sentence: one is missing, is too many, or differs.
        """
        left = dict(self.manifest.members)
        try:
            for member in self._tar:
                if member.name == MANIFEST:
                    continue
                said = left.pop(member.name, None)
                if said is None or not member.isreg():
                    raise Sentence(f"{self.path} holds {member.name}, which is not in its list.")
                with self._opened(member) as stream:
                    found = [hashlib.file_digest(stream, "sha256").hexdigest(), member.size]
                if found != said:
                    raise Sentence(
                        f"{member.name} in {self.path} is damaged. Nothing was restored; use"
                        " another copy."
                    )
        except (tarfile.TarError, OSError, EOFError) as error:
            raise Sentence(
                f"{self.path} is damaged or cut off. Nothing was restored; use another copy."
            ) from error
        if left:
            raise Sentence(
                f"{self.path} lacks {next(iter(left))}: it was cut off. Nothing was restored; use"
                " another copy."
            )

    def names(self, prefix: str) -> Iterator[str]:
        """Give the members below a folder."""
        return (name for name in self.manifest.members if name.startswith(prefix))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open a member."""
        with self._opened(self._tar.getmember(name)) as stream:
            yield stream

    def close(self) -> None:
        """Close the archive."""
        self._tar.close()

    @contextmanager
    def _opened(self, member: tarfile.TarInfo) -> Iterator[io.BufferedReader]:
        stream = self._tar.extractfile(member)
        if stream is None:
            raise tarfile.TarError(member.name)
        with stream:
            yield cast(io.BufferedReader, stream)


class _Hashing:
    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        return chunk
