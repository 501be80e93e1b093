"""Telling people: e-mail leaves through the outbox, after the transaction that decided it."""

from typing import Any

from governance_app.audit.acting import recorded
from governance_app.jobs import services as jobs
from governance_app.jobs.models import OutboxMessage
from governance_app.people.models import User


@recorded
def send_mail(
    *, to: list[str], template: str, context: dict[str, Any], dedupe: str, by: User
) -> OutboxMessage:
    """
    Decide to send a message; it is sent once for each ``dedupe``.

    Args:
        to: addresses.
        template: ``templates/emails/<template>.txt``; its first line is the subject.
        context: values for the template, as JSON.
    """
    return jobs.put_in_outbox(
        channel="email",
        dedupe=dedupe,
        payload={"to": to, "template": template, "context": context},
        by=by,
    )
