"""Absorb what waits; sent after every job and write, and by the tick."""

from typing import Any

from celery import shared_task

from governance_app.audit.acting import context
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.rollups.catching_up import absorb_all

#: While a long load streams changes in, a worker is given back after so many seconds.
PATIENCE_SECONDS = 10


@shared_task(name="governance_app.rollups.tasks.absorb")
def absorb(**_later: Any) -> None:
    """Absorb until nothing waits; what a long load still adds is left to the next tick."""
    with context(via="job"):
        absorb_all(
            by=system_user("rollups"),
            clock=database_now,
            no_longer_than_seconds=PATIENCE_SECONDS,
        )
