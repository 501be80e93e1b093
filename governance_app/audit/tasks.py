"""What Celery carries for the trail: a hint that the tick sends."""

from typing import Any

from celery import shared_task

from governance_app.audit.sealing.making import seal_waiting
from governance_app.audit.sealing.proof import standing

#: What waits is sealed together once its oldest event is this old.
SEAL_AFTER_SECONDS = 25.0


@shared_task(name="governance_app.audit.tasks.seal")
def seal(**_later: Any) -> None:
    """
    Seal what waits, within a minute of its writing.

    No job row stands for it: a job's own changes are events, so each seal would make the next.
    """
    if standing().lag_seconds >= SEAL_AFTER_SECONDS:
        seal_waiting()
