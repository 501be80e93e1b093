"""Reading the queue."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from governance_app.jobs.models import Job, Progress, Pulse, Schedule
from governance_app.people.models import User


def jobs(*, viewer: User, states: list[str] | None = None) -> QuerySet[Job]:
    """
    Give the jobs the viewer asked for or sees by their place in the tree, newest first.

    Jobs of the whole organisation (no node) are seen by those who hold ``connection.view``
    there.
    """
    placed = Job.objects.visible_to(viewer, "connection.view").values("pk")
    everywhere = Q(node=None) if _sees_organisation(viewer) else Q(pk=None)
    found = Job.objects.filter(Q(by=viewer) | Q(pk__in=placed) | everywhere)
    if states:
        found = found.filter(state__in=states)
    return found.select_related("by", "node", "progress").order_by("-created_at", "-pk")


#: What the page of jobs may be narrowed to.
PARTS = ("people", "all", "upkeep")


def of_part(*, found: QuerySet[Job], part: str) -> QuerySet[Job]:
    """
    Narrow jobs to what people started, or to upkeep: what follows other work by itself.

    Upkeep that failed or was put aside needs somebody, so it stands among what people started.

    Args:
        part: one of ``PARTS``.
    """
    upkeep = Q(by__kind=User.Kind.SYSTEM) | Q(kind__in=settings.JOBS_UPKEEP)
    if part == "upkeep":
        return found.filter(upkeep)
    if part == "people":
        return found.filter(~upkeep | Q(state__in=[Job.State.FAILED, Job.State.QUARANTINED]))
    return found


def job(*, viewer: User, job_id: uuid.UUID | str) -> Job | None:
    """Give one job, or None when it does not exist or is not the viewer's to see."""
    return jobs(viewer=viewer).filter(pk=job_id).first()


@dataclass(frozen=True)
class Standing:
    """How far a job is: counts, rate in rows per second, and seconds left when they can be told."""

    state: str
    stage: str
    rows: int
    total: int | None
    ratio: float | None
    rate: float | None
    eta_seconds: float | None
    log: list[dict[str, Any]]
    is_finished: bool


def standing(*, job: Job, now: dt.datetime) -> Standing:
    """Work out how far a job is at a moment."""
    progress = Progress.objects.filter(job=job).first()
    if progress is None:
        return Standing(job.state, "", 0, None, None, None, None, [], job.is_finished)
    elapsed = (now - progress.stage_at).total_seconds() if progress.stage_at else 0.0
    rate = progress.rows / elapsed if elapsed > 0 and progress.rows else None
    left = progress.total - progress.rows if progress.total is not None else None
    return Standing(
        state=job.state,
        stage=progress.stage,
        rows=progress.rows,
        total=progress.total,
        ratio=min(1.0, progress.rows / progress.total) if progress.total else None,
        rate=rate,
        eta_seconds=left / rate if rate and left is not None and not job.is_finished else None,
        log=progress.log,
        is_finished=job.is_finished,
    )


def pulses() -> dict[str, dt.datetime]:
    """Give when each part of the running system was last seen."""
    return dict(Pulse.objects.values_list("name", "at"))


def schedule(*, name: str) -> Schedule | None:
    """Give a schedule by name."""
    return Schedule.objects.filter(name=name).first()


def next_turn(*, schedule: Schedule, now: dt.datetime) -> dt.datetime:
    """Give when a schedule is due next."""
    every = dt.timedelta(seconds=schedule.every_seconds)
    return schedule.anchor_at + ((now - schedule.anchor_at) // every + 1) * every


def _sees_organisation(viewer: User) -> bool:
    from governance_app.people import access

    return bool(access.can(viewer, "connection.view"))
