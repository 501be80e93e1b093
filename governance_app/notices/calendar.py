"""A calendar as RFC 5545 writes it: one all-day event for each day that something is due."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

#: Octets of a line before it is folded (RFC 5545, 3.1).
_WIDTH = 75


@dataclass(frozen=True, slots=True)
class Entry:
    """Something due on a day. ``uid`` stays the same when the day moves."""

    uid: str
    on: dt.date
    title: str
    text: str
    link: str


def written(entries: Iterable[Entry], *, name: str, at: dt.datetime) -> str:
    """
    Write a calendar that programs subscribe to.

    >>> due = Entry("ms-1", dt.date(2026, 12, 1), "AI-7: go, live", "", "https://x.test/7")
    >>> text = written([due], name="Mine", at=dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC))
    >>> [line for line in text.split(chr(13) + chr(10)) if line.startswith(("SUMM", "DTST"))]
    ['DTSTAMP:20261121T090000Z', 'DTSTART;VALUE=DATE:20261201', 'SUMMARY:AI-7: go\\\\, live']
    """
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//AI portfolio//EN", "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]  # fmt: skip
    for entry in entries:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.uid}@ai-portfolio",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{entry.on + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(entry.title)}",
            f"DESCRIPTION:{_escaped(entry.text)}",
            f"URL:{entry.link}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def digest_of(secret: str) -> str:
    """Hash the secret of a calendar's address; only the hash is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _escaped(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _folded(line: str) -> str:
    """Break a line into pieces of at most 75 octets, never inside a character."""
    pieces: list[str] = []
    piece = ""
    for letter in line:
        room = _WIDTH - (1 if pieces else 0)
        if len((piece + letter).encode()) > room:
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece])
