"""The queue with a real Celery worker, a real broker and real kills."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from governance_app.jobs import services
from governance_app.jobs.models import Job
from governance_app.people.models import ScopeNode
from governance_app.people.services import found_organisation, system_user
from portfolio.up.servers import Servers
from tests import site as sites


@pytest.fixture
def site(
    servers: Servers, django_db_setup: None, django_db_blocker: Any, tmp_path: Any
) -> Iterator[sites.Site]:
    with sites.running(servers, django_db_blocker, tmp_path, "worker") as site:
        yield site


def ask(kind: str, **payload: Any) -> Job:
    return services.receive(
        kind=f"tests.jobs.kinds.{kind}", title=kind, payload=payload, by=system_user("setup")
    )


def wait(job: Job, *states: str, seconds: float = 60) -> Job:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job.refresh_from_db()
        if job.state in states:
            return job
        time.sleep(0.05)
    raise TimeoutError(f"{job} is {job.state}: {job.error}")


def test_a_worker_does_what_is_asked(site: sites.Site) -> None:
    site.start("worker")
    root = found_organisation(name="Meridian", by=system_user("setup"))
    job = wait(ask("add_unit", name="Retail", parent=str(root.pk)), Job.State.DONE)
    assert ScopeNode.objects.get(name="Retail").pk.hex == job.result["unit"].replace("-", "")


def test_a_job_that_kills_its_worker_does_not_stop_the_queue(site: sites.Site) -> None:
    """The hint is gone with the process; the lease runs out and the tick sends it again."""
    site.start("worker", "beat")
    root = found_organisation(name="Meridian", by=system_user("setup"))
    poison = ask("die")
    good = ask("add_unit", name="Retail", parent=str(root.pk))
    assert wait(good, Job.State.DONE)
    poison.refresh_from_db()
    assert poison.state == Job.State.RUNNING and poison.attempts == 1


def test_a_stopping_worker_puts_its_job_back_and_the_next_one_ends_it(site: sites.Site) -> None:
    site.start("worker")
    job = wait(ask("slow", seconds=6), Job.State.RUNNING)
    asked_at = time.monotonic()
    site.stop()
    assert time.monotonic() - asked_at < 10
    assert wait(job, Job.State.QUEUED, seconds=1).attempts == 0
    site.start("worker")
    assert wait(job, Job.State.DONE).attempts == 1


def test_a_killed_workers_job_is_taken_up_again(site: sites.Site) -> None:
    site.start("worker")
    job = wait(ask("slow", seconds=8), Job.State.RUNNING)
    site.kill("worker")
    site.start("worker", "beat")
    assert wait(job, Job.State.DONE, seconds=100).attempts == 2
