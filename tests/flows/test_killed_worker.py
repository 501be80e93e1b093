"""A worker killed with -9 in mid-import, again and again, and the totals are exactly the same."""

import random
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from governance_app.files.services import store
from governance_app.jobs import runner, services
from governance_app.jobs.models import Job, Progress
from governance_app.people.services import found_organisation, system_user
from governance_app.spend.models import Load, SpendKeyMonth
from governance_app.spend.services import add_source
from portfolio.up.servers import Servers
from tests import site as sites
from tests.factories.focus import as_csv, billed, messy_lines

KILLS = 3


@pytest.fixture(scope="module")
def site(
    servers: Servers, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[sites.Site]:
    folder = tmp_path_factory.mktemp("killed")
    with sites.running(servers, django_db_blocker, folder, "killed") as site:
        yield site


def test_a_bill_is_whole_however_often_its_worker_dies(site: sites.Site) -> None:
    admin, chance = system_user("setup"), random.Random(7)
    found_organisation(name="Meridian Group", by=admin)
    lines = messy_lines(2_000, seed=7) * 30
    file = store(content=as_csv(lines), name="october.csv", by=admin)
    source = add_source(name="AWS", by=admin)
    job = services.receive(
        kind="governance_app.spend.tasks.import_file",
        title="Load october.csv",
        payload={"source": str(source.pk), "files": [str(file.pk)]},
        by=admin,
        max_attempts=KILLS + 2,
    )
    for _ in range(KILLS):
        site.start("worker")
        _wait_until_reading(job)
        time.sleep(chance.uniform(0, 1.0))
        site.kill("worker")
        job.refresh_from_db()
        if job.is_finished:
            break
        assert not SpendKeyMonth.objects.exists(), "half a bill is visible"
        runner.requeue_orphans()  # what the launcher does when it starts
    site.start("worker")
    deadline = time.monotonic() + 120
    while not job.is_finished and time.monotonic() < deadline:
        time.sleep(0.2)
        job.refresh_from_db()
    assert job.state == Job.State.DONE, f"{job.error}\n{site.logs()}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT currency, sum(billed) FROM spend_spendkeymonth GROUP BY 1")
        assert dict(cursor.fetchall()) == billed(lines)
        cursor.execute("SELECT sum(lines) FROM spend_spendkeymonth")
        assert cursor.fetchone() == (Decimal(len(lines)),)
    assert Load.objects.count() == len({line["BillingAccountId"] for line in lines})


def _wait_until_reading(job: Job, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job.refresh_from_db()
        stage = Progress.objects.values_list("stage", flat=True).get(job=job)
        if job.is_finished or (job.state == Job.State.RUNNING and stage):
            return
        time.sleep(0.02)
    raise TimeoutError(f"{job} is {job.state}")
