"""Notes: what happened and no row change shows."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models

from governance_app.audit.acting import recorded


@recorded
def note(
    *,
    by: Any,
    action: str,
    sentence: str,
    subject: models.Model | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """
    Write one sentence into the ledger, in the transaction of what it tells about.

    Args:
        by: the person or system principal who acts.
        action: a short verb of the trail's vocabulary: ``sign-in``, ``refused``, ``export``.
        sentence: what happened, as an auditor reads it.
        subject: the row it is about.
        data: further facts as JSON; never a secret.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger.note(%s, %s, %s, %s, %s, %s)",
            [
                by.pk,
                action,
                subject._meta.db_table if subject is not None else "",
                str(subject.pk) if subject is not None else "",
                sentence,
                json.dumps(data or {}, cls=DjangoJSONEncoder),
            ],
        )
