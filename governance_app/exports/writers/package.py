"""The zip archive a workbook is: members streamed one after the other, deflated by isal."""

import struct
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from isal import isal_zlib

LEVEL = 1
#: A member may unpack to 4 GiB, so no reader needs the 64-bit extension.
MOST_BYTES = (1 << 32) - 1
_LOCAL, _CENTRAL, _END = 0x04034B50, 0x02014B50, 0x06054B50
_VERSION, _UTF8, _DEFLATED, _MIDNIGHT, _FIRST_DAY = 20, 0x800, 8, 0, 0x21

Piece = bytes | memoryview


class TooLarge(RuntimeError):
    """An archive outgrew what a plain zip can hold."""


class Package:
    """
    A zip archive written front to back. Sizes are put into a member's header when it ends, so
    even readers that want them there find them.

    Times are fixed: the same content gives the same bytes.
    """

    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._members: list[tuple[bytes, int, int, int, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._finish()
        self._stream.close()

    def add(self, name: str, pieces: Iterable[Piece]) -> int:
        """Write one member; give how many bytes it unpacks to."""
        stream, at = self._stream, self._stream.tell()
        stream.write(_local(name.encode(), 0, 0, 0))
        deflate = isal_zlib.compressobj(LEVEL, isal_zlib.DEFLATED, -15)
        crc = size = packed = 0
        for piece in pieces:
            crc = isal_zlib.crc32(piece, crc)
            size += len(piece)
            packed += stream.write(deflate.compress(piece))
        packed += stream.write(deflate.flush())
        end = stream.tell()
        if max(size, end) > MOST_BYTES:
            raise TooLarge(f"{name} unpacks to {size:,} bytes; a zip member holds {MOST_BYTES:,}.")
        stream.seek(at)
        stream.write(_local(name.encode(), crc, packed, size))
        stream.seek(end)
        self._members.append((name.encode(), at, crc, packed, size))
        return size

    def _finish(self) -> None:
        start = self._stream.tell()
        for name, at, crc, packed, size in self._members:
            self._stream.write(
                struct.pack(
                    "<IHHHHHHIIIHHHHHII", _CENTRAL, _VERSION, _VERSION, _UTF8, _DEFLATED,
                    _MIDNIGHT, _FIRST_DAY, crc, packed, size, len(name), 0, 0, 0, 0, 0, at,
                )
                + name
            )  # fmt: skip
        end, count = self._stream.tell(), len(self._members)
        self._stream.write(
            struct.pack("<IHHHHIIH", _END, 0, 0, count, count, end - start, start, 0)
        )


def _local(name: bytes, crc: int, packed: int, size: int) -> bytes:
    return struct.pack(
        "<IHHHHHIIIHH", _LOCAL, _VERSION, _UTF8, _DEFLATED, _MIDNIGHT, _FIRST_DAY,
        crc, packed, size, len(name), 0,
    ) + name  # fmt: skip
