"""The kind of job that lets evidence and reviews age."""

from typing import Any

from governance_app.jobs.clock import database_now
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.risk import services


def score_again(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Score every open risk as of today; only what changed adds a score."""
    job.stage("Scoring")
    return {"scores": services.score_all(on=database_now().date(), by=by)}
