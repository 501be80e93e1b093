"""Kinds of work for the tests of the queue."""

import os
import signal
import time

from governance_app.jobs.errors import Passing, Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people import services
from governance_app.people.models import ScopeNode, User


def add_unit(*, job: JobRun, by: User, name: str, parent: str) -> dict[str, object]:
    job.stage("Adding", 1)
    node = services.add_unit(name=name, parent=ScopeNode.objects.get(pk=parent), by=by)
    job.advance(1)
    job.log(f"Added {name}.")
    return {"unit": str(node.pk)}


def refuse(*, job: JobRun, by: User) -> None:
    raise Permanent("The file is not a bill.")


def busy(*, job: JobRun, by: User) -> None:
    raise Passing("The server is busy.", retry_in=60)


def crash(*, job: JobRun, by: User) -> None:
    raise ZeroDivisionError("secret detail")


def die(*, job: JobRun, by: User) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def slow(*, job: JobRun, by: User, seconds: float) -> dict[str, object]:
    job.stage("Waiting", int(seconds * 10))
    for step in range(int(seconds * 10)):
        job.advance(step)
        job.check()
        time.sleep(0.1)
    return {}


def lose_the_database(*, job: JobRun, by: User) -> None:
    """Lose every connection of this work, as when the database is killed, and go on asking."""
    from django.db import connection

    job.stage("Reading")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        raw = connection.connection
        # Not through Django: it does not notice, as it does not when a COPY breaks.
        with raw.cursor() as own:
            own.execute("SELECT pg_terminate_backend(pg_backend_pid())")
