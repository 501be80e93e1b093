"""Reading connections, how they stand, and their runs."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from governance_app.connectors import circuit, registry
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

    ``health`` is one word: ``running``, ``waiting`` (for a worker), ``paused``, ``trial``,
    ``resting`` (failed again and again), ``failing``, ``late`` (older than promised),
    ``partial``, ``well`` or ``new``. ``good_at`` is the end of the last run that brought all
    or most; ``rehearsal`` the newest one, while the connection is on trial.
    """

    connection: Connection
    plugin_title: str
    health: str
    last_run: SyncRun | None
    job: Job | None
    next_at: dt.datetime | None
    good_at: dt.datetime | None = None
    rests_until: dt.datetime | None = None
    rehearsal: SyncRun | None = None

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


def is_late(*, connection: Connection, good_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Tell whether what a connection brings is older than was promised; never without a promise."""
    if connection.fresh_within_seconds is None:
        return False
    since = good_at or connection.created_at
    return now - since > dt.timedelta(seconds=connection.fresh_within_seconds)


def run(*, run_id: uuid.UUID | str, viewer: User) -> SyncRun | None:
    """Give one run, or None when it does not exist or is not the viewer's to see."""
    found = SyncRun.objects.visible_to(viewer, "connection.view").filter(pk=run_id)
    return found.select_related("connection__node", "job", "started_by").first()


def run_of_job(*, job: Job, viewer: User) -> SyncRun | None:
    """Give the run that a job is or was, if it is one."""
    found = SyncRun.objects.visible_to(viewer, "connection.view").filter(job=job)
    return found.select_related("connection__node").first()


def _visible(viewer: User) -> QuerySet[Connection]:
    found = Connection.objects.visible_to(viewer, "connection.view").filter(deleted_at=None)
    return found.select_related("node", "spend_source")


def good_at() -> Subquery:
    """Give when a connection brought something last; rehearsals bring nothing."""
    good = SyncRun.objects.filter(
        connection=OuterRef("pk"), state__in=[SyncRun.State.DONE, SyncRun.State.PARTIAL]
    ).exclude(kind=SyncRun.Kind.REHEARSAL)
    return Subquery(good.order_by("-started_at", "-pk").values("finished_at")[:1])


def _standings(rows: QuerySet[Connection]) -> list[Standing]:
    own = SyncRun.objects.filter(connection=OuterRef("pk")).order_by("-started_at", "-pk")
    kept = own.exclude(kind=SyncRun.Kind.REHEARSAL)
    listed = list(
        rows.annotate(
            last_run_id=Subquery(kept.values("pk")[:1]),
            rehearsal_id=Subquery(own.filter(kind=SyncRun.Kind.REHEARSAL).values("pk")[:1]),
            good_at=good_at(),
        )
    )
    # Jobs before runs: where no job is seen, its run is seen as it ended.
    waiting = _jobs_under_way(listed)
    shown = [row.last_run_id for row in listed] + [
        row.rehearsal_id for row in listed if row.is_on_trial
    ]
    last = SyncRun.objects.select_related("job", "started_by").in_bulk(
        [run_id for run_id in shown if run_id]
    )
    now = timezone.now()
    return [_standing(row, last, waiting.get(str(row.pk)), now) for row in listed]


def _jobs_under_way(rows: Sequence[Connection]) -> dict[str, Job]:
    """Give the job of each connection that is queued or running now, whoever asked for it."""
    found = Job.objects.filter(
        state__in=Job.UNFINISHED, payload__connection__in=[str(row.pk) for row in rows]
    )
    return {job.payload["connection"]: job for job in found.order_by("-started_at", "created_at")}


def _standing(
    row: Any, runs: Mapping[uuid.UUID, SyncRun], job: Job | None, now: dt.datetime
) -> Standing:
    plan = jobs.schedule(name=f"connection:{row.pk}")
    last = runs.get(row.last_run_id)
    rests = None
    if last is not None and last.state == SyncRun.State.FAILED and row.every_seconds:
        rests = circuit.open_until(connection=row)
    return Standing(
        connection=row,
        plugin_title=_title(row.plugin),
        health=_health(row, last, job, rests, now),
        last_run=last,
        job=job,
        next_at=jobs.next_turn(schedule=plan, now=now) if plan and plan.is_active else None,
        good_at=row.good_at,
        rests_until=rests,
        rehearsal=runs.get(row.rehearsal_id) if row.is_on_trial else None,
    )


def _title(name: str) -> str:
    found = plugin(name=name)
    return found.title if found else name


def _health(
    row: Any, last: SyncRun | None, job: Job | None, rests: dt.datetime | None, now: dt.datetime
) -> str:
    if job is not None:
        return "waiting" if job.state == Job.State.QUEUED else "running"
    if row.is_on_trial:
        return "trial"
    if row.paused_at is not None:
        return "paused"
    if last is None:
        return "new"
    if last.state == SyncRun.State.FAILED:
        return "resting" if rests else "failing"
    if is_late(connection=row, good_at=row.good_at, now=now):
        return "late"
    return "well" if last.state == SyncRun.State.DONE else "partial"
