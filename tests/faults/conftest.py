"""Something to kill, and what must be true afterwards."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
from django.db import OperationalError, connection

from governance_app.audit.sealing import making, verifying
from governance_app.jobs.models import Job
from governance_app.people.services import found_organisation, system_user
from portfolio.backups import standing
from portfolio.up.servers import Servers
from tests import site as sites


@pytest.fixture
def site(
    servers: Servers,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[sites.Site]:
    """The only worker on a database of its own, where an organisation stands."""
    monkeypatch.setenv("ONLY_WORKER", "1")  # so it frees what the one before it held
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    settings.SEAL_KEY = str(tmp_path / "var" / "keys" / "seal.pem")
    settings.SEAL_ANCHOR_FILE = str(tmp_path / "var" / "anchors" / "seals.jsonl")
    with sites.running(servers, django_db_blocker, tmp_path, "faults", "worker") as site:
        found_organisation(name="Meridian Group", by=system_user("setup"))
        yield site


@pytest.fixture
def kill(site: sites.Site) -> Callable[[str], None]:
    """Kill a part with -9 and bring it back as the product does: worker, database or broker."""

    def run(part: str) -> None:
        if part == "worker":
            site.kill("worker")
            site.start("worker")
        elif part == "broker":
            broker = redis.Redis.from_url(site.env["REDIS_URL"])
            os.kill(int(broker.info("server")["process_id"]), signal.SIGKILL)
            broker.close()
            settle(lambda: bool(redis.Redis.from_url(site.env["REDIS_URL"]).ping()))
        else:
            with psycopg.connect(site.env["DATABASE_URL"]) as asked:
                (backend,) = asked.execute("SELECT pg_backend_pid()").fetchone() or (0,)
            stat = Path(f"/proc/{backend}/stat")
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            os.kill(parent, signal.SIGKILL)
            connection.close()
            settle(_answers)

    return run


def settle(condition: Callable[[], bool], *, seconds: float = 180) -> None:
    """Wait for a condition; what is away meanwhile is no error."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except (OperationalError, psycopg.OperationalError, redis.RedisError):
            connection.close()
        time.sleep(0.1)
    raise TimeoutError("it did not come back")


def settle_ticking(condition: Callable[[], bool], *, seconds: float = 180) -> None:
    """Wait for a condition; the ticks that beat would send go out as it would, only sooner."""
    from governance_app.jobs.tasks import tick

    last = 0.0

    def is_met() -> bool:
        nonlocal last
        if time.monotonic() - last > 5:
            tick()
            last = time.monotonic()
        return condition()

    settle(is_met, seconds=seconds)


def finish(job: Job, site: sites.Site, *, seconds: float = 600) -> None:
    """Wait for a job to be done."""

    def is_finished() -> bool:
        job.refresh_from_db()
        return job.is_finished

    settle_ticking(is_finished, seconds=seconds)
    assert job.state == Job.State.DONE, f"{job.error}\n{site.logs()}"


def nothing_is_wrong(site: sites.Site) -> None:
    """The ledger holds and the trail is whole."""
    making.seal_waiting()
    assert verifying.verify().faults == []
    with psycopg.connect(site.env["DATABASE_URL"]) as asked:
        assert standing.broken_invariants(asked) == []


def _answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return True
