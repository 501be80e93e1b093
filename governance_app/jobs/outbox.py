"""Sending what waits in the outbox: at least once, in order of decision, with patience."""

import datetime as dt
import logging

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from governance_app.audit.acting import acting
from governance_app.jobs.clock import database_now
from governance_app.jobs.models import OutboxMessage
from governance_app.people.services import system_user

#: Seconds until the next try (Standard Webhooks' schedule); after the last one it has failed.
WAITS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)

log = logging.getLogger(__name__)


def deliver_waiting(limit: int = 100) -> int:
    """Send the messages that are due, each in a transaction of its own; give how many went out."""
    sent = 0
    for _ in range(limit):
        with acting(system_user("jobs")):
            message = (
                OutboxMessage.objects.select_for_update(skip_locked=True)
                .filter(sent_at=None, failed_at=None, not_before__lte=database_now())
                .order_by("not_before", "pk")
                .first()
            )
            if message is None:
                break
            sent += _deliver(message)
    connection.close_if_unusable_or_obsolete()
    return sent


def _deliver(message: OutboxMessage) -> int:
    now = database_now()
    message.attempts += 1
    message.version += 1
    try:
        channel = import_string(settings.OUTBOX_CHANNELS[message.channel])
        channel({**message.payload, "dedupe": message.dedupe})
    except Exception as error:  # noqa: BLE001 - whatever the channel meets, the message stays
        log.warning("outbox %s not sent: %s", message.dedupe, error)
        message.error = f"{type(error).__name__}: {error}"
        if message.attempts > len(WAITS):
            message.failed_at = now
        else:
            message.not_before = now + dt.timedelta(seconds=WAITS[message.attempts - 1])
        message.save()
        return 0
    message.sent_at, message.error = now, ""
    message.save()
    return 1
