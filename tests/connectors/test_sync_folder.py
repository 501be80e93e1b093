"""A folder connection from end to end: files written, restated, deleted; spend on initiatives."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from governance_app.connectors import selectors, services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.jobs import tasks as jobs_tasks
from governance_app.jobs.models import Job, Progress
from governance_app.people.services import system_user
from governance_app.rollups import services as rollups
from governance_app.rollups.models import InitiativeMonth
from governance_app.spend import services as spend
from governance_app.spend.models import Delivery, Load
from tests.connectors.bills import billed, write_bill

pytestmark = pytest.mark.django_db(transaction=True)

OCT = dt.date(2026, 10, 1)
EARLY, LATER, LATEST = 1_760_000_000, 1_760_000_600, 1_760_001_200


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Initiative:
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=admin)
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    place = tmp_path / "bills"
    place.mkdir()
    return place


@pytest.fixture
def connection(folder: Path, person: Callable[..., Any], initiative: Initiative) -> Connection:
    return services.add_connection(
        plugin="focus_folder",
        name="Cloud bills",
        settings={"folder": str(folder)},
        every_seconds=60,
        by=person("administrator"),
    )


@pytest.fixture
def sync(connection: Connection, admin: Any) -> Callable[[], SyncRun]:
    """Run the connection as a job, the way a worker does; give the row of the run."""

    def run() -> SyncRun:
        job = jobs_tasks.run_inline(services.request_sync(connection=connection, by=admin))
        return SyncRun.objects.get(job=job)

    return run


def numbers(run: SyncRun) -> tuple[str, int, int, int, int, int]:
    return (
        run.state, run.rows_read, run.rows_new, run.rows_changed, run.rows_gone, run.rows_refused,
    )  # fmt: skip


def test_files_add_up_and_nothing_new_writes_only_a_run(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative, connection: Connection
) -> None:
    write_bill(folder / "a.csv", ("10.5", initiative.key), ("1", ""))
    write_bill(folder / "b.csv", ("2.25", initiative.key))
    assert numbers(sync()) == ("done", 3, 3, 0, 0, 0)
    assert billed() == Decimal("13.75")
    before = Load.objects.count(), Delivery.objects.count()
    again = sync()
    assert numbers(again) == ("done", 0, 0, 0, 0, 0)
    assert again.has_changed_nothing
    assert (Load.objects.count(), Delivery.objects.count()) == before
    assert SyncRun.objects.count() == 2
    [row] = selectors.connections(viewer=system_user("setup"))
    assert (row.health, row.last_run) == ("well", again)


def test_a_restated_file_replaces_what_it_brought(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10", initiative.key), ("1", ""), at=EARLY)
    write_bill(folder / "b.csv", ("2", initiative.key), at=EARLY)
    sync()
    write_bill(folder / "a.csv", ("30", initiative.key), at=LATER)
    assert numbers(sync()) == ("done", 1, 0, 1, 0, 0)
    assert billed() == 32
    write_bill(folder / "a.csv", ("10", initiative.key), ("1", ""), at=LATEST)
    assert numbers(sync()) == ("done", 2, 0, 2, 0, 0)
    assert billed() == 13
    assert Load.objects.filter(scope="a.csv").count() == 3


def test_a_touched_file_with_the_same_content_loads_nothing(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10", initiative.key), at=EARLY)
    sync()
    write_bill(folder / "a.csv", ("10", initiative.key), at=LATER)
    assert numbers(sync()) == ("done", 1, 0, 0, 0, 0)
    assert Load.objects.count() == 1


def test_a_deleted_file_stays_in_the_books_and_is_told(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10", initiative.key))
    write_bill(folder / "b.csv", ("2", initiative.key))
    sync()
    (folder / "a.csv").unlink()
    run = sync()
    assert numbers(run) == ("done", 0, 0, 0, 1, 0)
    assert billed() == 12
    log = [line["text"] for line in Progress.objects.get(job=run.job).log]
    assert "a.csv has left the folder; what it brought stays." in log


def test_an_empty_bill_takes_out_what_its_file_brought(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10", initiative.key), at=EARLY)
    write_bill(folder / "b.csv", ("2", initiative.key), at=EARLY)
    sync()
    write_bill(folder / "a.csv", at=LATER)
    sync()
    assert billed() == 2


def test_a_bad_file_is_refused_whole_and_the_others_count(
    folder: Path, sync: Callable[[], SyncRun], initiative: Initiative
) -> None:
    write_bill(folder / "bad.csv", ("10", initiative.key), ("ten", initiative.key))
    write_bill(folder / "good.csv", ("2", initiative.key))
    run = sync()
    assert (run.state, run.rows_new, run.rows_refused) == ("partial", 1, 1)
    [refusal] = run.refusals
    assert refusal["what"] == "bad.csv"
    assert "Row 3" in refusal["sentence"] and "BilledCost" in refusal["sentence"]
    assert billed() == 2
    write_bill(folder / "bad.csv", ("10", initiative.key), ("10", initiative.key))
    assert numbers(sync())[:3] == ("done", 2, 2)
    assert billed() == 22


def test_a_source_that_cannot_be_read_fails_the_run_and_the_job(
    folder: Path, sync: Callable[[], SyncRun], connection: Connection
) -> None:
    folder.rmdir()
    run = sync()
    assert (run.state, "There is no folder" in run.error) == ("failed", True)
    run.job.refresh_from_db()
    assert (run.job.state, run.job.error) == (Job.State.FAILED, run.error)


def test_beat_runs_it_and_the_rollup_of_the_initiative_changes(
    folder: Path, connection: Connection, initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10.5", initiative.key))
    jobs_tasks.tick()
    job = Job.objects.get(kind=services.SYNC)
    assert jobs_tasks.run_inline(job).state == Job.State.DONE
    rollups.absorb(by=system_user("rollups"), now=timezone.now())
    row = InitiativeMonth.objects.get(initiative=initiative, month=OCT, known_to=None)
    assert row.billed == Decimal("10.5")
    assert SyncRun.objects.get().started_by.name == "System: connector:Cloud bills"


def test_a_run_that_died_is_taken_up_again_by_its_job(
    folder: Path, connection: Connection, admin: Any, initiative: Initiative
) -> None:
    write_bill(folder / "a.csv", ("10.5", initiative.key))
    job = services.request_sync(connection=connection, by=admin)
    died = services.begin_run(connection=connection, job=job, by=admin)
    assert jobs_tasks.run_inline(job).state == Job.State.DONE
    assert SyncRun.objects.get() == died
    assert billed() == Decimal("10.5")
