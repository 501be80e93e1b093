"""Setting connections up: who may, what is kept secret, when they run."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from governance_app.audit.rows import StaleWrite
from governance_app.connectors import errands, selectors, services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job, Schedule
from governance_app.people.access import Refused
from governance_app.people.services import system_user

pytestmark = pytest.mark.django_db

SECRET = "hunter2-very-secret"


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    return person("administrator")


@pytest.fixture
def mlflow(administrator: Any, organisation: Any) -> Connection:
    return services.add_connection(
        plugin="mlflow",
        name="Model registry",
        settings={"address": "https://mlflow.example.com", "token": SECRET},
        every_seconds=300,
        by=administrator,
    )


def test_secrets_are_sealed_and_nowhere_else(mlflow: Connection) -> None:
    mlflow.refresh_from_db()
    assert "token" not in mlflow.settings
    assert SECRET not in mlflow.sealed
    assert errands.opened(mlflow) == {"token": SECRET}
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.event e WHERE e::text LIKE %s", [f"%{SECRET}%"])
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM ledger.event e WHERE e::text LIKE '%%wrapped%%'")
        assert cursor.fetchone() == (0,)


def test_a_secret_left_empty_stays(mlflow: Connection, administrator: Any) -> None:
    changed = services.edit_connection(
        connection=mlflow,
        name="Registry",
        settings={"address": "https://other.example.com", "token": ""},
        every_seconds=600,
        by=administrator,
        version=mlflow.version,
    )
    assert errands.opened(changed) == {"token": SECRET}
    assert (changed.name, changed.settings["address"]) == ("Registry", "https://other.example.com")
    assert Schedule.objects.get().every_seconds == 600


def test_a_stale_edit_is_refused(mlflow: Connection, administrator: Any) -> None:
    services.pause_connection(connection=mlflow, by=administrator)
    with pytest.raises(StaleWrite):
        services.edit_connection(
            connection=mlflow,
            name="Registry",
            settings={"address": "https://x.example"},
            every_seconds=None,
            by=administrator,
            version=1,
        )


@pytest.mark.parametrize(
    ("plugin", "entered", "said"),
    [
        ("mlflow", {}, "Address is missing"),
        ("mlflow", {"address": "mlflow:5000"}, "needs its scheme"),
        ("mlflow", {"address": "http://x", "colour": "red"}, "has no setting colour"),
        ("sap", {}, "There is no source 'sap'"),
    ],
)
def test_wrong_settings_are_refused_with_a_sentence(
    administrator: Any, plugin: str, entered: dict[str, str], said: str
) -> None:
    with pytest.raises(Sentence, match=said):
        services.add_connection(plugin=plugin, name="X", settings=entered, by=administrator)
    assert Connection.objects.count() == 0


def test_a_name_is_taken_once(mlflow: Connection, administrator: Any) -> None:
    with pytest.raises(Sentence, match="already a connection called Model registry"):
        services.add_connection(
            plugin="mlflow", name=" Model registry", settings={"address": "http://x"},
            by=administrator,
        )  # fmt: skip


def test_who_may_not_set_up_changes_nothing(
    person: Callable[..., Any], ledger_count: Callable[[], int]
) -> None:
    finance = person("finance_partner")
    before = ledger_count()
    with pytest.raises(Refused):
        services.add_connection(
            plugin="mlflow", name="X", settings={"address": "http://x"}, by=finance
        )
    assert (Connection.objects.count(), ledger_count()) == (0, before)


def test_the_schedule_makes_one_job_a_turn(mlflow: Connection) -> None:
    by = system_user("jobs")
    [job] = jobs.run_due_schedules(by=by)
    assert (job.kind, job.payload) == (services.SYNC, {"connection": str(mlflow.pk)})
    assert jobs.run_due_schedules(by=by) == []


def test_pausing_and_deleting_stop_the_schedule(mlflow: Connection, administrator: Any) -> None:
    services.pause_connection(connection=mlflow, by=administrator)
    assert not Schedule.objects.get().is_active
    services.resume_connection(connection=mlflow, by=administrator)
    assert Schedule.objects.get().is_active
    gone = services.delete_connection(connection=mlflow, by=administrator)
    assert (Schedule.objects.get().is_active, gone.sealed) == (False, "")
    assert selectors.connections(viewer=administrator) == []
    with pytest.raises(Sentence, match="was deleted"):
        services.request_sync(connection=gone, by=administrator)


def test_run_now_twice_is_one_job(mlflow: Connection, administrator: Any) -> None:
    first = services.request_sync(connection=mlflow, by=administrator)
    assert services.request_sync(connection=mlflow, by=administrator) == first


def test_two_jobs_do_not_run_one_connection_at_once(
    mlflow: Connection, administrator: Any, admin: Any
) -> None:
    job = services.request_sync(connection=mlflow, by=administrator)
    run = services.begin_run(connection=mlflow, job=job, by=administrator)
    other = jobs.receive(kind="x", title="x", payload={}, by=admin)
    assert services.begin_run(connection=mlflow, job=other, by=admin) is None
    assert services.begin_run(connection=mlflow, job=job, by=administrator) == run
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED)
    assert services.begin_run(connection=mlflow, job=other, by=admin) is not None
    run.refresh_from_db()
    assert (run.state, run.error) == (SyncRun.State.FAILED, "It broke off.")


def test_testing_writes_a_note_and_says_what_lacks(
    administrator: Any, organisation: Any, tmp_path: Path, settings: Any
) -> None:
    folder = services.add_connection(
        plugin="focus_folder", name="Bills", settings={"folder": str(tmp_path)}, by=administrator
    )
    [check] = services.test_connection(connection=folder, by=administrator)
    assert (check.is_ok, "FOLDERS_ALLOWED" in check.sentence) == (False, True)
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    checks = services.test_connection(connection=folder, by=administrator)
    assert [check.is_ok for check in checks] == [True, False]


def test_a_connection_of_another_unit_is_not_seen(
    administrator: Any, person: Any, unit: Any, other_unit: Any
) -> None:
    services.add_connection(
        plugin="mlflow", name="X", settings={"address": "http://x"}, by=administrator, node=unit
    )
    assert [each.connection.name for each in selectors.connections(viewer=administrator)] == ["X"]
    stranger = person("program_manager", other_unit)
    assert selectors.connections(viewer=stranger) == []


def test_the_list_says_when_it_runs_next_and_how_it_stands(
    mlflow: Connection, administrator: Any
) -> None:
    [row] = selectors.connections(viewer=administrator)
    assert (row.health, row.last_run, row.plugin_title) == ("new", None, "MLflow")
    assert row.next_at is not None
    assert row.next_at - dt.timedelta(seconds=300) <= mlflow.created_at + dt.timedelta(seconds=5)


def test_freshness_names_the_oldest_source_and_counts_the_silent(
    mlflow: Connection, administrator: Any, person: Callable[..., Any]
) -> None:
    def bring(connection: Connection, *, hours_ago: int, state: str = SyncRun.State.DONE) -> None:
        at = timezone.now() - dt.timedelta(hours=hours_ago)
        SyncRun.objects.create(
            connection=connection, state=state, started_at=at, finished_at=at,
            started_by=administrator,
        )  # fmt: skip

    names = ("Labour rates", "Bills", "Asleep", "Never")
    made = {
        name: services.add_connection(
            plugin="mlflow", name=name, settings=mlflow.settings | {"token": SECRET},
            every_seconds=300, by=administrator,
        )
        for name in names
    }  # fmt: skip
    bring(made["Labour rates"], hours_ago=26)
    bring(made["Bills"], hours_ago=30)
    bring(made["Bills"], hours_ago=1)
    bring(made["Bills"], hours_ago=0, state=SyncRun.State.FAILED)
    bring(made["Asleep"], hours_ago=900)
    services.pause_connection(connection=made["Asleep"], by=administrator)
    found = selectors.freshness(viewer=administrator)
    assert (found.sources, found.silent, found.oldest) == (4, 2, "Labour rates")
    assert found.newest_at is not None and found.oldest_at is not None
    assert found.newest_at - found.oldest_at == pytest.approx(
        dt.timedelta(hours=25), abs=dt.timedelta(seconds=5)
    )
    assert selectors.freshness(viewer=person("contributor")).sources == 0
