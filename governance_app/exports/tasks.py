"""Work of the exports."""

from typing import Any

from governance_app.exports import services
from governance_app.jobs.clock import database_now
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def make(*, job: JobRun, by: User, export: str, **_later: Any) -> dict[str, Any]:
    """Write the file of an export and prove its totals."""
    job.stage("Writing rows")
    made = services.make(export_id=export, by=by, now=database_now(), progress=job.advance)
    return {"export": str(made.pk), "rows": made.rows, "control": made.control}
