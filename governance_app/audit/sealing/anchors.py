"""
Heads of seals kept outside the database: a file that is only appended to, and places elsewhere.

Whoever holds the database and the key can write history anew; an anchor that they cannot reach
still tells. The file is the first anchor. ``SEAL_ANCHORS`` names more: an address that gets each
head by POST, or a folder or bucket that gets each as an object of its own.
"""

import hashlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fsspec
import httpx
from django.conf import settings

from governance_app.audit.sealing.head import Seal

log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 10.0
_SENT_AT_ONCE = 200
_LONGEST_LINE = 4096


@dataclass(frozen=True)
class Line:
    """One line of the anchor file: a seal, or the text that is none."""

    number: int
    seal: Seal | None
    text: str = ""


def anchor_file() -> Path:
    """Say where the file of heads is."""
    return Path(settings.SEAL_ANCHOR_FILE)


def append(seals: list[Seal]) -> None:
    """Append heads in one write and bring them to the disk."""
    file = anchor_file()
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    text = "".join(f"{seal.line()}\n" for seal in seals)
    if _ends_amid_a_line(file):
        text = f"\n{text}"
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def lines(file: Path | None = None) -> Iterator[Line]:
    """Read the file from its start; nothing when there is none."""
    path = file or anchor_file()
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as stream:
        for number, text in enumerate(stream, start=1):
            yield _read(number, text.rstrip("\n"))


def last() -> Seal | None:
    """Give the newest head in the file; None when there is none."""
    file = anchor_file()
    if not file.exists():
        return None
    with file.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - 2 * _LONGEST_LINE))
        tail = stream.read().decode(errors="replace").split("\n")
    for text in reversed(tail):
        if text and (seal := _read(0, text).seal) is not None:
            return seal
    return None


def send_on() -> list[str]:
    """
    Bring what the file holds to the other places, each from where it stood last.

    A place that does not answer gets the rest at the next time; sealing does not wait for it.

    Returns:
        A sentence for each place that could not be reached.
    """
    troubles = []
    for place in settings.SEAL_ANCHORS:
        cursor = _cursor(place)
        sent = int(cursor.read_text()) if cursor.exists() else 0
        waiting = [line.seal for line in lines() if line.seal and line.seal.head.number > sent]
        try:
            for seal in waiting[:_SENT_AT_ONCE]:
                _send(place, seal)
                sent = seal.head.number
        except (OSError, ValueError, ImportError, httpx.HTTPError) as error:
            log.warning("anchor place %s not reached: %s", _shown(place), error)
            troubles.append(f"{_shown(place)} could not be reached: {type(error).__name__}.")
        cursor.write_text(str(sent))
    return troubles


def is_readable(place: str) -> bool:
    """Tell whether what a place holds can be read back: a folder or a bucket can."""
    return not place.startswith(("http://", "https://"))


def held_by(place: str) -> dict[int, list[Seal | None]]:
    """Read the heads that a folder or bucket holds, by number; None where an object is none."""
    filesystem, root = fsspec.core.url_to_fs(place.rstrip("/"))
    held: dict[int, list[Seal | None]] = {}
    if not filesystem.exists(root):
        return held
    for path in filesystem.glob(f"{root}/seal-*.json"):
        number = path.rsplit("/", 1)[-1].split("-")[1]
        seal = _read(0, filesystem.cat_file(path).decode(errors="replace").strip()).seal
        held.setdefault(int(number) if number.isdigit() else 0, []).append(seal)
    return held


def begin_again() -> None:
    """Forget how far the other places are, after the file was replaced by a restore."""
    for cursor in anchor_file().parent.glob("*.sent"):
        cursor.unlink()


def _read(number: int, text: str) -> Line:
    try:
        return Line(number, Seal.from_line(text), text)
    except ValueError:
        return Line(number, None, text)


def _ends_amid_a_line(file: Path) -> bool:
    if not file.exists() or not file.stat().st_size:
        return False
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) != b"\n"


def _send(place: str, seal: Seal) -> None:
    if not is_readable(place):
        headers = {"Content-Type": "application/json", "Idempotency-Key": seal.hash.hex()}
        httpx.post(
            place, content=seal.line(), headers=headers, timeout=_TIMEOUT_SECONDS
        ).raise_for_status()
        return
    name = f"seal-{seal.head.number:012d}-{seal.hash.hex()[:12]}.json"
    filesystem, path = fsspec.core.url_to_fs(f"{place.rstrip('/')}/{name}")
    if filesystem.exists(path):
        return
    filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
    filesystem.pipe_file(path, f"{seal.line()}\n".encode())


def _cursor(place: str) -> Path:
    return anchor_file().with_name(f"{hashlib.sha256(place.encode()).hexdigest()[:16]}.sent")


def _shown(place: str) -> str:
    """Name a place without the token that its address may carry."""
    return place.split("?")[0].split("@")[-1]
