"""Runs of connections: asking for one, opening and closing its row."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months, month_of
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import User

SYNC = "governance_app.connectors.tasks.sync"
EARLIEST = dt.date(2000, 1, 1)
LONGEST_BACKFILL_DAYS = 3660


@recorded
def request_sync(*, connection: Connection, by: User) -> Job:
    """
    Put a run of a connection into the queue; one that is under way already is given back.

    Raises:
        Sentence: the connection was deleted, or is on trial: its rehearsal comes first.
    """
    connection = _may_run(connection, by)
    if connection.is_on_trial:
        raise Sentence(f"{connection} is on trial: rehearse it and accept what it would bring.")
    return _receive(connection, SyncRun.Kind.SYNC, by)


@recorded
def request_rehearsal(*, connection: Connection, by: User) -> Job:
    """
    Put a rehearsal into the queue: a run that says what it would change and changes nothing.

    Raises:
        Sentence: the connection was deleted.
    """
    connection = _may_run(connection, by)
    return _receive(connection, SyncRun.Kind.REHEARSAL, by)


@recorded
def request_backfill(
    *, connection: Connection, since: dt.date, until: dt.date, by: User, now: dt.datetime
) -> Job:
    """
    Put a run into the queue that reads a range of days anew, whole months of it.

    What the marks of earlier runs say is not asked and not moved, so the next run goes on
    where the last one stopped.

    Raises:
        Sentence: the range is empty, lies ahead or is longer than ten years; on trial.
    """
    connection = _may_run(connection, by)
    if connection.is_on_trial:
        raise Sentence(f"{connection} is on trial: accept its rehearsal first.")
    if not EARLIEST <= since <= until:
        raise Sentence("The first day of a backfill comes before its last one.")
    if since > now.date():
        raise Sentence(f"{since} has not come yet.")
    if (until - since).days > LONGEST_BACKFILL_DAYS:
        raise Sentence("A backfill reads ten years at most; ask for a shorter range.")
    first = month_of(since)
    last = min(add_months(month_of(until), 1) - dt.timedelta(days=1), now.date())
    return _receive(
        connection, SyncRun.Kind.BACKFILL, by, since=first.isoformat(), until=last.isoformat()
    )


@recorded
def begin_run(
    *,
    connection: Connection,
    job: Job | None,
    by: User,
    kind: str = SyncRun.Kind.SYNC,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> SyncRun | None:
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
        kind=kind,
        since=since,
        until=until,
        started_by=by,
        started_at=now,
        watermark=_watermark(connection),
    )


@recorded
def end_run(*, run: SyncRun, state: str, by: User, error: str = "") -> SyncRun:
    """Close the row of a run, changed something or not."""
    run = locked_run(run)
    save_changes(run, state=state, finished_at=timezone.now(), error=error)
    return run


@recorded
def end_rehearsal(
    *, run: SyncRun, counts: Mapping[str, Any], findings: Mapping[str, Any], by: User
) -> SyncRun:
    """
    Close the row of a rehearsal, whose writes were all taken back.

    Args:
        counts: what the run had counted, by field.
        findings: what it would have changed, as its page shows it.
    """
    run = locked_run(run)
    state = SyncRun.State.PARTIAL if counts.get("rows_refused") else SyncRun.State.DONE
    save_changes(
        run, state=state, finished_at=timezone.now(), error="", findings=dict(findings), **counts
    )
    return run


def locked_run(run: SyncRun) -> SyncRun:
    """Give the row of a run as it is now, locked."""
    return (
        SyncRun.objects.select_for_update(of=("self",))
        .select_related("connection__node")
        .get(pk=run.pk)
    )


def _may_run(connection: Connection, by: User) -> Connection:
    """Give the connection as it is now, when this person may run it."""
    access.require(by, "connection.run", connection)
    connection = Connection.objects.select_related("node").get(pk=connection.pk)
    if connection.deleted_at is not None:
        raise Sentence(f"{connection} was deleted.")
    return connection


def _receive(connection: Connection, kind: str, by: User, **range_asked: str) -> Job:
    titles = {
        SyncRun.Kind.SYNC: f"Sync {connection}",
        SyncRun.Kind.REHEARSAL: f"Rehearse {connection}",
        SyncRun.Kind.BACKFILL: f"Backfill {connection}",
    }
    payload = {"connection": str(connection.pk), **range_asked}
    if kind != SyncRun.Kind.SYNC:
        payload["kind"] = str(kind)
    return jobs.receive(
        kind=SYNC,
        title=titles[SyncRun.Kind(kind)],
        payload=payload,
        by=by,
        key=":".join([str(kind), str(connection.pk), *range_asked.values()]),
        node=connection.node,
    )


def _watermark(connection: Connection) -> dict[str, Any]:
    """Give where the last run left off, whatever became of it: marks stand for stored batches."""
    last = (
        connection.runs.exclude(kind=SyncRun.Kind.REHEARSAL).order_by("-started_at", "-pk").first()
    )
    return dict(last.watermark) if last is not None else {}
