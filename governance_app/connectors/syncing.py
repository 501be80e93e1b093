"""One run of a connection: the plug-in yields batches, services store each by itself."""

import contextlib
import datetime as dt
from typing import Any

from django.db import transaction

from governance_app.connectors import circuit, deliveries, errands, registry, rehearsing, services
from governance_app.connectors.ahead import reading_ahead
from governance_app.connectors.base import Batch, PassingError, SourceError
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.records import ModelRecord, ModelVersionRecord, WorkItemRecord
from governance_app.jobs.errors import Aborted, Cancelled, Passing, Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User

#: What a run counts.
COUNTED = (
    "rows_read", "rows_new", "rows_changed", "rows_gone", "rows_waiting", "rows_refused",
    "refusals",
)  # fmt: skip
OUR_FAULT = "Something went wrong on our side; the job's log entry has the details."


def sync(
    *,
    connection: Connection,
    job: JobRun,
    by: User,
    kind: str = SyncRun.Kind.SYNC,
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> dict[str, Any]:
    """
    Run a connection once, rehearse it, or read a range of days anew.

    Each batch is stored in a transaction of its own, with the marks that say so: what breaks
    off keeps what it has finished, and the next run goes on from there. A rehearsal does the
    same within one transaction, writes down what it found, and takes everything back. What is
    stored acts as the connection's own principal; the run says who asked for it.

    Returns:
        The counts of the run.

    Raises:
        Passing, Permanent: the source could not be read, as the plug-in judged.
    """
    actor = errands.principal(connection)
    if by == actor and (waits := circuit.open_until(connection=connection)) is not None:
        rests = f"it is left alone until {waits:%H:%M} UTC"
        return {"sentence": f"{connection} failed again and again; {rests}."}
    run = services.begin_run(
        connection=connection, job=job.job, by=by, kind=kind, since=since, until=until
    )
    if run is None:
        if kind != SyncRun.Kind.SYNC:
            raise Passing(f"{connection} is being run by another job.", retry_in=30)
        return {"sentence": f"{connection} is being run by another job."}
    course = _Course(run, job, actor)
    try:
        if kind == SyncRun.Kind.REHEARSAL:
            _rehearse(course, job)
        else:
            _pull(course)
    except SourceError as error:
        course.end(SyncRun.State.FAILED, str(error))
        if isinstance(error, PassingError):
            raise Passing(str(error), retry_in=error.retry_in) from error
        raise Permanent(str(error)) from error
    except Cancelled:
        kept = "" if kind == SyncRun.Kind.REHEARSAL else " what was stored before stays."
        course.end(SyncRun.State.CANCELLED, f"Cancelled;{kept}" if kept else "Cancelled.")
        raise
    except Aborted:  # the worker stops: the same job goes on with this run
        raise
    except Exception:
        course.end(SyncRun.State.FAILED, OUR_FAULT)
        raise
    ended = course.run
    if kind != SyncRun.Kind.REHEARSAL:
        ended = course.end(SyncRun.State.PARTIAL if ended.rows_refused else SyncRun.State.DONE)
    job.log(_sentence(ended))
    return {
        "read": ended.rows_read,
        "new": ended.rows_new,
        "changed": ended.rows_changed,
        "gone": ended.rows_gone,
        "waiting": ended.rows_waiting,
        "refused": ended.rows_refused,
    }


def _pull(course: "_Course") -> None:
    """Read the source and store what it yields."""
    pull = registry.plugin(course.run.connection.plugin).pull(errands.errand_of(run=course.run))
    with contextlib.closing(reading_ahead(pull)) as batches:
        for batch in batches:
            course.take(batch)


def _rehearse(course: "_Course", job: JobRun) -> None:
    """Do all of a run, write down what it changed, and take it back."""
    run, after = course.run, rehearsing.last_event()
    with transaction.atomic():
        _pull(course)
        job.stage("Comparing")
        found = rehearsing.findings(run=course.run, after=after)
        counts = {name: getattr(course.run, name) for name in COUNTED}
        transaction.set_rollback(True)
    course.run = services.end_rehearsal(run=run, counts=counts, findings=found, by=course.actor)


class _Course:
    """What a run remembers from batch to batch: where it is, and what listings have shown."""

    def __init__(self, run: SyncRun, job: JobRun, actor: User) -> None:
        self.run, self._job, self.actor = run, job, actor
        self._stage, self._done = "", 0
        self._models: set[str] = set()
        self._versions: set[tuple[str, str]] = set()
        self._items: set[str] = set()

    def take(self, batch: Batch) -> None:
        """Store a batch and say so."""
        if batch.stage != self._stage:
            self._stage, self._done = batch.stage, 0
            self._job.stage(batch.stage, total=batch.total)
        self._job.check()
        for remark in batch.remarks:
            self._job.log(remark)
        for refusal in batch.refused:
            self._job.log(f"{refusal.what}: {refusal.sentence}")
        for delivery in batch.deliveries:
            self.run = deliveries.take(
                delivery=delivery, marks=batch.marks, run=self.run, job=self._job, by=self.actor
            )
        if not batch.deliveries:
            self.run = services.store_records(run=self.run, batch=batch, by=self.actor)
            self._done += len(batch.records)
            self._job.advance(self._done, batch.total)
        self._settle(batch)

    def end(self, state: str, error: str = "") -> SyncRun:
        """Close the run's row."""
        return services.end_run(run=self.run, state=state, error=error, by=self.actor)

    def _settle(self, batch: Batch) -> None:
        for record in batch.records:
            if isinstance(record, ModelRecord):
                self._models.add(record.name)
            elif isinstance(record, ModelVersionRecord):
                self._versions.add((record.model_name, record.version))
            elif isinstance(record, WorkItemRecord):
                self._items.add(record.key)
        if batch.complete:
            self.run = services.settle_listing(
                run=self.run,
                models=self._models if ModelRecord in batch.complete else None,
                versions=self._versions if ModelVersionRecord in batch.complete else None,
                items=self._items if WorkItemRecord in batch.complete else None,
                by=self.actor,
            )


def _sentence(run: SyncRun) -> str:
    """Say what a run did, or what a rehearsal would have done."""
    is_rehearsal = run.kind == SyncRun.Kind.REHEARSAL
    if run.has_changed_nothing and not (run.rows_refused or run.rows_waiting):
        return f"Read {run.rows_read}; nothing {'would change' if is_rehearsal else 'has changed'}."
    told = (
        f"Read {run.rows_read}: {run.rows_new} new, {run.rows_changed} changed,"
        f" {run.rows_gone} gone, {run.rows_waiting} waiting, {run.rows_refused} refused."
    )
    return f"{told} Nothing was kept." if is_rehearsal else told
