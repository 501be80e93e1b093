"""Proving the trail: every leaf, root, link, signature and anchor is computed again."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from governance_app.audit.sealing import anchors, leaves
from governance_app.audit.sealing.head import NOTHING_BEFORE, Seal
from governance_app.audit.sealing.keys import PublicKeys, public_keys
from governance_app.audit.sealing.making import SEAL_COLUMNS, seal_from
from governance_app.domain import merkle

#: An event may be committed this long after it was written, and no longer.
LONGEST_WORK = dt.timedelta(hours=24)
#: The clock of the database may step back this far.
CLOCK_STEPS = dt.timedelta(hours=1)
_NAMED = 5


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was sealed: which, and a sentence."""

    kind: str
    says: str
    seal: int | None = None
    event: int | None = None


@dataclass
class Verdict:
    """What verifying found; ``faults`` is empty when the trail is whole."""

    seals: int = 0
    events: int = 0
    waiting: int = 0
    waiting_since: dt.datetime | None = None
    sealed_up_to: dt.datetime | None = None
    anchored: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was found."""
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        """Give all of it for programs."""
        return {
            "is_whole": self.is_whole,
            "seals": self.seals,
            "events": self.events,
            "anchored": self.anchored,
            "sealed_up_to": _iso(self.sealed_up_to),
            "waiting": self.waiting,
            "waiting_since": _iso(self.waiting_since),
            "faults": [asdict(fault) for fault in self.faults],
        }


def verify(*, keys: Path | None = None, anchor_file: Path | None = None) -> Verdict:
    """
    Recompute the whole trail from its events and compare it with its seals and anchors.

    Needs to read the trail, the public keys and the anchors; no secret. The caller holds
    ``making.locked``, so that no seal is half anchored meanwhile.

    Args:
        keys: folder of public keys kept elsewhere, instead of the installation's.
        anchor_file: copy of the anchors kept elsewhere.
    """
    verdict = Verdict()
    trusted = public_keys(keys)
    with transaction.atomic():
        seals = _seals()
        verdict.seals = len(seals)
        verdict.faults += _chain(seals, trusted)
        for seal in seals:
            verdict.faults += _members(seal)
            verdict.events += seal.head.events
        verdict.faults += _strays()
        verdict.faults += _times()
        _waiting(verdict)
    verdict.sealed_up_to = seals[-1].head.at if seals else None
    known = {seal.head.number: seal for seal in seals}
    found, verdict.anchored = _anchored(known, anchor_file)
    verdict.faults += found
    if anchor_file is None:
        for place in settings.SEAL_ANCHORS:
            if anchors.is_readable(place):
                verdict.faults += _elsewhere(known, place)
    return verdict


def _seals() -> list[Seal]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {SEAL_COLUMNS} FROM ledger.seal ORDER BY n")  # noqa: S608
        return [seal_from(row) for row in cursor.fetchall()]


def _chain(seals: list[Seal], keys: PublicKeys) -> Iterator[Fault]:
    """Follow the chain: numbers, links, hashes, signatures, times."""
    expected, previous, at = 1, NOTHING_BEFORE, None
    for seal in seals:
        head, number = seal.head, seal.head.number
        if number != expected:
            missing = (
                f"Seal {expected} is"
                if number == expected + 1
                else (f"Seals {expected} to {number - 1} are")
            )
            yield Fault("seal missing", f"{missing} missing.", seal=expected)
        elif head.previous != previous:
            yield Fault("chain", f"Seal {number} does not follow the seal before it.", seal=number)
        if head.hash != seal.hash:
            yield Fault(
                "hash", f"Seal {number} says something else than when it was made.", seal=number
            )
        if head.key not in keys.by_name:
            yield Fault(
                "key",
                f"Seal {number} names the key {head.key}, whose public half is not known here.",
                seal=number,
            )
        elif not keys.is_signed(head.statement, seal.signature, head.key):
            yield Fault("signature", f"The signature of seal {number} is not true.", seal=number)
        if at is not None and head.at < at - CLOCK_STEPS:
            yield Fault("time", f"Seal {number} says it is older than the one before.", seal=number)
        expected, previous, at = number + 1, seal.hash, head.at


def _members(seal: Seal) -> Iterator[Fault]:
    """Compute the leaves and the root of one seal again from the events as they are now."""
    number = seal.head.number
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.event_id, m.leaf, {leaves.COLUMNS} FROM ledger.member m"  # noqa: S608
            " LEFT JOIN ledger.event e ON e.id = m.event_id WHERE m.seal = %s ORDER BY m.event_id",
            [number],
        )
        rows = cursor.fetchall()
    gone = [row[0] for row in rows if row[2] is None]
    altered = [
        row[0]
        for row in rows
        if row[2] is not None and merkle.leaf_hash(leaves.content(row[2:])) != bytes(row[1])
    ]
    for event in gone[:_NAMED]:
        yield Fault("deleted", f"Event {event} of seal {number} was deleted.", number, event)
    for event in altered[:_NAMED]:
        yield Fault(
            "altered", f"Event {event} was altered after seal {number} was made.", number, event
        )
    more = max(0, len(gone) - _NAMED) + max(0, len(altered) - _NAMED)
    if more:
        yield Fault("more", f"{more} more events of seal {number} are not as they were.", number)
    hashes = [bytes(row[1]) for row in rows]
    if len(rows) != seal.head.events or merkle.root(hashes) != seal.head.root:
        yield Fault(
            "members",
            f"Seal {number} was made over {seal.head.events} events; the list of its events"
            f" ({len(rows)}) is not the one that was sealed.",
            number,
        )


def _strays() -> Iterator[Fault]:
    """Find events that are in no seal and in no queue, and what waits and is gone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM ledger.event e"
            " WHERE NOT EXISTS (SELECT FROM ledger.member m WHERE m.event_id = e.id)"
            " AND NOT EXISTS (SELECT FROM ledger.pending p WHERE p.event_id = e.id)"
            " ORDER BY e.id LIMIT %s",
            [_NAMED],
        )
        for (event,) in cursor.fetchall():
            yield Fault(
                "stray",
                f"Event {event} is in no seal and does not wait for one: the product did not"
                " write it.",
                event=event,
            )
        cursor.execute(
            "SELECT p.event_id FROM ledger.pending p WHERE NOT EXISTS"
            " (SELECT FROM ledger.event e WHERE e.id = p.event_id) ORDER BY 1 LIMIT %s",
            [_NAMED],
        )
        for (event,) in cursor.fetchall():
            yield Fault("deleted", f"Event {event} was deleted before it was sealed.", event=event)
        cursor.execute(
            "SELECT m.event_id, m.seal FROM ledger.member m WHERE NOT EXISTS"
            " (SELECT FROM ledger.seal s WHERE s.n = m.seal) ORDER BY 1 LIMIT %s",
            [_NAMED],
        )
        for event, seal in cursor.fetchall():
            yield Fault("members", f"Event {event} names seal {seal}, which is gone.", seal, event)


