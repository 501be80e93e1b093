"""The head of a seal: the few lines that are hashed, signed and kept outside the database."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Self

FORMAT = "seal-1"
#: What the first seal names as the one before it.
NOTHING_BEFORE = bytes(32)


@dataclass(frozen=True, slots=True)
class Head:
    """What one seal says: ``events`` events under ``root``, after the seal hashed ``previous``."""

    number: int
    at: dt.datetime
    events: int
    root: bytes
    previous: bytes
    key: str

    @property
    def statement(self) -> bytes:
        """Give the bytes that are hashed and signed."""
        return json.dumps(self.as_json(), separators=(",", ":"), sort_keys=True).encode()

    @property
    def hash(self) -> bytes:
        """Give what the next seal names as the one before it."""
        return hashlib.sha256(self.statement).digest()

    def as_json(self) -> dict[str, Any]:
        """Give the statement's fields."""
        return {
            "format": FORMAT,
            "seal": self.number,
            "at": self.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "events": self.events,
            "root": self.root.hex(),
            "previous": self.previous.hex(),
            "key": self.key,
        }


@dataclass(frozen=True, slots=True)
class Seal:
    """A head with its signature, as the database keeps it and as it is anchored."""

    head: Head
    hash: bytes
    signature: bytes

    def line(self) -> str:
        """Give the line that is anchored; it can be checked with the public key alone."""
        return json.dumps(
            {
                "statement": self.head.as_json(),
                "hash": self.hash.hex(),
                "signature": self.signature.hex(),
            },
            separators=(",", ":"),
        )

    @classmethod
    def from_line(cls, line: str) -> Self:
        """
        Read an anchored line.

        Raises:
            ValueError: it is none.
        """
        try:
            told = json.loads(line)
            said = told["statement"]
            head = Head(
                number=int(said["seal"]),
                at=dt.datetime.fromisoformat(said["at"]),
                events=int(said["events"]),
                root=bytes.fromhex(said["root"]),
                previous=bytes.fromhex(said["previous"]),
                key=str(said["key"]),
            )
            return cls(head, bytes.fromhex(told["hash"]), bytes.fromhex(told["signature"]))
        except (KeyError, TypeError) as error:
            raise ValueError(f"no seal: {error!r}") from error
