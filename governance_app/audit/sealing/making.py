"""Sealing what waits: a Merkle root over the events, chained to the last seal and signed."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from governance_app.audit.sealing import anchors, leaves
from governance_app.audit.sealing.head import NOTHING_BEFORE, Head, Seal
from governance_app.audit.sealing.keys import SigningKey, signing_key
from governance_app.domain import merkle

log = logging.getLogger(__name__)

#: How many events one seal holds at most; what is left waits for the next.
LARGEST = 20_000
#: How many seals one call makes at most: a tick must end.
AT_ONCE = 50
_LOCK = (0x5EA1, 1)


@dataclass(frozen=True)
class Sealed:
    """What one call did. ``is_busy``: somebody else seals or verifies just now."""

    seals: int = 0
    events: int = 0
    is_busy: bool = False


def seal_waiting(*, largest: int = LARGEST) -> Sealed:
    """
    Seal every committed event that is in no seal yet, and anchor the new heads.

    Each event waits in a queue that the trail's own function fills in the event's transaction.
    So an event that commits late is sealed late, and a number that was rolled back is in no
    queue: neither is an alarm, and nothing slips by.
    """
    with locked() as is_free:
        if not is_free:
            return Sealed(is_busy=True)
        _anchor_the_last()
        seals = events = 0
        key: SigningKey | None = None
        while seals < AT_ONCE and _waits():
            key = key or signing_key()
            with transaction.atomic():
                made = _seal(key, largest)
            if made is None:
                break
            anchors.append([made])
            seals, events = seals + 1, events + made.head.events
        anchors.send_on()
    return Sealed(seals, events)


@contextmanager
def locked() -> Iterator[bool]:
    """Keep other sealers and verifiers away; gives False when one is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
        (is_free,) = cursor.fetchone()
    try:
        yield is_free
    finally:
        if is_free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _LOCK)


def newest() -> Seal | None:
    """Give the last seal of the database; None when nothing was sealed yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SEAL_COLUMNS} FROM ledger.seal ORDER BY n DESC LIMIT 1")  # noqa: S608
        row = cursor.fetchone()
    return seal_from(row) if row else None


SEAL_COLUMNS = "n, at, events, root, previous, key, hash, signature"


def seal_from(row: tuple) -> Seal:  # type: ignore[type-arg]
    """Make a seal of a row that was read by ``SEAL_COLUMNS``."""
    number, at, events, root, previous, key, digest, signature = row
    head = Head(number, at, events, bytes(root), bytes(previous), key)
    return Seal(head, bytes(digest), bytes(signature))


def _waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger.pending)")
        return bool(cursor.fetchone()[0])


def _seal(key: SigningKey, largest: int) -> Seal | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {leaves.COLUMNS} FROM (SELECT event_id FROM ledger.pending"  # noqa: S608
            " ORDER BY event_id LIMIT %s) p JOIN ledger.event e ON e.id = p.event_id ORDER BY e.id",
            [largest],
        )
        rows = cursor.fetchall()
        if not rows:  # what waits is gone: verifying says so
            return None
        cursor.execute("SELECT clock_timestamp()")
        (at,) = cursor.fetchone()
        hashes = [merkle.leaf_hash(leaves.content(row)) for row in rows]
        last = newest()
        head = Head(
            number=last.head.number + 1 if last else 1,
            at=at,
            events=len(rows),
            root=merkle.root(hashes),
            previous=last.hash if last else NOTHING_BEFORE,
            key=key.name,
        )
        made = Seal(head, head.hash, key.sign(head.statement))
        cursor.execute(
            "SELECT ledger.add_seal(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                head.number,
                at,
                head.root,
                head.previous,
                head.key,
                made.hash,
                made.signature,
                [row[0] for row in rows],
                hashes,
            ],
        )
    return made


def _anchor_the_last() -> None:
    """Anchor the seal that a crash kept from the file; more than one missing is left to see."""
    last, anchored = newest(), anchors.last()
    if last is None:
        return
    behind = last.head.number - (anchored.head.number if anchored else 0)
    if behind == 1:
        anchors.append([last])
    elif behind > 1:
        log.error(
            "the anchor file lacks the last %s seals: manage.py audit_verify says more", behind
        )


def anchor_again() -> int:
    """
    Anchor every seal that the file lacks, because a person decided that this is right.

    Returns:
        How many were added.
    """
    have = {line.seal.head.number for line in anchors.lines() if line.seal}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SEAL_COLUMNS} FROM ledger.seal ORDER BY n")  # noqa: S608
        missing = [
            seal for row in cursor.fetchall() if (seal := seal_from(row)).head.number not in have
        ]
    if missing:
        anchors.append(missing)
    return len(missing)
