"""Claim a job, do it, say how it ended. Whether it is tried again is decided here alone."""

import logging
import os
import secrets
import socket
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils.module_loading import import_string

from governance_app.audit.acting import acting, context
from governance_app.domain.errors import Sentence
from governance_app.jobs.errors import Aborted, Cancelled, Passing, Permanent
from governance_app.jobs.models import Job
from governance_app.jobs.progress import LEASE_SECONDS, JobRun
from governance_app.people.services import system_user

BACKOFF_SECONDS = (5, 30, 120, 600, 1800)
#: After the database was lost: it is back already when this can be written down, so waiting
#: longer and longer for it would only keep people waiting.
DATABASE_BACKOFF_SECONDS = (5, 10, 20, 60, 120)

#: How a lost database says so, through Django or, from within a COPY, by itself.
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

log = logging.getLogger(__name__)


def run(*, job_id: uuid.UUID | str) -> Job | None:
    """
    Do one job if it is free to be done; None when somebody else has it or it has ended.

    The work commits by itself; marking the job done comes after. A worker killed in
    between leads to a second run, so every kind must change nothing the second time.
    """
    worker = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    job = _claim(job_id, worker)
    if job is None or job.state == Job.State.QUARANTINED:
        return job
    with context(job_id=str(job.pk), via="job"), JobRun(job, worker) as job_run:
        ending = _do(job, job_run)
    return _finish(job, worker, **ending)


def _claim(job_id: uuid.UUID | str, worker: str) -> Job | None:
    """Take a job with a lease; count the attempt before the work, so that poison is bounded."""
    with acting(system_user("jobs")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id FROM jobs_job j JOIN jobs_progress p ON p.job_id = j.id"
            " WHERE j.id = %s AND ("
            "  j.state = 'queued' AND j.not_before <= clock_timestamp()"
            "  OR j.state = 'running' AND p.lease_until < clock_timestamp())"
            " FOR UPDATE OF j SKIP LOCKED",
            [str(job_id)],
        )
        if cursor.fetchone() is None:
            return None
        job = Job.objects.select_related("by").get(pk=job_id)
        job.version += 1
        if job.attempts >= job.max_attempts:
            job.state = Job.State.QUARANTINED
            job.error = (
                f"Put aside after {job.attempts} attempts: its worker died each time. "
                "Try it again once the cause is mended."
            )
            job.finished_at = _now(cursor)
        else:
            job.state, job.attempts, job.started_at = (
                Job.State.RUNNING,
                job.attempts + 1,
                _now(cursor),
            )
        job.save()
        cursor.execute(
            "UPDATE jobs_progress SET worker = %s, stage = '', rows = 0, total = NULL,"
            " lease_until = clock_timestamp() + %s * interval '1 s' WHERE job_id = %s",
            [worker, LEASE_SECONDS, str(job_id)],
        )
        return job


def _do(job: Job, job_run: JobRun) -> dict[str, Any]:
    """Call the kind's function and turn what comes out into the job's ending."""
    try:
        work: Callable[..., dict[str, Any] | None] = import_string(job.kind)
        return {
            "state": Job.State.DONE,
            "result": work(job=job_run, by=job.by, **job.payload) or {},
        }
    except Cancelled:
        return {"state": Job.State.CANCELLED, "error": "Cancelled; nothing was changed."}
    except Aborted:
        return {"state": Job.State.QUEUED, "attempts": job.attempts - 1}
    except Permanent as error:
        return {"state": Job.State.FAILED, "error": str(error)}
    except Passing as error:
        return _again(job, str(error), error.retry_in)
    except Sentence as error:
        where = f"{error.where}: " if error.where else ""
        return {"state": Job.State.FAILED, "error": f"{where}{error}"}
    except LOST as error:
        if job_run.is_to_stop:  # the long statement was interrupted on request
            return {"state": Job.State.QUEUED, "attempts": job.attempts - 1}
        log.warning("job %s lost the database: %s", job.pk, error)
        wait = DATABASE_BACKOFF_SECONDS[min(job.attempts, len(DATABASE_BACKOFF_SECONDS)) - 1]
        return _again(job, "The database could not be reached.", wait)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("job %s (%s) failed, reference %s", job.pk, job.kind, reference)
        sentence = f"Something went wrong on our side; the log has it under {reference}."
        return {"state": Job.State.FAILED, "error": sentence, "reference": reference}


def _again(job: Job, sentence: str, retry_in: float | None) -> dict[str, Any]:
    if job.attempts >= job.max_attempts:
        return {
            "state": Job.State.FAILED,
            "error": f"{sentence} Given up after {job.attempts} tries.",
        }
    wait = retry_in or BACKOFF_SECONDS[min(job.attempts, len(BACKOFF_SECONDS)) - 1]
    return {"state": Job.State.QUEUED, "error": sentence, "wait": wait * (0.8 + 0.4 * _chance())}


def _finish(job: Job, worker: str, *, wait: float = 0, **ending: Any) -> Job:
    """Write the ending, unless another worker took the job over meanwhile."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()  # the work may have lost it without Django having noticed
    with acting(system_user("jobs")), connection.cursor() as cursor:
        cursor.execute("SELECT worker FROM jobs_progress WHERE job_id = %s", [job.pk])
        held_by = cursor.fetchone()
        job = Job.objects.select_for_update().get(pk=job.pk)
        if held_by is None or held_by[0] != worker:
            return job
        for name, value in ending.items():
            setattr(job, name, value)
        job.version += 1
        if job.state == Job.State.QUEUED:
            cursor.execute("SELECT clock_timestamp() + %s * interval '1 s'", [wait])
            job.not_before = cursor.fetchone()[0]
        else:
            job.finished_at = _now(cursor)
            if job.state == Job.State.DONE:
                job.error = ""
        job.save()
        cursor.execute(
            "UPDATE jobs_progress SET lease_until = NULL, worker = '' WHERE job_id = %s", [job.pk]
        )
    return job


def requeue_orphans() -> int:
    """
    Free every running job at once: called when it is certain that no worker lives.

    Returns:
        How many jobs were freed.
    """
    with acting(system_user("jobs")), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_progress p SET lease_until = clock_timestamp() - interval '1 s'"
            " FROM jobs_job j WHERE j.id = p.job_id AND j.state = 'running'"
        )
        return cursor.rowcount


def waiting_ids() -> list[str]:
    """Give the jobs that could run now: queued and due, or held by a worker that went silent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.id FROM jobs_job j JOIN jobs_progress p ON p.job_id = j.id"
            " WHERE j.state = 'queued' AND j.not_before <= clock_timestamp()"
            "  OR j.state = 'running' AND p.lease_until < clock_timestamp()"
            " ORDER BY j.not_before LIMIT 1000"
        )
        return [str(row[0]) for row in cursor.fetchall()]


def _now(cursor: Any) -> Any:
    cursor.execute("SELECT clock_timestamp()")
    return cursor.fetchone()[0]


def _chance() -> float:
    return secrets.randbelow(1000) / 1000
