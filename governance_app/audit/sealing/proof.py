"""The proof that one event is in its seal, and how far the trail is sealed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from governance_app.audit.sealing import anchors, leaves
from governance_app.audit.sealing.head import Seal
from governance_app.audit.sealing.keys import public_keys
from governance_app.audit.sealing.making import SEAL_COLUMNS, newest, seal_from
from governance_app.domain import merkle


@dataclass(frozen=True)
class Proof:
    """
    That an event is in a seal: its bytes, the way up to the root, and the signed head.

    Attributes:
        seal: None while the event waits to be sealed.
        is_member: the bytes and the way up lead to the root of the seal.
        is_signed: the head is signed with a key that is known here.
        is_anchored: the anchor file holds the same head.
    """

    event: int
    content: str
    seal: Seal | None = None
    steps: tuple[merkle.Step, ...] = ()
    is_member: bool = False
    is_signed: bool = False
    is_anchored: bool = False
    public_key: str = ""

    @property
    def is_proven(self) -> bool:
        """Tell whether every part of the proof holds."""
        return self.is_member and self.is_signed and self.is_anchored

    def as_json(self) -> dict[str, Any]:
        """Give all that somebody else needs to check it without this installation."""
        return {
            "format": "proof-1",
            "event": self.event,
            "content": self.content,
            "path": [{"side": step.side, "hash": step.hash.hex()} for step in self.steps],
            "statement": self.seal.head.as_json() if self.seal else None,
            "signature": self.seal.signature.hex() if self.seal else None,
            "public_key": self.public_key,
            "is_proven": self.is_proven,
        }


@dataclass(frozen=True)
class Standing:
    """How far the trail is sealed: ``up_to`` is None before the first seal."""

    seals: int
    up_to: dt.datetime | None
    waiting: int
    waiting_since: dt.datetime | None
    lag_seconds: float


def standing() -> Standing:
    """Say how far the trail is sealed, and what waits; cheap enough for every page."""
    last = newest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger.pending), e.at,"
            " coalesce(extract(epoch FROM clock_timestamp() - e.at), 0)::float8"
            " FROM (SELECT min(event_id) AS id FROM ledger.pending) oldest"
            " LEFT JOIN ledger.event e ON e.id = oldest.id"
        )
        waiting, since, lag = cursor.fetchone()
    return Standing(
        seals=last.head.number if last else 0,
        up_to=last.head.at if last else None,
        waiting=waiting,
        waiting_since=since,
        lag_seconds=lag,
    )


def prove(event: int) -> Proof | None:
    """Give the proof of one event, computed from what the database holds now; None: no event."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {leaves.COLUMNS} FROM ledger.event e WHERE e.id = %s",  # noqa: S608
            [event],
        )
        row = cursor.fetchone()
        if row is None:
            return None
        content = leaves.content(row)
        cursor.execute("SELECT seal FROM ledger.member WHERE event_id = %s", [event])
        found = cursor.fetchone()
        if found is None:
            return Proof(event, content.decode())
        cursor.execute(
            f"SELECT {SEAL_COLUMNS} FROM ledger.seal WHERE n = %s",  # noqa: S608
            [found[0]],
        )
        sealed = cursor.fetchone()
        cursor.execute(
            "SELECT event_id, leaf FROM ledger.member WHERE seal = %s ORDER BY event_id", [found[0]]
        )
        members = cursor.fetchall()
    if sealed is None:
        return Proof(event, content.decode())
    seal = seal_from(sealed)
    index = next(at for at, member in enumerate(members) if member[0] == event)
    steps = merkle.path([bytes(leaf) for _, leaf in members], index)
    keys = public_keys()
    return Proof(
        event=event,
        content=content.decode(),
        seal=seal,
        steps=tuple(steps),
        is_member=merkle.climb(merkle.leaf_hash(content), steps) == seal.head.root,
        is_signed=keys.is_signed(seal.head.statement, seal.signature, seal.head.key)
        and seal.head.hash == seal.hash,
        is_anchored=any(line.seal is not None and line.seal == seal for line in anchors.lines()),
        public_key=keys.pem(seal.head.key),
    )
