"""The kinds of job of compliance."""

from typing import Any

from governance_app.compliance import services
from governance_app.jobs.clock import database_now
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def load_libraries(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Take in the frameworks that come with this version."""
    job.stage("Loading frameworks")
    return {"loaded": [row.key for row in services.load_shipped(by=by)]}


def age(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Let evidence run out."""
    job.stage("Looking for evidence that ran out")
    return {"initiatives": services.age_standings(on=database_now().date(), by=by)}
