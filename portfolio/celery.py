"""The Celery application: workers run ``jobs``' tasks, beat sends one tick every 30 seconds."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init, worker_ready, worker_shutting_down

from portfolio import env, heartbeats  # noqa: F401 - heartbeats shows /healthz who lives

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portfolio.settings")

app = Celery("portfolio")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.set_default()
app.autodiscover_tasks()


@beat_init.connect
def _tick_at_once(**_: Any) -> None:
    """Begin with a tick instead of half a minute of silence."""
    app.send_task("governance_app.jobs.tasks.tick", retry=False)


@worker_init.connect
def _free_what_was_left(**_: Any) -> None:
    """Free the jobs of a worker that was killed, where this one is known to be alone."""
    if not env.flag("ONLY_WORKER", default=False):
        return
    from django.db import connections

    from governance_app.jobs.runner import requeue_orphans

    requeue_orphans()
    connections.close_all()  # the pool forks next


@worker_ready.connect
def _pick_up(**_: Any) -> None:
    """Take up what waited while no worker was there."""
    app.send_task("governance_app.jobs.tasks.tick", retry=False)


@worker_shutting_down.connect
def _abort_running_jobs(**_: Any) -> None:
    """Tell running jobs to stop at their next check; they go back into the queue."""
    from governance_app.jobs.progress import stopping

    stopping.set()


def _share_stop_flag() -> None:
    """Make the flag before the pool forks, so that its processes see it."""
    from governance_app.jobs import progress  # noqa: F401


app.on_after_finalize.connect(lambda **_: _share_stop_flag(), weak=False)
