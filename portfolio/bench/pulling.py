"""The steps of measuring connections; each runs in a process of its own, see ``steps``."""

import datetime as dt
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

EVERY_SECONDS = 60


def connect(*, plugin: str, name: str, settings: dict[str, Any], hosts: list[str]) -> Any:
    """Set a connection up that runs by hand."""
    from governance_app.connectors import services
    from governance_app.people.services import system_user

    _allow(hosts)
    made = services.add_connection(
        plugin=plugin, name=name, settings=settings, by=system_user("command")
    )
    return {"seconds": 0.0, "connection": str(made.pk)}


def sync(*, connection: str, hosts: list[str]) -> Any:
    """Run a connection once, as a worker does; say what it brought and what it wrote down."""
    from governance_app.connectors import services
    from governance_app.connectors.models import Connection, SyncRun
    from governance_app.jobs.tasks import run_inline
    from governance_app.people.services import system_user

    _allow(hosts)
    row = Connection.objects.get(pk=connection)
    before = Counter(_tables())
    watch = _Own()
    begun, computed = time.perf_counter(), time.process_time()
    job = run_inline(services.request_sync(connection=row, by=system_user("command")))
    seconds, computed = time.perf_counter() - begun, time.process_time() - computed
    own = watch.end()
    run = SyncRun.objects.get(job=job)
    if run.state != SyncRun.State.DONE:
        raise RuntimeError(f"{row} is {run.state}: {run.error} {run.refusals}")
    return {
        "seconds": seconds,
        "computed": computed,
        "own_bytes": own,
        "read": run.rows_read,
        "new": run.rows_new,
        "changed": run.rows_changed,
        "events": dict(Counter(_tables()) - before),
    }


def _tables() -> list[str]:
    """Give the table of every event of the trail."""
    from governance_app.audit.models import Event

    return list(Event.objects.values_list("table", flat=True))


def connect_many(*, count: int, address: str, hosts: list[str]) -> Any:
    """Set up many connections that run every minute; none is due before :func:`make_due`."""
    from governance_app.connectors import services
    from governance_app.initiatives.models import Initiative
    from governance_app.jobs.models import Schedule
    from governance_app.people.services import system_user

    _allow(hosts)
    by = system_user("command")
    keys = list(Initiative.objects.order_by("number").values_list("key", flat=True)[:count])
    for number in range(count):
        services.add_connection(
            plugin="http_json",
            name=f"Vendor {number:03}",
            settings={
                "address": f"{address}/{number}",
                "initiative": keys[number % len(keys)],
                "value": "$.value",
                "day": "$.date",
                "series": f"vendor-{number:03}",
            },
            every_seconds=EVERY_SECONDS,
            by=by,
        )
    standing = Schedule.objects.filter(name__startswith="connection:")
    standing.update(anchor_at=dt.datetime(2100, 1, 1, tzinfo=dt.UTC))
    return {"seconds": 0.0, "schedules": standing.count()}


def make_due(*, in_seconds: float) -> Any:
    """Let all of them be due at one moment, for one turn."""
    from governance_app.jobs.clock import database_now
    from governance_app.jobs.models import Schedule

    at = database_now() + dt.timedelta(seconds=in_seconds)
    Schedule.objects.filter(name__startswith="connection:").update(anchor_at=at)
    return {"seconds": 0.0, "at": at.isoformat()}


def started(*, at: str) -> Any:
    """Say how long after the moment each connection's first run began, and which ran twice."""
    from governance_app.connectors.models import SyncRun
    from governance_app.jobs.models import Slot

    due = dt.datetime.fromisoformat(at)
    begun: dict[str, list[float]] = {}
    for connection, moment in SyncRun.objects.order_by("started_at").values_list(
        "connection_id", "started_at"
    ):
        begun.setdefault(str(connection), []).append((moment - due).total_seconds())
    finished = SyncRun.objects.exclude(state=SyncRun.State.RUNNING)
    slots = Slot.objects.filter(schedule__name__startswith="connection:")
    return {
        "seconds": 0.0,
        "waits": sorted(waits[0] for waits in begun.values()),
        "runs": sum(len(waits) for waits in begun.values()),
        "slots": slots.count(),
        "done": finished.filter(state=SyncRun.State.DONE).count(),
        "failed": list(
            finished.exclude(state=SyncRun.State.DONE).values_list("error", flat=True)[:3]
        ),
    }


def sign_in() -> Any:
    """Open a session for a page to be asked with; gives its cookie."""
    from django.conf import settings
    from django.test import Client

    from governance_app.people.services import system_user

    client = Client()
    client.force_login(system_user("command"))
    name = settings.SESSION_COOKIE_NAME
    return {"seconds": 0.0, "cookie": f"{name}={client.cookies[name].value}"}


class _Own:
    """Sees the most memory that this process alone holds for itself."""

    def __init__(self) -> None:
        self._peak, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self) -> int:
        """Stop watching; gives the peak."""
        self._done.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            said = Path("/proc/self/status").read_text().splitlines()
            held = next((line.split()[1] for line in said if line.startswith("RssAnon:")), "0")
            self._peak = max(self._peak, int(held) * 1024)


def _allow(hosts: list[str]) -> None:
    """Let connections of this process reach servers on loopback."""
    from django.conf import settings

    settings.OUTBOUND_ALLOWED = hosts
