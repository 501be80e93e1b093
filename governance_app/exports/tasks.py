"""Work of the exports."""

from typing import Any

from governance_app.exports import services
from governance_app.jobs.clock import database_now
from governance_app.jobs.errors import Passing
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.spend.selectors import LinesWaiting


def make(*, job: JobRun, by: User, export: str, **_later: Any) -> dict[str, Any]:
    """Write the file of an export and prove its totals."""
    job.stage("Writing rows")
    try:
        made = services.make(export_id=export, by=by, now=database_now(), progress=job.advance)
    except LinesWaiting as waiting:
        raise Passing(str(waiting), retry_in=60) from waiting
    return {"export": str(made.pk), "rows": made.rows, "control": made.control}


def run_schedule(*, job: JobRun, by: User, schedule: str, **_later: Any) -> dict[str, Any]:
    """Make and deliver what a schedule owes; nothing when its period was delivered."""
    job.stage("Writing rows")
    try:
        delivered = services.run_schedule(
            schedule_id=schedule, by=by, now=database_now(), progress=job.advance
        )
    except LinesWaiting as waiting:
        raise Passing(str(waiting), retry_in=60) from waiting
    if delivered is None:
        return {"delivered": None}
    return {"delivered": delivered.place, "export": str(delivered.export_id)}


def make_pack(*, job: JobRun, by: User, pack: str, **_later: Any) -> dict[str, Any]:
    """Write slides and paper of a board pack."""
    job.stage("Drawing slides and pages")
    made = services.make_files(pack_id=pack, by=by)
    return {"pack": str(made.pk)}
