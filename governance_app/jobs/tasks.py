"""What Celery carries: ids and the tick."""

from typing import Any

from celery import shared_task
from django.conf import settings

from governance_app.jobs import outbox, runner, services
from governance_app.jobs.clock import database_now
from governance_app.jobs.dispatch import RUN, send
from governance_app.jobs.models import Job, Pulse
from governance_app.people.services import system_user


@shared_task(name=RUN)
def run(*, job_id: str, **_later: Any) -> None:
    """Do one job, then let the upper layers pull what changed."""
    job = runner.run(job_id=job_id)
    if job is not None and job.is_finished:
        for task in settings.JOBS_AFTER:
            send(task)
        outbox.deliver_waiting()


@shared_task(name="governance_app.jobs.tasks.tick")
def tick(**_later: Any) -> None:
    """
    Every 30 seconds: make due work, send again what a lost broker forgot, deliver the outbox.
    """
    pulse("tick")
    by = system_user("jobs")
    for standing in settings.STANDING_SCHEDULES:
        services.schedule(**standing, by=by)
    services.run_due_schedules(by=by)
    for job_id in runner.waiting_ids():
        send(RUN, job_id=job_id)
    services.forget_answers(by=by)
    for task in [*settings.JOBS_AFTER, *settings.EVERY_TICK]:
        send(task)
    outbox.deliver_waiting()


@shared_task(name="governance_app.jobs.tasks.deliver")
def deliver(**_later: Any) -> None:
    """Deliver the outbox now."""
    outbox.deliver_waiting()


def pulse(name: str) -> None:
    """Note that a part of the system is alive."""
    Pulse.objects.update_or_create(name=name, defaults={"at": database_now()})


def run_inline(job: Job) -> Job:
    """Do a job in this process: for commands when no worker is up, and for tests."""
    finished = runner.run(job_id=job.pk)
    return finished if finished is not None else Job.objects.get(pk=job.pk)
