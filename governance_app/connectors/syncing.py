"""One run of a connection: the plug-in yields batches, services store each by itself."""

import contextlib
from typing import Any

from governance_app.connectors import deliveries, errands, registry, services
from governance_app.connectors.ahead import reading_ahead
from governance_app.connectors.base import Batch, PassingError, SourceError
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.records import ModelRecord, ModelVersionRecord
from governance_app.jobs.errors import Aborted, Cancelled, Passing, Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User

OUR_FAULT = "Something went wrong on our side; the job's log entry has the details."


def sync(*, connection: Connection, job: JobRun, by: User) -> dict[str, Any]:
    """
    Run a connection once.

    Each batch is stored in a transaction of its own, with the marks that say so: what breaks
    off keeps what it has finished, and the next run goes on from there. What is stored acts as
    the connection's own principal; the run says who asked for it.

    Returns:
        The counts of the run.

    Raises:
        Passing, Permanent: the source could not be read, as the plug-in judged.
    """
    run = services.begin_run(connection=connection, job=job.job, by=by)
    if run is None:
        return {"sentence": f"{connection} is being run by another job."}
    course = _Course(run, job, errands.principal(connection))
    try:
        pull = registry.plugin(connection.plugin).pull(errands.errand_of(run=run))
        with contextlib.closing(reading_ahead(pull)) as batches:
            for batch in batches:
                course.take(batch)
    except SourceError as error:
        course.end(SyncRun.State.FAILED, str(error))
        if isinstance(error, PassingError):
            raise Passing(str(error), retry_in=error.retry_in) from error
        raise Permanent(str(error)) from error
    except Cancelled:
        course.end(SyncRun.State.CANCELLED, "Cancelled; what was stored before stays.")
        raise
    except Aborted:  # the worker stops: the same job goes on with this run
        raise
    except Exception:
        course.end(SyncRun.State.FAILED, OUR_FAULT)
        raise
    ended = course.end(SyncRun.State.PARTIAL if course.run.rows_refused else SyncRun.State.DONE)
    job.log(_sentence(ended))
    return {
        "read": ended.rows_read,
        "new": ended.rows_new,
        "changed": ended.rows_changed,
        "gone": ended.rows_gone,
        "refused": ended.rows_refused,
    }


class _Course:
    """What a run remembers from batch to batch: where it is, and what listings have shown."""

    def __init__(self, run: SyncRun, job: JobRun, actor: User) -> None:
        self.run, self._job, self._actor = run, job, actor
        self._stage, self._done = "", 0
        self._models: set[str] = set()
        self._versions: set[tuple[str, str]] = set()

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
                delivery=delivery, marks=batch.marks, run=self.run, job=self._job, by=self._actor
            )
        if not batch.deliveries:
            self.run = services.store_records(run=self.run, batch=batch, by=self._actor)
            self._done += len(batch.records)
            self._job.advance(self._done, batch.total)
        self._settle(batch)

    def end(self, state: str, error: str = "") -> SyncRun:
        """Close the run's row."""
        return services.end_run(run=self.run, state=state, error=error, by=self._actor)

    def _settle(self, batch: Batch) -> None:
        for record in batch.records:
            if isinstance(record, ModelRecord):
                self._models.add(record.name)
            elif isinstance(record, ModelVersionRecord):
                self._versions.add((record.model_name, record.version))
        if batch.complete:
            self.run = services.settle_listing(
                run=self.run,
                models=self._models if ModelRecord in batch.complete else None,
                versions=self._versions if ModelVersionRecord in batch.complete else None,
                by=self._actor,
            )


def _sentence(run: SyncRun) -> str:
    """Say what a run did."""
    if run.has_changed_nothing and not run.rows_refused:
        return f"Read {run.rows_read}; nothing has changed."
    return (
        f"Read {run.rows_read}: {run.rows_new} new, {run.rows_changed} changed,"
        f" {run.rows_gone} gone, {run.rows_refused} refused."
    )
