"""Storing what runs bring, batch by batch."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.connectors import counting, placing
from governance_app.connectors.base import Batch, Delivery, Record, Refusal
from governance_app.connectors.models import Connection, Stray, SyncRun
from governance_app.connectors.services.running import locked_run
from governance_app.domain.belonging import Thing
from governance_app.domain.records import (
    DatasetRecord,
    FlowRecord,
    ModelRecord,
    ModelVersionRecord,
    ReadingRecord,
    SeatRecord,
    WorkItemRecord,
)
from governance_app.files.models import StoredFile
from governance_app.inventory import selectors as inventory_selectors
from governance_app.inventory import services as inventory
from governance_app.people.models import User
from governance_app.readings import services as readings
from governance_app.spend import services as spend
from governance_app.spend.models import Source

R = TypeVar("R", bound=Record)

KEPT_REFUSALS = 100
SCOPE_LENGTH = 200


@recorded
def store_records(*, run: SyncRun, batch: Batch, by: User) -> SyncRun:
    """Store the records of a batch and its marks, all or nothing, and count them on the run."""
    run = locked_run(run)
    source = run.connection.source
    tally = _Tally()
    if models := _only(ModelRecord, batch):
        tally.add(inventory.take_models(source=source, records=models, by=by))
    if versions := _only(ModelVersionRecord, batch):
        tally.add(inventory.take_versions(source=source, records=versions, by=by))
    if datasets := _only(DatasetRecord, batch):
        tally.add(inventory.take_datasets(source=source, records=datasets, by=by))
    if flows := _only(FlowRecord, batch):
        tally.add(inventory.take_flows(source=source, records=flows, by=by))
    seats, items = _only(SeatRecord, batch), _only(WorkItemRecord, batch)
    values = _only(ReadingRecord, batch)
    if seats or items or values:
        placer = placing.Placer(placing.Sender.of(run.connection))
        if seats:
            counted = counting.take_seats(run.connection, seats, placer)
            tally.add(counted.tally)
            values += counted.readings
        if items:
            tally.add(counting.take_items(run.connection, items, placer, by=by))
        tally.place(placer.take_readings(values, by))
    tally.read, tally.gone = len(batch.records), tally.gone + len(batch.gone)
    tally.refused += batch.refused
    return _count(run, tally, marks=batch.marks)


@recorded
def store_delivery(
    *,
    run: SyncRun,
    delivery: Delivery,
    files: Sequence[StoredFile],
    marks: Mapping[str, Any],
    by: User,
    progress: Callable[[int], None] | None = None,
) -> tuple[SyncRun, spend.Imported]:
    """
    Load a delivery of bills whose bytes are kept, and store its marks with it.

    The first delivery of a connection opens a spend source in its name.

    Raises:
        BillRefused: its lines or control totals do not hold.
        Sentence: a file is no FOCUS bill.
    """
    run = locked_run(run)
    digests = "".join(file.sha256 for file in files)
    imported = spend.import_file(
        source=_spend_source(run.connection, by),
        files=files,
        names=[part.name for part in delivery.parts],
        by=by,
        now=timezone.now(),
        manifest=spend.Manifest(
            identity=f"sha256:{hashlib.sha256(digests.encode()).hexdigest()}",
            made_at=delivery.made_at,
            scope=_short(delivery.scope),
            period=delivery.period,
            rows=delivery.declared_rows,
            billed=delivery.declared_billed,
        ),
        progress=progress,
    )
    tally = _Tally()
    tally.read = imported.report.rows
    for load in imported.loads:
        if load.outcome == "current":
            tally.new += load.rows if load.number == 1 else 0
            tally.changed += load.rows if load.number > 1 else 0
    return _count(run, tally, marks=marks), imported


@recorded
def settle_listing(
    *,
    run: SyncRun,
    models: AbstractSet[str] | None,
    versions: AbstractSet[tuple[str, str]] | None,
    by: User,
    items: AbstractSet[str] | None = None,
) -> SyncRun:
    """
    End complete listings: what they lack has gone; links follow tags and mapping rules.

    Args:
        models: names that the whole listing of models gave; None when it was not whole.
        versions: the same for (model, version) pairs.
        items: the same for keys of work items.
    """
    run = locked_run(run)
    source, tally = run.connection.source, _Tally()
    if models is not None:
        settled = inventory.settle_models(source=source, seen=models, by=by)
        tally.add(settled)
        for old, new in settled.renamed:
            readings.follow_rename(source=source, old=old, new=new, by=by)
    if versions is not None:
        tally.add(inventory.settle_versions(source=source, seen=versions, by=by))
    if items is not None:
        tally.gone += counting.settle_items(run.connection, items)
    if models is not None or versions is not None:
        tag = run.connection.settings.get("initiative_tag") or "initiative"
        tally.add(inventory.link_by_tag(source=source, tag=tag, by=by))
        tally.add(link_models(run.connection, by))
    return _count(run, tally, marks={})


@recorded
def refuse_delivery(*, run: SyncRun, what: str, sentence: str, by: User) -> SyncRun:
    """Count a delivery that was not taken; its mark stays, so the next run meets it again."""
    return _count(locked_run(run), _Tally(refused=(Refusal(what, sentence),)), marks={})


def link_models(connection: Connection, by: User) -> inventory.Tally:
    """Let mapping rules, and what people placed before, claim the models nobody else claims."""
    rules = placing.rules_for(connection)
    placed = dict(
        Stray.objects.filter(
            source=connection.source, kind=Stray.Kind.MODEL, state=Stray.State.PLACED
        ).values_list("name", "initiative")
    )
    owners = {}
    if rules or placed:
        placer = placing.Placer(placing.Sender.of(connection))
        rows = inventory_selectors.claimable(source=connection.source)
        for model, thing in placing.things_of_models(rows).items():
            found, _ = placer.place(Stray.Kind.MODEL, Thing(thing.name, thing.labels))
            if found is not None:
                owners[model] = found
    return inventory.link_by_rules(source=connection.source, owners=owners, by=by)


class _Tally:
    """What one batch changed."""

    def __init__(self, *, refused: tuple[Refusal, ...] = ()) -> None:
        self.read = self.new = self.changed = self.gone = self.waiting = 0
        self.refused = refused

    def add(self, part: inventory.Tally) -> None:
        self.new += part.new
        self.changed += part.changed
        self.gone += part.gone
        self.refused += tuple(Refusal(what, sentence) for what, sentence in part.refused)

    def place(self, part: placing.Placed) -> None:
        self.new += part.new
        self.changed += part.changed
        self.waiting += part.waiting
        self.refused += tuple(Refusal(what, sentence) for what, sentence in part.refused)


def _only(kind: type[R], batch: Batch) -> list[R]:
    return [each for each in batch.records if isinstance(each, kind)]


def _count(run: SyncRun, tally: _Tally, *, marks: Mapping[str, Any]) -> SyncRun:
    """
    Add what a batch changed to the run, and its marks to the watermark.

    A backfill moves no marks: it says nothing about what came since.
    """
    merged = {**run.watermark, **({} if run.kind == SyncRun.Kind.BACKFILL else marks)}
    told = [{"what": each.what, "sentence": each.sentence} for each in tally.refused]
    save_changes(
        run,
        rows_read=run.rows_read + tally.read,
        rows_new=run.rows_new + tally.new,
        rows_changed=run.rows_changed + tally.changed,
        rows_gone=run.rows_gone + tally.gone,
        rows_waiting=run.rows_waiting + tally.waiting,
        rows_refused=run.rows_refused + len(tally.refused),
        refusals=[*run.refusals, *told][:KEPT_REFUSALS],
        watermark={key: value for key, value in merged.items() if value is not None},
    )
    return run


def _spend_source(connection: Connection, by: User) -> Source:
    """Give the spend source of a connection, opened with its first delivery."""
    if connection.spend_source is not None:
        return connection.spend_source
    locked = Connection.objects.select_for_update().get(pk=connection.pk)
    source = Source.objects.filter(name__iexact=connection.name).first()
    if source is None:
        source = spend.add_source(name=connection.name, node=connection.node, by=by)
    save_changes(locked, spend_source_id=source.pk)
    return source


def _short(scope: str) -> str:
    """Keep a scope within the ledger's width, a long one told apart by its digest."""
    if len(scope) <= SCOPE_LENGTH:
        return scope
    digest = hashlib.sha256(scope.encode()).hexdigest()[:16]
    return f"{scope[: SCOPE_LENGTH - 17]}~{digest}"
