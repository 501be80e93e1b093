"""A first run as a diff, backfills, the circuit, freshness: nothing is written until accepted."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from governance_app.connectors import circuit, errands, selectors, services
from governance_app.connectors.models import Connection, Stray, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelAsset, ModelLink
from governance_app.jobs import services as jobs
from governance_app.jobs import tasks as jobs_tasks
from governance_app.jobs.models import Job, Schedule
from governance_app.people.access import Refused
from governance_app.people.services import system_user
from governance_app.readings.models import Point, Series
from governance_app.spend.models import Load, Source
from tests.connectors.bills import billed, write_bill
from tests.servers.scripted import Call, Reply, Scripted, scripted_server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    return person("administrator")


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def connection(tmp_path: Path, settings: Any, administrator: Any) -> Connection:
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    (tmp_path / "bills").mkdir()
    return services.add_connection(
        plugin="focus_folder",
        name="Cloud bills",
        settings={"folder": str(tmp_path / "bills")},
        every_seconds=60,
        is_on_trial=True,
        by=administrator,
    )


def done(job: Job) -> SyncRun:
    return SyncRun.objects.get(job=jobs_tasks.run_inline(job))


def rehearse(connection: Connection, by: Any) -> SyncRun:
    return done(services.request_rehearsal(connection=connection, by=by))


def held() -> tuple[int, ...]:
    kinds = (Load, Source, ModelAsset, ModelLink, Series, Point, Stray)
    return tuple(kind.objects.count() for kind in kinds)


def test_a_rehearsal_tells_what_would_come_and_keeps_nothing(
    connection: Connection, tmp_path: Path, administrator: Any
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""), ("1", ""))
    before = held()
    run = rehearse(connection, administrator)
    assert (run.state, run.kind, run.rows_read, run.rows_new) == ("done", "rehearsal", 2, 2)
    assert held() == before and run.watermark == {}
    (bill,) = run.findings["bills"]
    assert (bill["rows"], bill["version"]) == (2, 1)
    assert {k: Decimal(v) for k, v in bill["billed"].items()} == {"USD": Decimal("11.5")}
    connection.refresh_from_db()
    assert connection.is_on_trial and connection.spend_source is None
    assert not Schedule.objects.filter(is_active=True, name=f"connection:{connection.pk}").exists()


def test_on_trial_nothing_runs_until_its_rehearsal_is_accepted(
    connection: Connection, tmp_path: Path, administrator: Any, person: Callable[..., Any]
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""))
    with pytest.raises(Sentence, match="on trial"):
        services.request_sync(connection=connection, by=administrator)
    first = rehearse(connection, administrator)
    newest = rehearse(connection, administrator)
    with pytest.raises(Sentence, match="newest"):
        services.accept_rehearsal(run=first, by=administrator)
    with pytest.raises(Refused):
        services.accept_rehearsal(run=newest, by=person("auditor"))
    assert Load.objects.count() == 0
    run = done(services.accept_rehearsal(run=newest, by=administrator))
    assert (run.kind, run.rows_new, billed()) == ("sync", 1, Decimal("10.5"))
    assert Schedule.objects.get(name=f"connection:{connection.pk}").is_active
    made = jobs.run_due_schedules(by=system_user("jobs"))
    assert services.SYNC not in {job.kind for job in made}, "it ran just now"
    newest.refresh_from_db()
    assert newest.accepted_at is not None


def test_a_rehearsal_that_failed_is_not_accepted(
    connection: Connection, tmp_path: Path, administrator: Any
) -> None:
    (tmp_path / "bills").rmdir()
    run = rehearse(connection, administrator)
    assert run.state == "failed" and run.error
    with pytest.raises(Sentence, match="did not come to its end"):
        services.accept_rehearsal(run=run, by=administrator)
    connection.refresh_from_db()
    assert connection.is_on_trial


def test_a_rehearsal_names_what_would_change_and_what_would_go(
    connection: Connection, tmp_path: Path, administrator: Any
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""))
    run = rehearse(connection, administrator)
    done(services.accept_rehearsal(run=run, by=administrator))
    assert rehearse(connection, administrator).has_changed_nothing
    write_bill(tmp_path / "bills" / "a.csv", ("12", ""))
    again = rehearse(connection, administrator)
    assert again.findings["bills"][0]["version"] == 2
    assert billed() == Decimal("10.5")


# A registry that a test writes


class Registry:
    """A model registry over HTTP as MLflow's API answers, for what the rehearsal shows."""

    def __init__(self) -> None:
        self.models: dict[str, dict[str, str]] = {}

    def answer(self, call: Call) -> Reply:
        if call.path.endswith("registered-models/search"):
            rows = [
                {"name": name, "creation_timestamp": 1, "tags": [
                    {"key": key, "value": value} for key, value in tags.items()]}
                for name, tags in self.models.items()
            ]  # fmt: skip
            return Reply.of({"registered_models": rows})
        if call.path.endswith("model-versions/search"):
            rows = [{"name": name, "version": "1"} for name in self.models]
            return Reply.of({"model_versions": rows})
        return Reply.of({})


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def server(registry: Registry, settings: Any) -> Any:
    with scripted_server(registry.answer) as running:
        settings.OUTBOUND_ALLOWED = [running.host_port]
        yield running


@pytest.fixture
def models(server: Scripted, administrator: Any) -> Connection:
    return services.add_connection(
        plugin="mlflow", name="Registry", settings={"address": server.url}, is_on_trial=True,
        by=administrator,
    )  # fmt: skip


def told(run: SyncRun) -> set[tuple[str, str, str]]:
    return {(row["what"], row["verb"], row["name"]) for row in run.findings["rows"]}


