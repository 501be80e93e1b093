"""Reading connections, how they stand, and their runs."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from governance_app.connectors import registry
from governance_app.connectors.base import Plugin
from governance_app.connectors.models import Connection, SyncRun
from governance_app.jobs import selectors as jobs
from governance_app.jobs.models import Job
from governance_app.people.models import User


@dataclass(frozen=True)
class Offer:
    """A kind of source in the catalogue, and the sentence that says what it lacks here."""

    name: str
    title: str
    summary: str
    brings: tuple[str, ...]
    missing: str
    is_example: bool


@dataclass(frozen=True)
class Standing:
    """
    A connection with its last run and the next one.

    ``health`` is one word: ``running``, ``waiting`` (for a worker), ``paused``, ``failing``,
    ``partial``, ``well`` or ``new``.
    """

    connection: Connection
    plugin_title: str
    health: str
    last_run: SyncRun | None
    job: Job | None
    next_at: dt.datetime | None

    @property
    def is_running(self) -> bool:
        return self.job is not None


def catalogue() -> list[Offer]:
    """Give the kinds of sources, examples last."""
    return [
        Offer(
            name=entry.plugin.name,
            title=entry.plugin.title,
            summary=entry.plugin.summary,
            brings=tuple(entry.plugin.brings),
            missing=entry.missing,
            is_example=entry.plugin.is_example,
        )
        for entry in registry.catalogue().values()
    ]


def plugin(*, name: str) -> Plugin | None:
    """Give a kind of source by name, usable or not."""
    entry = registry.catalogue().get(name)
    return entry.plugin if entry else None


def connections(*, viewer: User) -> list[Standing]:
    """Give the connections the viewer sees, by name, with how each stands."""
    return _standings(_visible(viewer).order_by("name", "pk"))


def connection(*, connection_id: uuid.UUID | str, viewer: User) -> Standing | None:
    """Give one connection, or None when it does not exist or is not the viewer's to see."""
    found = _standings(_visible(viewer).filter(pk=connection_id))
    return found[0] if found else None


def connection_by_name(*, name: str, viewer: User) -> Connection | None:
    """Give a connection by its name, or by its id."""
    found = _visible(viewer).filter(name__iexact=name).first()
    if found is None:
        try:
            found = _visible(viewer).filter(pk=uuid.UUID(name)).first()
        except ValueError:
            return None
    return found


def runs(*, connection: Connection, viewer: User) -> QuerySet[SyncRun]:
    """Give the runs of a connection, newest first."""
    return (
        SyncRun.objects.visible_to(viewer, "connection.view")
        .filter(connection=connection)
        .select_related("job", "started_by", "connection__node")
        .order_by("-started_at", "-pk")
    )


def run_of_job(*, job: Job, viewer: User) -> SyncRun | None:
    """Give the run that a job is or was, if it is one."""
    found = SyncRun.objects.visible_to(viewer, "connection.view").filter(job=job)
    return found.select_related("connection__node").first()


def _visible(viewer: User) -> QuerySet[Connection]:
    found = Connection.objects.visible_to(viewer, "connection.view").filter(deleted_at=None)
    return found.select_related("node", "spend_source")


def _standings(rows: QuerySet[Connection]) -> list[Standing]:
    newest = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-started_at", "-pk")
    listed = list(rows.annotate(last_run_id=Subquery(newest.values("pk")[:1])))
    last = SyncRun.objects.select_related("job", "started_by").in_bulk(
        [row.last_run_id for row in listed if row.last_run_id]
    )
    waiting = _jobs_under_way(listed)
    now = timezone.now()
    return [
        _standing(row, last.get(row.last_run_id), waiting.get(str(row.pk)), now) for row in listed
    ]


def _jobs_under_way(rows: Sequence[Connection]) -> dict[str, Job]:
    """Give the job of each connection that is queued or running now, whoever asked for it."""
    found = Job.objects.filter(
        state__in=Job.UNFINISHED, payload__connection__in=[str(row.pk) for row in rows]
    )
    return {job.payload["connection"]: job for job in found.order_by("-started_at", "created_at")}


def _standing(row: Connection, last: SyncRun | None, job: Job | None, now: dt.datetime) -> Standing:
    plan = jobs.schedule(name=f"connection:{row.pk}")
    return Standing(
        connection=row,
        plugin_title=_title(row.plugin),
        health=_health(row, last, job),
        last_run=last,
        job=job,
        next_at=jobs.next_turn(schedule=plan, now=now) if plan and plan.is_active else None,
    )


def _title(name: str) -> str:
    found = plugin(name=name)
    return found.title if found else name


def _health(row: Connection, last: SyncRun | None, job: Job | None) -> str:
    if job is not None:
        return "waiting" if job.state == Job.State.QUEUED else "running"
    if row.paused_at is not None:
        return "paused"
    if last is None:
        return "new"
    return {
        SyncRun.State.DONE: "well",
        SyncRun.State.PARTIAL: "partial",
        SyncRun.State.CANCELLED: "partial",
    }.get(SyncRun.State(last.state), "failing")
