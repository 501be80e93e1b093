"""What Celery sends here."""

from typing import Any

from celery import shared_task
from django.utils import timezone

from governance_app.notices import selectors, services
from governance_app.people.services import system_user


@shared_task(name="governance_app.notices.tasks.let_go")
def let_go(**_later: Any) -> None:
    """Every tick: send what people chose to hear now."""
    now = timezone.now()
    if selectors.is_any_due(now=now):
        services.let_go(now=now, by=system_user("jobs"))