def test_models_links_and_changes_are_told_by_name(
    models: Connection, registry: Registry, administrator: Any, initiative: Initiative
) -> None:
    registry.models = {"claims": {"initiative": initiative.key}, "churn": {}}
    run = rehearse(models, administrator)
    assert told(run) == {
        ("model", "new", "claims"), ("model", "new", "churn"), ("version", "new", "claims 1"),
        ("version", "new", "churn 1"), ("link", "new", f"claims serves {initiative}"),
    }  # fmt: skip
    assert ModelAsset.objects.count() == 0
    done(services.accept_rehearsal(run=run, by=administrator))
    registry.models = {"claims": {"team": "cards"}}
    again = rehearse(models, administrator)
    assert ("model", "gone", "churn") in told(again)
    assert ("link", "gone", f"claims serves {initiative}") in told(again)
    (changed,) = [row for row in again.findings["rows"] if row["verb"] == "changed"]
    assert changed["name"] == "claims" and changed["changes"][0][0] == "tags"
    counts = {(c["what"], c["verb"]): c["count"] for c in again.findings["counts"]}
    assert counts["version", "gone"] == 1
    assert ModelAsset.objects.filter(gone_at=None).count() == 2


# Backfill


def test_a_backfill_reads_whole_months_and_moves_no_mark(
    connection: Connection, tmp_path: Path, administrator: Any, admin: Any
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""))
    done(services.accept_rehearsal(run=rehearse(connection, administrator), by=administrator))
    before = SyncRun.objects.filter(kind="sync").latest("started_at").watermark
    assert before
    now = timezone.now()
    job = services.request_backfill(
        connection=connection, since=dt.date(2026, 3, 9), until=dt.date(2026, 4, 2),
        by=administrator, now=now,
    )  # fmt: skip
    run = done(job)
    assert (run.kind, run.since, run.until) == (
        "backfill",
        dt.date(2026, 3, 1),
        dt.date(2026, 4, 30),
    )
    errand = errands.errand_of(run=run)
    assert (errand.watermark, errand.window.since) == ({}, dt.date(2026, 3, 1))
    assert run.state == "done" and run.watermark == before
    assert billed() == Decimal("10.5")
    assert done(services.request_sync(connection=connection, by=admin)).has_changed_nothing


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-04-02", "2026-03-01", "before its last"),
        ("2999-01-01", "2999-01-02", "not come yet"),
        ("1999-01-01", "2026-03-01", "before its last"),
        ("2010-01-01", "2026-03-01", "ten years"),
    ],
)
def test_a_backfill_of_no_range_is_refused(
    connection: Connection, administrator: Any, since: str, until: str, said: str
) -> None:
    Connection.objects.update(is_on_trial=False)
    connection.refresh_from_db()
    with pytest.raises(Sentence, match=said):
        services.request_backfill(
            connection=connection, since=dt.date.fromisoformat(since),
            until=dt.date.fromisoformat(until), by=administrator, now=timezone.now(),
        )  # fmt: skip
    assert not Job.objects.filter(title__startswith="Backfill").exists()


# The circuit, and freshness


def failed(connection: Connection, by: Any, minutes_ago: float) -> None:
    moment = timezone.now() - dt.timedelta(minutes=minutes_ago)
    SyncRun.objects.create(
        connection=connection, started_by=by, state="failed", started_at=moment,
        finished_at=moment, error="It answers 500.",
    )  # fmt: skip


def test_a_connection_that_fails_again_and_again_is_left_alone_for_a_while(
    connection: Connection, tmp_path: Path, administrator: Any
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""))
    Connection.objects.update(is_on_trial=False)
    connection.refresh_from_db()
    for minutes in (3, 2):
        failed(connection, administrator, minutes)
    assert circuit.open_until(connection=connection) is None
    failed(connection, administrator, 1)
    until = circuit.open_until(connection=connection)
    assert until is not None and 3 < (until - timezone.now()).total_seconds() / 60 < 5
    standing = selectors.connection(connection_id=connection.pk, viewer=administrator)
    assert standing is not None and standing.health == "resting"
    own = services.request_sync(connection=connection, by=errands.principal(connection))
    assert "left alone" in jobs_tasks.run_inline(own).result["sentence"]
    assert SyncRun.objects.filter(state="done").count() == 0
    by_hand = done(services.request_sync(connection=connection, by=administrator))
    assert by_hand.state == "done"
    assert circuit.open_until(connection=connection) is None


def test_the_rest_grows_and_ends(connection: Connection, administrator: Any) -> None:
    for minutes in (40, 30, 20, 12, 11):
        failed(connection, administrator, minutes)
    until = circuit.open_until(connection=connection)
    assert until is not None and 8 < (until - timezone.now()).total_seconds() / 60 < 10
    SyncRun.objects.update(finished_at=timezone.now() - dt.timedelta(hours=7))
    assert circuit.open_until(connection=connection) is None


def test_older_than_promised_is_late(
    connection: Connection, tmp_path: Path, administrator: Any
) -> None:
    write_bill(tmp_path / "bills" / "a.csv", ("10.5", ""))
    Connection.objects.update(is_on_trial=False, fresh_within_seconds=3600)
    connection.refresh_from_db()
    done(services.request_sync(connection=connection, by=administrator))

    def health() -> str:
        standing = selectors.connection(connection_id=connection.pk, viewer=administrator)
        assert standing is not None
        return standing.health

    assert health() == "well"
    SyncRun.objects.update(finished_at=timezone.now() - dt.timedelta(hours=2))
    assert health() == "late"
