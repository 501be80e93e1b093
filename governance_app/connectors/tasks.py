"""The kinds of jobs of connections: runs, and forgetting what was kept long enough."""

import datetime as dt
from typing import Any

from django.utils import timezone

from governance_app.connectors import services, syncing
from governance_app.connectors.models import Connection, SyncRun
from governance_app.jobs.errors import Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def sync(
    *,
    job: JobRun,
    by: User,
    connection: str,
    kind: str = SyncRun.Kind.SYNC,
    since: str = "",
    until: str = "",
    **_later: Any,
) -> dict[str, Any]:
    """Run, rehearse or backfill one connection; a deleted one ends the job with a sentence."""
    found = Connection.objects.select_related("node").get(pk=connection)
    if found.deleted_at is not None:
        raise Permanent(f"{found} was deleted.")
    return syncing.sync(
        connection=found,
        job=job,
        by=by,
        kind=kind,
        since=dt.date.fromisoformat(since) if since else None,
        until=dt.date.fromisoformat(until) if until else None,
    )


def forget(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Forget inbound events and counters whose time is over."""
    return {"forgotten": services.forget_inbound(by=by, now=timezone.now())}
