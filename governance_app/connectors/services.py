"""Setting connections up, and storing what their runs bring."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.connectors import errands, registry
from governance_app.connectors.base import Batch, Check, Delivery, Plugin, Refusal, SourceError
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.domain.records import (
    DatasetRecord,
    ModelRecord,
    ModelVersionRecord,
    ReadingRecord,
)
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.inventory import selectors as inventory_selectors
from governance_app.inventory import services as inventory
from governance_app.jobs import selectors as jobs_selectors
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.readings import services as readings
from governance_app.spend import services as spend
from governance_app.spend.models import Source

SYNC = "governance_app.connectors.tasks.sync"
KEPT_REFUSALS = 100
SCOPE_LENGTH = 200


@recorded
def add_connection(
    *,
    plugin: str,
    name: str,
    settings: Mapping[str, Any],
    by: User,
    node: ScopeNode | None = None,
    every_seconds: int | None = None,
) -> Connection:
    """
    Set a source up; with ``every_seconds`` it runs by itself, the first time at once.

    Args:
        settings: values of the plug-in's declared settings, secrets included.
        node: where it belongs; the whole organisation when None.

    Raises:
        Sentence: the name is blank or taken, or a setting is missing or wrong.
    """
    node = node or ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    access.require(by, "connection.edit", node)
    name = _free_name(name)
    kind = registry.plugin(plugin)
    shown, secret = errands.split(kind, kind.clean(settings))
    connection = Connection(
        name=name, plugin=kind.name, settings=shown, node=node, every_seconds=every_seconds
    )
    connection.sealed = errands.sealed(connection, secret)
    connection.save()
    _plan(connection)
    return connection


@recorded
def edit_connection(
    *,
    connection: Connection,
    name: str,
    settings: Mapping[str, Any],
    every_seconds: int | None,
    by: User,
    version: int | None = None,
) -> Connection:
    """
    Change a connection; a secret left empty stays as it is.

    Raises:
        Sentence: the name is taken, or a setting is missing or wrong.
        StaleWrite: somebody changed it meanwhile.
    """
    connection = _locked(connection, by, "connection.edit")
    check_version(connection, version)
    kind = registry.plugin(connection.plugin)
    kept = errands.opened(connection)
    shown, secret = errands.split(kind, kind.clean(_merged(kind, kept, settings)))
    changes: dict[str, Any] = {"settings": shown, "every_seconds": every_seconds}
    if name.strip() != connection.name:
        changes["name"] = _free_name(name)
    if secret != kept:
        changes["sealed"] = errands.sealed(connection, secret)
    save_changes(connection, **changes)
    _plan(connection)
    return connection


@recorded
def pause_connection(*, connection: Connection, by: User) -> Connection:
    """Stop a connection from running by itself until it is resumed."""
    connection = _locked(connection, by, "connection.edit")
    if connection.paused_at is None:
        save_changes(connection, paused_at=timezone.now())
        _plan(connection)
    return connection


@recorded
def resume_connection(*, connection: Connection, by: User) -> Connection:
    """Let a paused connection run by itself again."""
    connection = _locked(connection, by, "connection.edit")
    save_changes(connection, paused_at=None)
    _plan(connection)
    return connection


@recorded
def delete_connection(*, connection: Connection, by: User) -> Connection:
    """Take a connection away: its secrets are forgotten; its runs and what they brought stay."""
    connection = _locked(connection, by, "connection.edit")
    save_changes(connection, deleted_at=timezone.now(), sealed="")
    _plan(connection)
    return connection


@recorded
def test_connection(*, connection: Connection, by: User) -> list[Check]:
    """Try the settings of a connection; writes nothing but a note."""
    access.require(by, "connection.run", connection)
    kind = registry.plugin(connection.plugin)
    entered = {**connection.settings, **errands.opened(connection)}
    checks = kind.test(errands.trial_of(kind=kind, settings=entered))
    found = "works" if all(check.is_ok for check in checks) else "does not work"
    audit.note(
        by=by, action="test", subject=connection, sentence=f"Tested {connection}: it {found}."
    )
    return checks


@recorded
def try_settings(
    *,
    plugin: str,
    settings: Mapping[str, Any],
    by: User,
    node: ScopeNode | None = None,
    stored: Connection | None = None,
) -> list[Check]:
    """
    Try settings that are not stored yet.

    Args:
        stored: the connection they would change; secrets left empty are taken from it.
    """
    access.require(by, "connection.edit", stored or node)
    kind = registry.plugin(plugin)
    kept = errands.opened(stored) if stored is not None and stored.plugin == plugin else {}
    try:
        return kind.test(errands.trial_of(kind=kind, settings=_merged(kind, kept, settings)))
    except SourceError as error:
        return [Check("Settings are complete", False, str(error))]


@recorded
def request_sync(*, connection: Connection, by: User) -> Job:
    """
    Put a run of a connection into the queue; one that is under way already is given back.

    Raises:
        Sentence: the connection was deleted.
    """
    access.require(by, "connection.run", connection)
    if connection.deleted_at is not None:
        raise Sentence(f"{connection} was deleted.")
    return jobs.receive(
        kind=SYNC,
        title=f"Sync {connection}",
        payload={"connection": str(connection.pk)},
        by=by,
        key=f"sync:{connection.pk}",
        node=connection.node,
    )


@recorded
def begin_run(*, connection: Connection, job: Job | None, by: User) -> SyncRun | None:
    """
    Open the row of a run, or the same one again when its job is done a second time.

    Returns:
        None when another job is running this connection now.
    """
    access.require(by, "connection.run", connection)
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    now = timezone.now()
    for other in (
        SyncRun.objects.select_for_update(of=("self",))
        .select_related("job")
        .filter(connection=connection, state=SyncRun.State.RUNNING)
    ):
        if job is not None and other.job_id == job.pk:
            continue
        if other.job is not None and not other.job.is_finished:
            return None
        save_changes(other, state=SyncRun.State.FAILED, finished_at=now, error="It broke off.")
    known = SyncRun.objects.filter(job=job).first() if job is not None else None
    if known is not None:
        save_changes(
            known, state=SyncRun.State.RUNNING, finished_at=None, error="", rows_read=0,
            rows_refused=0, refusals=[],
        )  # fmt: skip
        return known
    return SyncRun.objects.create(
        connection=connection,
        job=job,
        started_by=by,
        started_at=now,
        watermark=_watermark(connection),
    )


@recorded
def store_records(*, run: SyncRun, batch: Batch, by: User) -> SyncRun:
    """Store the records of a batch and its marks, all or nothing, and count them on the run."""
    run = _locked_run(run)
    source = run.connection.source
    tally = _Tally()
    models = [each for each in batch.records if isinstance(each, ModelRecord)]
    versions = [each for each in batch.records if isinstance(each, ModelVersionRecord)]
    datasets = [each for each in batch.records if isinstance(each, DatasetRecord)]
    if models:
        tally.add(inventory.take_models(source=source, records=models, by=by))
    if versions:
        tally.add(inventory.take_versions(source=source, records=versions, by=by))
    if datasets:
        tally.add(inventory.take_datasets(source=source, records=datasets, by=by))
    _take_readings(
        source, [each for each in batch.records if isinstance(each, ReadingRecord)], tally, by
    )
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
    run = _locked_run(run)
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
) -> SyncRun:
    """
    End complete listings: what they lack has gone; links follow the tags.

    Args:
        models: names that the whole listing of models gave; None when it was not whole.
        versions: the same for (model, version) pairs.
    """
    run = _locked_run(run)
    source, tally = run.connection.source, _Tally()
    if models is not None:
        settled = inventory.settle_models(source=source, seen=models, by=by)
        tally.add(settled)
        for old, new in settled.renamed:
            readings.follow_rename(source=source, old=old, new=new, by=by)
    if versions is not None:
        tally.add(inventory.settle_versions(source=source, seen=versions, by=by))
    tag = run.connection.settings.get("initiative_tag") or "initiative"
    tally.add(inventory.link_by_tag(source=source, tag=tag, by=by))
    return _count(run, tally, marks={})


@recorded
def end_run(*, run: SyncRun, state: str, by: User, error: str = "") -> SyncRun:
    """Close the row of a run, changed something or not."""
    run = _locked_run(run)
    save_changes(run, state=state, finished_at=timezone.now(), error=error)
    return run


@recorded
def refuse_delivery(*, run: SyncRun, what: str, sentence: str, by: User) -> SyncRun:
    """Count a delivery that was not taken; its mark stays, so the next run meets it again."""
    return _count(_locked_run(run), _Tally(refused=(Refusal(what, sentence),)), marks={})


class _Tally:
    """What one batch changed."""

    def __init__(self, *, refused: tuple[Refusal, ...] = ()) -> None:
        self.read = self.new = self.changed = self.gone = 0
        self.refused = refused

    def add(self, part: inventory.Tally) -> None:
        self.new += part.new
        self.changed += part.changed
        self.gone += part.gone
        self.refused += tuple(Refusal(what, sentence) for what, sentence in part.refused)


def _take_readings(source: str, records: Iterable[ReadingRecord], tally: _Tally, by: User) -> None:
    """Record readings with every initiative that their tag or a link to their model names."""
    groups: dict[tuple[str, str, str], list[ReadingRecord]] = {}
    for record in records:
        group = record.initiative_key, record.model_name, record.series_key
        groups.setdefault(group, []).append(record)
    keys = {key for key, _, _ in groups if key}
    named = {each.key: each for each in Initiative.objects.filter(key__in=keys)}
    for (key, model_name, series_key), group_records in groups.items():
        initiatives = {named[key].pk: named[key]} if key in named else {}
        if key and key not in named:
            tally.refused += (Refusal(series_key, f"There is no initiative {key}."),)
        if model_name:
            linked = inventory_selectors.initiatives_of_model(source=source, name=model_name)
            initiatives |= {each.pk: each for each in linked}
        for initiative in initiatives.values():
            first = group_records[0]
            series = readings.open_series(
                initiative=initiative,
                key=series_key,
                name=first.name or series_key,
                unit=first.unit,
                cadence_days=first.cadence_days,
                source=source,
                by=by,
            )
            outcome = readings.record(
                series=series, points=[each.reading for each in group_records], by=by
            )
            tally.new += outcome.new
            tally.changed += outcome.changed
            tally.refused += tuple(Refusal(series_key, reason) for reason in outcome.reasons)


def _count(run: SyncRun, tally: _Tally, *, marks: Mapping[str, Any]) -> SyncRun:
    """Add what a batch changed to the run, and its marks to the watermark."""
    merged = {**run.watermark, **marks}
    told = [{"what": each.what, "sentence": each.sentence} for each in tally.refused]
    save_changes(
        run,
        rows_read=run.rows_read + tally.read,
        rows_new=run.rows_new + tally.new,
        rows_changed=run.rows_changed + tally.changed,
        rows_gone=run.rows_gone + tally.gone,
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


def _merged(kind: Plugin, kept: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was entered; a secret left empty is the one that is kept."""
    filled = {
        name: value
        for name, value in entered.items()
        if name not in kind.secret_names or str(value or "").strip()
    }
    return {**kept, **filled}


