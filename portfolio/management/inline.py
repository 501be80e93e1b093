"""Work that a command leaves behind, done at once when no worker would do it."""

import datetime as dt
from collections.abc import Collection

from governance_app.jobs import selectors
from governance_app.jobs.clock import database_now
from governance_app.jobs.tasks import run_inline
from governance_app.people.services import system_user

#: The tick comes every 30 seconds; two missed ones mean that no worker is up.
SILENT_SECONDS = 75


def is_worker_up() -> bool:
    """Tell whether a worker was seen alive lately."""
    seen = selectors.pulses().get("tick")
    return seen is not None and database_now() - seen < dt.timedelta(seconds=SILENT_SECONDS)


def finish_waiting(*, kinds: Collection[str]) -> int:
    """
    Do the queued jobs of some kinds in this process, unless a worker is up to do them.

    Returns:
        How many were done here.
    """
    if is_worker_up():
        return 0
    waiting = selectors.jobs(viewer=system_user("jobs"), states=["queued"]).filter(kind__in=kinds)
    done = 0
    for job in waiting.order_by("created_at", "pk"):
        run_inline(job)
        done += 1
    return done
