"""What outside programs push in: tokens, their limits, and what each delivery changes."""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection as database
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.connectors.models import InboundEvent, InboundMinute, InboundToken, Stray
from governance_app.connectors.placing import Placed, Placer, Sender
from governance_app.domain import openlineage
from governance_app.domain.belonging import Thing
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading, ReadingRecord
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.inventory import services as inventory
from governance_app.inventory.models import Dataset, Origin
from governance_app.people import access
from governance_app.people.models import ScopeNode, User

TOKEN_DAYS = 365
PREFIX = 16
MARK = "aipi_"
MOST_CALLS = 60_000
KEPT_BODY_BYTES = 65_536
EVENTS_KEPT = dt.timedelta(days=90)
MINUTES_KEPT = dt.timedelta(days=7)
INITIATIVE_TAG = "initiative"

READING_EVENT = "ai-portfolio.reading.v1"
STATUS_EVENT = "ai-portfolio.status.v1"


@dataclass(frozen=True)
class Received:
    """
    What became of an event: ``outcome`` as stored, with its sentence; or that it is a repeat.

    ``placed`` counts its readings.
    """

    outcome: str
    sentence: str
    is_repeat: bool = False
    placed: Placed | None = None


@recorded
def add_inbound_token(
    *,
    name: str,
    scopes: Sequence[str],
    by: User,
    node: ScopeNode | None = None,
    initiative: Initiative | None = None,
    calls_a_minute: int = 600,
    days: int = TOKEN_DAYS,
) -> tuple[InboundToken, str]:
    """
    Make a token that may push some kinds of things below a node, and read nothing.

    Args:
        initiative: takes what says nothing better; None lets that wait for a person.

    Returns:
        The token and its secret, which is never shown again.

    Raises:
        Sentence: the name is blank or taken, a scope unknown, the limit or days out of range.
    """
    node = node or ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    access.require(by, "connection.edit", node)
    name = name.strip()
    if not name:
        raise Sentence("A token needs a name.")
    if InboundToken.objects.filter(name=name, revoked_at=None).exists():
        raise Sentence(f"There is already a token called {name}.")
    unknown = sorted(set(scopes) - set(InboundToken.Scope.values))
    if unknown or not scopes:
        known = ", ".join(InboundToken.Scope.values)
        raise Sentence(f"A token is for some of {known}.")
    if not 1 <= calls_a_minute <= MOST_CALLS:
        raise Sentence(f"A token makes between 1 and {MOST_CALLS:,} calls a minute.")
    if not 1 <= days <= 3 * TOKEN_DAYS:
        raise Sentence("A token is good for a day at least and three years at most.")
    if initiative is not None and not initiative.node.path.startswith(node.path):
        raise Sentence(f"{initiative} is not below {node}.")
    secret = f"{MARK}{secrets.token_urlsafe(32)}"
    token = InboundToken.objects.create(
        name=name[:200],
        node=node,
        initiative=initiative,
        scopes=sorted(set(scopes)),
        prefix=secret[:PREFIX],
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        calls_a_minute=calls_a_minute,
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    audit.note(by=by, action="token", subject=token, sentence=f"Made the inbound token {name}.")
    return token, secret


@recorded
def revoke_inbound_token(*, token: InboundToken, by: User) -> InboundToken:
    """Stop a token at once; what it brought stays."""
    access.require(by, "connection.edit", token)
    token = InboundToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        save_changes(token, revoked_at=timezone.now())
    return token


@recorded
def count_call(*, token: InboundToken, by: User, now: dt.datetime) -> int:
    """
    Count one use of a token, over all processes.

    Returns:
        0 when it may go on; else the seconds to wait: it used up what it may in this minute.
    """
    minute = now.replace(second=0, microsecond=0)
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO connectors_inboundminute AS m (id, token_id, minute, calls, refused)"
            " VALUES (gen_random_uuid(), %(token)s, %(minute)s, 1, 0)"
            " ON CONFLICT (token_id, minute) DO UPDATE SET"
            "  calls = m.calls + (m.calls < %(most)s)::int,"
            "  refused = m.refused + (m.calls >= %(most)s)::int"
            " RETURNING refused",
            {"token": token.pk, "minute": minute, "most": token.calls_a_minute},
        )
        refused = cursor.fetchone()[0]
    return max(1, 60 - now.second) if refused else 0


@recorded
def take_metrics(*, token: InboundToken, records: Sequence[ReadingRecord], by: User) -> Placed:
    """Take pushed readings: to their initiatives, or to what waits; the same again is nothing."""
    return Placer(Sender.of(token)).take_readings(records, by)