def _locked(connection: Connection, by: User, permission: str) -> Connection:
    access.require(by, permission, connection)
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if connection.deleted_at is not None:
        raise Sentence(f"{connection} was deleted.")
    return connection


def _locked_run(run: SyncRun) -> SyncRun:
    return (
        SyncRun.objects.select_for_update(of=("self",))
        .select_related("connection__node")
        .get(pk=run.pk)
    )


def _free_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Sentence("A connection needs a name.")
    if Connection.objects.filter(name=name, deleted_at=None).exists():
        raise Sentence(f"There is already a connection called {name}.")
    return name


def _watermark(connection: Connection) -> dict[str, Any]:
    """Give where the last run left off, whatever became of it: marks stand for stored batches."""
    last = connection.runs.order_by("-started_at", "-pk").first()
    return dict(last.watermark) if last is not None else {}


def _plan(connection: Connection) -> None:
    """Make the schedule say what the connection says."""
    name = f"connection:{connection.pk}"
    is_active = connection.every_seconds is not None and not (
        connection.paused_at or connection.deleted_at
    )
    standing = jobs_selectors.schedule(name=name)
    if not is_active and standing is None:
        return
    jobs.schedule(
        name=name,
        title=f"Sync {connection}",
        kind=SYNC,
        payload={"connection": str(connection.pk)},
        every_seconds=connection.every_seconds or (standing.every_seconds if standing else 0),
        by=errands.principal(connection),
        node=connection.node,
        is_active=is_active,
    )
