"""
Kill -9 of worker, database and broker while work is under way: the totals are exact afterwards.

Run by ``make faults``; each test says which moment it aims at, and a random one besides.
"""

import random
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from governance_app.connectors import services as connectors
from governance_app.domain.periods import add_months, month_of
from governance_app.files.services import store
from governance_app.initiatives import services as initiatives
from governance_app.jobs import services
from governance_app.jobs.clock import database_now
from governance_app.jobs.models import Job, Progress
from governance_app.people.selectors import organisation
from governance_app.people.services import add_unit, system_user
from governance_app.spend import services as spend
from governance_app.spend.models import ClosedLine, Journal, Load, MonthClose
from governance_app.spend.services import add_source, close
from governance_app.spend.services.close.pack import row_hash
from tests.connectors.bills import write_bill
from tests.factories.focus import as_csv, billed, line, messy_lines
from tests.faults.conftest import finish, nothing_is_wrong, settle_ticking
from tests.site import Site

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

PARTS = ("worker", "database", "broker")


def wait_until_running(job: Job) -> None:
    def runs() -> bool:
        job.refresh_from_db()
        stage = Progress.objects.values_list("stage", flat=True).get(job=job)
        return job.is_finished or bool(job.state == Job.State.RUNNING and stage)

    settle_ticking(runs)


def ledger() -> tuple[dict[str, Decimal], int]:
    """Give what the ledger holds: billed by currency, and lines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT currency, sum(billed) FROM spend_spendkeymonth GROUP BY 1")
        sums = dict(cursor.fetchall())
        cursor.execute("SELECT coalesce(sum(lines), 0) FROM spend_spendkeymonth")
        return sums, int(cursor.fetchone()[0])


@pytest.mark.parametrize("part", PARTS)
def test_an_import_ends_exact(site: Site, kill: Callable[[str], None], part: str) -> None:
    admin, chance = system_user("setup"), random.Random(part)
    lines = messy_lines(1_000, seed=11) * 10
    file = store(content=as_csv(lines), name="october.csv", by=admin)
    source = add_source(name="Cloud", by=admin)
    job = services.receive(
        kind="governance_app.spend.tasks.import_file",
        title="Load october.csv",
        payload={"source": str(source.pk), "files": [str(file.pk)]},
        by=admin,
        max_attempts=8,
    )
    for _ in range(3):
        wait_until_running(job)
        time.sleep(chance.uniform(0, 1.5))
        kill(part)
        job.refresh_from_db()
        if job.is_finished:
            break
    finish(job, site)
    assert ledger() == (billed(lines), len(lines))
    assert Load.objects.count() == len({line["BillingAccountId"] for line in lines})
    nothing_is_wrong(site)


@pytest.mark.parametrize("part", PARTS)
def test_a_sync_ends_exact(
    site: Site, kill: Callable[[str], None], part: str, tmp_path: Path
) -> None:
    admin = system_user("setup")
    folder = tmp_path / "bills"
    folder.mkdir()
    expected = Decimal(0)
    for number in range(1, 7):
        amounts = [f"{number}.{row:06d}" for row in range(400)]
        lines = [(amount, "") for amount in amounts]
        write_bill(folder / f"{number}.csv", *lines, month=f"2026-0{number}")
        expected += sum(map(Decimal, amounts))
    made = connectors.add_connection(
        plugin="focus_folder",
        name="Cloud bills",
        settings={"folder": str(folder)},
        every_seconds=3600,
        by=admin,
    )
    job = connectors.request_sync(connection=made, by=admin)
    wait_until_running(job)
    kill(part)
    for each in Job.objects.filter(kind=job.kind):  # the clock may have asked for one as well
        finish(each, site)
    job = connectors.request_sync(connection=made, by=admin)  # nothing is left to bring
    finish(job, site)
    assert ledger() == ({"USD": expected}, 2_400)
    nothing_is_wrong(site)


@pytest.mark.parametrize("part", PARTS)
def test_a_month_killed_in_the_middle_of_closing_closes_once(
    site: Site, kill: Callable[[str], None], part: str
) -> None:
    admin, now = system_user("setup"), database_now()
    month = add_months(month_of(now.date()), -1)
    unit = add_unit(name="Retail banking", parent=organisation(), by=admin)
    initiatives.add(name="Claims triage", unit=unit, by=admin)
    spend.add_rule(name="By key", dimension="tag", tag="ai-initiative", by=admin)
    until = f"{add_months(month, 1)}T00:00:00Z"
    period = {
        "BillingPeriodStart": f"{month}T00:00:00Z", "BillingPeriodEnd": until,
        "ChargePeriodStart": f"{month}T00:00:00Z", "ChargePeriodEnd": until,
    }  # fmt: skip
    lines = [
        line(BilledCost=f"{n}.000001", EffectiveCost=f"{n}.000001", InvoiceId=f"INV-{n}",
             Tags='{"ai-initiative": "AI-1"}', **period)
        for n in range(1, 4_001)
    ]  # fmt: skip
    file = store(content=as_csv(lines), name="bill.csv", by=admin)
    source = add_source(name="Cloud", by=admin)
    spend.import_file(source=source, files=[file], names=["bill.csv"], by=admin, now=now)
    close.soft_close(month=month, by=admin, now=now)
    close.approve_month(month=month, by=admin, now=now)
    job = services.receive(
        kind="governance_app.spend.tasks.close_month", title="Close", by=admin, max_attempts=8,
        payload={"month": month.isoformat()},
    )  # fmt: skip
    wait_until_running(job)
    time.sleep(random.Random(part).uniform(0, 1.0))
    kill(part)
    finish(job, site)
    closed = MonthClose.objects.get()
    assert closed.closed_at is not None and closed.pack is not None
    booked = ClosedLine.objects.filter(close=closed)
    assert booked.count() == 4_000
    assert sum(one.billed for one in booked) == sum(Decimal(one["BilledCost"]) for one in lines)
    assert closed.row_hash == row_hash(month)
    numbers = list(Journal.objects.values_list("month", "kind", "entity", "currency", "number"))
    assert len(numbers) == len(set(numbers)) > 0
    nothing_is_wrong(site)


def test_everything_is_killed_in_turn_while_bills_keep_coming(
    site: Site, kill: Callable[[str], None]
) -> None:
    admin, chance = system_user("setup"), random.Random(3)
    jobs: list[Job] = []
    expected: dict[str, Decimal] = {}
    for number in range(4):
        lines = messy_lines(800, seed=number)
        source = add_source(name=f"Cloud {number}", by=admin)
        file = store(content=as_csv(lines), name=f"{number}.csv", by=admin)
        jobs.append(
            services.receive(
                kind="governance_app.spend.tasks.import_file",
                title=f"Load {number}",
                payload={"source": str(source.pk), "files": [str(file.pk)]},
                by=admin,
                max_attempts=20,
            )
        )
        for currency, amount in billed(lines).items():
            expected[currency] = expected.get(currency, Decimal(0)) + amount
    for part in ("broker", "worker", "database", "worker"):
        time.sleep(chance.uniform(0.2, 2.0))
        kill(part)
    for job in jobs:
        finish(job, site)
    assert ledger()[0] == expected
    nothing_is_wrong(site)
