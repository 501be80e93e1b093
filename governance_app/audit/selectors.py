"""Reading the trail. Who may read it is decided above: ``audit`` knows actors by id only."""

import datetime as dt
import uuid
from typing import Any

from django.db import models

from governance_app.audit.models import Event


def events(
    *,
    row: uuid.UUID | None = None,
    rows: list[uuid.UUID] | None = None,
    actor: uuid.UUID | None = None,
    table: str = "",
    op: str = "",
    job: str = "",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> models.QuerySet[Event]:
    """
    Give ledger events, newest first.

    Callers check the permission ``trail.view``, or pass the rows their viewer may see.
    """
    found = Event.objects.order_by("-id")
    if row is not None:
        found = found.filter(row=str(row))
    if rows is not None:
        found = found.filter(row__in=[str(each) for each in rows])
    if actor is not None:
        found = found.filter(actor=actor)
    if table:
        found = found.filter(table=table)
    if op:
        found = found.filter(op=op)
    if job:
        found = found.filter(job=job)
    if since is not None:
        found = found.filter(at__gte=since)
    if until is not None:
        found = found.filter(at__lt=until)
    return found


def unknown_writes() -> int:
    """Count events written outside any service: each is an alarm (``doctor`` shows it)."""
    return Event.objects.filter(via="unknown").count()


def as_it_was(
    *, row: uuid.UUID, table: str, values: dict[str, Any], at: dt.datetime
) -> dict[str, Any]:
    """
    Give columns of a row as they were at a moment: what it holds now, less what came later.

    Args:
        values: column -> what it holds now, as JSON spells it.

    The caller has asked whether the viewer may see the row.
    """
    found = dict(values)
    later = Event.objects.filter(table=table, row=str(row), op="UPDATE", at__gt=at)
    for before in later.order_by("-id").values_list("before", flat=True):
        found |= {name: value for name, value in (before or {}).items() if name in found}
    return found
