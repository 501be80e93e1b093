"""Absorb what waits; sent after every job and write, and by the tick."""

from typing import Any

from celery import shared_task

from governance_app.audit.acting import context
from governance_app.audit.models import Change
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.rollups import services


@shared_task(name="governance_app.rollups.tasks.absorb")
def absorb(**_later: Any) -> None:
    """
    Absorb until nothing waits.

    Who finds another pass at work leaves: that one looks once more after it has committed, so
    a change that arrived meanwhile is not left lying.
    """
    by = system_user("rollups")
    with context(via="job"):
        while True:
            done = services.absorb(by=by, now=database_now())
            if done.is_busy or not Change.objects.exists():
                return
