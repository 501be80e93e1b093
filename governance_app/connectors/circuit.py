"""A circuit per connection: one that fails again and again is left alone for a while."""

import datetime as dt

from django.utils import timezone

from governance_app.connectors.models import Connection, SyncRun

FAILURES = 3
FIRST_REST = dt.timedelta(minutes=5)
LONGEST_REST = dt.timedelta(hours=6)
LOOKED_AT = 12


def open_until(*, connection: Connection) -> dt.datetime | None:
    """
    Give the moment until which the schedule leaves a connection alone; None when it may run.

    The rest doubles with each further failure; one good run closes the circuit. A person who
    presses *Run now* is not held up.
    """
    runs = SyncRun.objects.filter(connection=connection, kind=SyncRun.Kind.SYNC)
    ended = runs.exclude(state__in=[SyncRun.State.RUNNING, SyncRun.State.CANCELLED])
    failures, last = 0, None
    for state, finished_at in ended.order_by("-started_at", "-pk").values_list(
        "state", "finished_at"
    )[:LOOKED_AT]:
        if state != SyncRun.State.FAILED:
            break
        failures, last = failures + 1, last or finished_at
    if failures < FAILURES or last is None:
        return None
    rest = min(FIRST_REST * 2 ** (failures - FAILURES), LONGEST_REST)
    return last + rest if last + rest > timezone.now() else None
