"""What Celery sends here, and what comes round."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from governance_app.jobs.clock import database_now
from governance_app.jobs.progress import JobRun
from governance_app.notices import selectors, services
from governance_app.people.models import User
from governance_app.people.services import system_user


@shared_task(name="governance_app.notices.tasks.let_go")
def let_go(**_later: Any) -> None:
    """Every tick: tell what happened, then send what people chose to hear now."""
    now, by = timezone.now(), system_user("jobs")
    services.tell_news(now=now, by=by)
    if selectors.is_any_due(now=now):
        services.let_go(now=now, by=by)


def go_round(*, job: JobRun, by: User, **_later: Any) -> dict[str, Any]:
    """Remind of what is due, escalate what is late, tell what changed in watched views."""
    now = database_now()
    job.stage("Reminders")
    reminded = services.remind(on=timezone.localdate(now), now=now, by=by, progress=job.advance)
    job.stage("Saved views")
    told = services.look_at_views(now=now, by=by, progress=job.advance)
    return {
        "reminders": reminded.reminders, "escalations": reminded.escalations, "views": told,
    }  # fmt: skip
