"""What a running job says about itself, on a connection of its own."""

import datetime as dt
import logging
import multiprocessing
import threading
import time
from types import TracebackType
from typing import Any, Self

from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from governance_app.jobs.errors import Aborted, Cancelled
from governance_app.jobs.models import Job

LEASE_SECONDS = 30
BEAT_SECONDS = 5
WRITE_EVERY_SECONDS = 0.4
KEEP_LOG_LINES = 200
GRACE_SECONDS = 3

log = logging.getLogger(__name__)

#: Set in the worker's main process when it is told to stop; its forks see it.
stopping = multiprocessing.Event()


class JobRun:
    """
    Handed to the function that does a job's work.

    Inside ``with JobRun(...)`` a thread keeps the lease alive. When the worker is told to
    stop, or a person cancels, the next :meth:`check` raises; should the work sit in one
    long statement, the statement is cancelled after a short grace.
    """

    def __init__(self, job: Job, worker: str) -> None:
        self.job, self.worker = job, worker
        self._own = _second_connection()
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._cancelled = False
        self._lost = False
        self._written = 0.0
        self._rows = 0
        self._total: int | None = None
        self._work: BaseDatabaseWrapper = connection  # type: ignore[assignment]
        self._raw = None
        self._beat = threading.Thread(target=self._keep_lease, daemon=True)

    def __enter__(self) -> Self:
        self._work.ensure_connection()
        self._raw = self._work.connection
        self._beat.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # First of all the lease: kept alive by mistake, it would keep every worker off the job.
        self._done.set()
        self._beat.join(timeout=BEAT_SECONDS)
        try:
            self._flush()
        except DatabaseError as lost:
            log.warning("job %s: its last counts were not written: %s", self.job.pk, lost)
        finally:
            with self._lock:
                self._own.close()

    def stage(self, name: str, total: int | None = None) -> None:
        """Begin a stage; counts start again."""
        self.check()
        self._rows, self._total = 0, total
        self._write(
            "stage = %s, stage_at = clock_timestamp(), rows = 0, total = %s", [name[:100], total]
        )

    def advance(self, rows: int, total: int | None = None) -> None:
        """
        Say how many rows of the present stage are done in all.

        Args:
            rows: rows done since the stage began, not since the last call.
            total: rows the stage has, once known.
        """
        self._rows, self._total = rows, total if total is not None else self._total
        if time.monotonic() - self._written >= WRITE_EVERY_SECONDS:
            self._flush()
            self.check()

    def log(self, sentence: str) -> None:
        """Add a line to the job's log, which people read."""
        line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "text": sentence}
        import json

        self._write(
            "log = CASE WHEN jsonb_array_length(log) >= %s THEN log - 0 ELSE log END || %s::jsonb",
            [KEEP_LOG_LINES, json.dumps([line])],
        )

    def check(self) -> None:
        """
        Stop here if somebody asked for it.

        Raises:
            Cancelled: a person cancelled the job.
            Aborted: the worker is stopping, or another worker took the job over.
        """
        if self._cancelled:
            raise Cancelled
        if stopping.is_set() or self._lost:
            raise Aborted

    @property
    def is_to_stop(self) -> bool:
        return self._cancelled or self._lost or stopping.is_set()

    def _flush(self) -> None:
        self._write("rows = %s, total = %s", [self._rows, self._total])
        self._written = time.monotonic()

    def _write(self, assignments: str, values: list[Any]) -> None:
        with self._lock, self._own.cursor() as cursor:
            cursor.execute(
                f"UPDATE jobs_progress SET {assignments} WHERE job_id = %s",  # noqa: S608
                [*values, self.job.pk],
            )

    def _keep_lease(self) -> None:
        asked_at: float | None = None
        while not self._done.wait(0.25 if asked_at else 0.5):
            if stopping.is_set() and asked_at is None:
                asked_at = time.monotonic()
            if asked_at and time.monotonic() - asked_at > GRACE_SECONDS:
                self._interrupt()
            if time.monotonic() - self._last_beat >= BEAT_SECONDS:
                self._renew()
                if (self._cancelled or self._lost) and asked_at is None:
                    asked_at = time.monotonic()

    _last_beat = 0.0

    def _renew(self) -> None:
        self._last_beat = time.monotonic()
        try:
            with self._lock, self._own.cursor() as cursor:
                cursor.execute(
                    "UPDATE jobs_progress SET lease_until = clock_timestamp() + %s * interval '1 s'"
                    " WHERE job_id = %s AND worker = %s RETURNING is_cancel_requested",
                    [LEASE_SECONDS, self.job.pk, self.worker],
                )
                row = cursor.fetchone()
        except DatabaseError:  # it is away: the work itself will meet that and say so
            with self._lock:
                self._own.close()
            return
        if row is None:
            self._lost = self.worker != ""
        elif row[0]:
            self._cancelled = True

    def _interrupt(self) -> None:
        if self._raw is not None and not self._raw.closed:
            self._raw.cancel()


def _second_connection() -> BaseDatabaseWrapper:
    own = connections.create_connection("default")
    own.inc_thread_sharing()
    return own