def _times() -> Iterator[Fault]:
    """
    Find events that say another time than their place in the order allows.

    Numbers are given when an event is written, so an event with a higher number cannot be much
    older than those before it; and an event that is sealed much later than it says, with a number
    from before, was put into a gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, at, max(at) OVER (ORDER BY id) AS latest"
            " FROM ledger.event) ordered WHERE at < latest - make_interval(secs => %s)"
            " ORDER BY id LIMIT %s",
            [CLOCK_STEPS.total_seconds(), _NAMED],
        )
        for (event,) in cursor.fetchall():
            yield Fault(
                "time",
                f"Event {event} says it is older than events that were written before it.",
                event=event,
            )
        cursor.execute(
            "SELECT m.seal, e.id FROM ledger.seal s"
            " JOIN ledger.member m ON m.seal = s.n JOIN ledger.event e ON e.id = m.event_id"
            " JOIN ledger.seal before ON before.n = s.n - 1"
            " JOIN LATERAL (SELECT max(o.event_id) AS id FROM ledger.member o"
            "  WHERE o.seal = before.n) newest ON true"
            " WHERE e.at < before.at - make_interval(secs => %s) AND e.id < newest.id"
            " ORDER BY e.id LIMIT %s",
            [LONGEST_WORK.total_seconds(), _NAMED],
        )
        for seal, event in cursor.fetchall():
            yield Fault(
                "late",
                f"Event {event} came into seal {seal} more than a day after it says it happened.",
                seal,
                event,
            )


def _waiting(verdict: Verdict) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(e.at) FROM ledger.pending p JOIN ledger.event e"
            " ON e.id = p.event_id"
        )
        verdict.waiting, verdict.waiting_since = cursor.fetchone()


def _anchored(seals: dict[int, Seal], file: Path | None) -> tuple[list[Fault], int]:
    """Compare the anchor file with the seals; give what is wrong and how many are anchored."""
    found: list[Fault] = []
    anchored: set[int] = set()
    broken: anchors.Line | None = None
    latest = 0
    for line in anchors.lines(file):
        if broken is not None and not line.text.startswith(broken.text):
            found.append(_unreadable(broken))
        broken = None
        if line.seal is None:
            if line.text:  # a crash may have cut it short; then the next line begins the same
                broken = line
            continue
        number = line.seal.head.number
        if number < latest:
            found.append(
                Fault("anchor", f"Line {line.number} of the anchor file is out of order.", number)
            )
        latest = max(latest, number)
        anchored.add(number)
        found += _compare(seals.get(number), line.seal, "the anchor file")
    if broken is not None:
        found.append(_unreadable(broken))
    missing = sorted(set(seals) - anchored)
    if missing:
        which = (
            f"Seal {missing[0]} is"
            if len(missing) == 1
            else f"{len(missing)} seals ({missing[0]} to {missing[-1]}) are"
        )
        found.append(
            Fault(
                "anchor",
                f"{which} not in the anchor file {file or anchors.anchor_file()}: it was cut,"
                " moved or replaced.",
                missing[0],
            )
        )
    return found, len(anchored & set(seals))


def _unreadable(line: anchors.Line) -> Fault:
    return Fault("anchor", f"Line {line.number} of the anchor file is no seal.")


def _compare(seal: Seal | None, anchored: Seal, where: str) -> Iterator[Fault]:
    number = anchored.head.number
    if anchored.head.hash != anchored.hash:
        yield Fault("anchor", f"Seal {number} in {where} was altered.", number)
    elif seal is None:
        yield Fault("anchor", f"Seal {number} is in {where} and gone from the database.", number)
    elif (seal.hash, seal.signature) != (anchored.hash, anchored.signature):
        yield Fault("anchor", f"Seal {number} is another one than {where} holds.", number)


def _elsewhere(seals: dict[int, Seal], place: str) -> Iterator[Fault]:
    """Compare what another place holds; a head that has not been sent yet is no fault."""
    for number, held in sorted(anchors.held_by(place).items()):
        for seal in held:
            if seal is None:
                yield Fault("anchor", f"An object for seal {number} in {place} is no seal.", number)
            else:
                yield from _compare(seals.get(number), seal, place)


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
