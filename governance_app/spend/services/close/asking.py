"""The steps of the close that go through all books of a month: asked for here, done as jobs."""

from datetime import date

from governance_app.audit.acting import recorded
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people.models import User
from governance_app.spend.services.close.closing import check_approver, check_closer

APPROVE = "governance_app.spend.tasks.approve_month"
CLOSE = "governance_app.spend.tasks.close_month"


@recorded
def ask_approval(*, month: date, by: User) -> Job:
    """
    Send the approval of a soft closed month; asked again meanwhile it is the same job.

    Raises:
        Sentence: the month is not soft closed, or the approver prepared it.
    """
    check_approver(month=month, by=by)
    return _send(APPROVE, f"Approve {month:%B %Y}", month, by)


@recorded
def ask_closing(*, month: date, by: User) -> Job:
    """
    Send the closing of an approved month; asked again meanwhile it is the same job.

    Raises:
        Sentence: the month is not approved.
    """
    check_closer(month=month, by=by)
    return _send(CLOSE, f"Close {month:%B %Y}", month, by)


def _send(kind: str, title: str, month: date, by: User) -> Job:
    return jobs.receive(
        kind=kind, title=title, payload={"month": month.isoformat()}, by=by,
        key=f"{kind}:{month:%Y-%m}",
    )  # fmt: skip