@recorded
def take_lineage(*, token: InboundToken, event: Any, by: User) -> Received:
    """
    Take an OpenLineage event: datasets, where their data went, what facets count.

    The whole event makes it the same: one sent again changes nothing.

    Raises:
        NotOpenLineage: the body is no such event.
    """
    said = openlineage.read(event)
    identity = _digest(json.dumps(event, sort_keys=True, default=str))
    if (known := _known(token, identity)) is not None:
        return known
    source = token.source
    if said.datasets:
        inventory.take_datasets(source=source, records=said.datasets, by=by)
    if said.flows:
        inventory.take_flows(source=source, records=said.flows, by=by)
    placer, placed = Placer(Sender.of(token)), Placed()
    outcome, sentence = InboundEvent.Outcome.TAKEN, f"{len(said.datasets)} dataset(s)"
    if said.job:
        thing = Thing(said.job, said.labels)
        owner, why = placer.place(Stray.Kind.JOB, thing, said.labels.get(INITIATIVE_TAG, ""))
        records = _measured(said, owner)
        if owner is not None:
            placed = placer.take_readings(records, by)
            _link_datasets(token, said, owner, by)
            sentence += f" of {owner.key}"
        elif why:
            placed = placer.let_wait(Stray.Kind.JOB, thing, why, records)
            outcome, sentence = InboundEvent.Outcome.WAITING, why
    kept = _keep(
        token, InboundToken.Scope.LINEAGE, identity, said.kind, said.job, outcome, sentence, event
    )
    return Received(kept.outcome, kept.sentence, placed=placed)


@recorded
def take_cloud_event(
    *,
    token: InboundToken,
    attributes: Mapping[str, str],
    records: Sequence[ReadingRecord],
    status: Mapping[str, str] | None,
    data: Any,
    by: User,
) -> Received:
    """
    Take a CloudEvent; its source and id make it the same.

    Args:
        attributes: of the envelope: id, source, type, subject, time.
        records: the readings its data holds, when its type says that it holds some.
        status: initiative, status and sentence, when its type says so.
        data: as received, for the record.

    Raises:
        Sentence: the status is none, or its initiative cannot be reached.
    """
    identity = _digest(f"{attributes['source']}\n{attributes['id']}")
    if (known := _known(token, identity)) is not None:
        return known
    placer, placed = Placer(Sender.of(token)), Placed()
    outcome, sentence = InboundEvent.Outcome.TAKEN, ""
    if status is not None:
        initiative = placer.by_key(status["initiative"])
        if initiative is None:
            raise Sentence(f"There is no initiative {status['initiative']} below {token.node}.")
        initiatives.post_status(
            initiative=initiative, status=status["status"], sentence=status["sentence"], by=by
        )
        sentence = f"Status of {initiative.key}"
    elif records:
        placed = placer.take_readings(records, by)
        sentence = f"{placed.new} new, {placed.changed} changed, {placed.waiting} waiting"
        if placed.waiting:
            outcome = InboundEvent.Outcome.WAITING
    else:
        outcome, sentence = InboundEvent.Outcome.KEPT, "Nobody reads events of this type."
    kept = _keep(
        token, InboundToken.Scope.EVENTS, identity, attributes["type"],
        attributes.get("subject") or attributes["source"], outcome, sentence,
        {"attributes": dict(attributes), "data": data},
    )  # fmt: skip
    return Received(kept.outcome, kept.sentence, placed=placed)


@recorded
def forget_inbound(*, by: User, now: dt.datetime) -> int:
    """Forget events and counters whose time is over; give how many rows."""
    events = InboundEvent.objects.filter(received_at__lt=now - EVENTS_KEPT)
    minutes = InboundMinute.objects.filter(minute__lt=now - MINUTES_KEPT)
    return int(events._raw_delete(events.db)) + int(minutes._raw_delete(minutes.db))


def _measured(said: openlineage.Lineage, owner: Initiative | None) -> list[ReadingRecord]:
    return [
        ReadingRecord(
            initiative_key=owner.key if owner else "",
            series_key=each.series_key,
            name=each.name,
            unit=each.unit,
            reading=Reading(each.reading.period_on, each.reading.value, said.job),
        )
        for each in said.measured
    ]


def _link_datasets(
    token: InboundToken, said: openlineage.Lineage, owner: Initiative, by: User
) -> None:
    names = [each.name for each in said.datasets]
    for dataset in Dataset.objects.filter(source=token.source, name__in=names).order_by("pk"):
        inventory.link_dataset(dataset=dataset, initiative=owner, by=by, origin=Origin.RULE)


def _known(token: InboundToken, identity: str) -> Received | None:
    """Give what became of an event the first time, when it comes again."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [identity])
    row = InboundEvent.objects.filter(token=token, identity=identity).first()
    return None if row is None else Received(row.outcome, row.sentence, is_repeat=True)


def _keep(
    token: InboundToken,
    scope: str,
    identity: str,
    kind: str,
    subject: str,
    outcome: str,
    sentence: str,
    body: Any,
) -> InboundEvent:
    text = json.dumps(body, default=_number)
    kept = json.loads(text) if len(text) <= KEPT_BODY_BYTES else {"left_out_bytes": len(text)}
    return InboundEvent.objects.create(
        token=token,
        scope=scope,
        identity=identity,
        received_at=timezone.now(),
        kind=kind[:200],
        subject=subject[:500],
        outcome=outcome,
        sentence=sentence[:500],
        body=kept,
    )


def _number(value: Any) -> Any:
    """Write an exact number of a body as JSON's own; anything else as text."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
