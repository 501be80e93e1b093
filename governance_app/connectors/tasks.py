"""The kind of job that runs a connection."""

from typing import Any

from governance_app.connectors import syncing
from governance_app.connectors.models import Connection
from governance_app.jobs.errors import Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def sync(*, job: JobRun, by: User, connection: str, **_later: Any) -> dict[str, Any]:
    """Run one connection; a deleted one ends the job with a sentence."""
    found = Connection.objects.select_related("node").get(pk=connection)
    if found.deleted_at is not None:
        raise Permanent(f"{found} was deleted.")
    return syncing.sync(connection=found, job=job, by=by)
