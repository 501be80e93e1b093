"""Hints to the workers: an id over Redis. The row is the truth, so a lost hint only costs time."""

import logging
import uuid

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

RUN = "governance_app.jobs.tasks.run"

log = logging.getLogger(__name__)


def send_after_commit(job_id: uuid.UUID) -> None:
    """Tell the workers about a job once its row is committed."""
    transaction.on_commit(lambda: send(RUN, job_id=str(job_id)))


def send(task: str, **kwargs: str) -> bool:
    """
    Send a task by name; False when the broker cannot be reached.

    Nothing is lost then: the tick finds queued jobs in the database and sends them again.
    """
    try:
        current_app.send_task(task, kwargs=kwargs, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("broker unreachable, %s waits for the tick: %s", task, error)
        return False
    return True
