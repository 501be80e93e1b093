"""An MLflow connection from end to end: a real server, inventory rows, KPI readings, rollups."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance_app.connectors import services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.inventory import selectors as inventory_selectors
from governance_app.inventory import services as inventory
from governance_app.inventory.models import Dataset, Flow, ModelAsset, ModelLink, ModelVersion
from governance_app.jobs import tasks as jobs_tasks
from governance_app.people.services import system_user
from governance_app.readings import selectors as readings
from governance_app.readings.models import Point, Series
from governance_app.rollups import services as rollups
from governance_app.rollups.models import InitiativeNow
from governance_app.value import services as value
from tests.servers.mlflow_registry import Registry

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = timezone.now().date()
LAST_MONTH = TODAY - dt.timedelta(days=31)


@pytest.fixture
def lone_registry(registry: Registry) -> Registry:
    """The server with no model but those of the test, so that a whole listing is known."""
    registry.clear()
    return registry


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def connection(
    lone_registry: Registry, person: Callable[..., Any], initiative: Initiative, settings: Any
) -> Connection:
    settings.OUTBOUND_ALLOWED = [lone_registry.server.host_port]
    return services.add_connection(
        plugin="mlflow",
        name="Model registry",
        settings={"address": lone_registry.server.url},
        every_seconds=60,
        by=person("administrator"),
    )


@pytest.fixture
def sync(connection: Connection, admin: Any) -> Callable[[], SyncRun]:
    def run() -> SyncRun:
        job = services.request_sync(connection=connection, by=admin)
        return SyncRun.objects.get(job=jobs_tasks.run_inline(job))

    return run


def values(series: Series) -> dict[dt.date, Decimal]:
    found = readings.readings(series=series, viewer=system_user("setup"))
    return {each.period_on: each.value for each in found}


def test_the_life_of_a_model_from_registry_to_return(
    lone_registry: Registry,
    sync: Callable[[], SyncRun],
    connection: Connection,
    initiative: Initiative,
    admin: Any,
    ledger_count: Callable[[], int],
) -> None:
    run_id = lone_registry.run("triage")
    lone_registry.metric(run_id, "handling_minutes", 20, LAST_MONTH, step=1)
    lone_registry.model("triage", initiative=initiative.key)
    lone_registry.model("shadow")
    lone_registry.version("triage", run_id)
    lone_registry.alias("triage", "champion", "1")

    # the first run brings models, the version with its alias and metric, and the reading
    first = sync()
    assert (first.state, first.rows_refused, first.rows_gone) == ("done", 0, 0)
    version = ModelVersion.objects.get()
    assert (version.aliases, version.metrics) == (["champion"], {"handling_minutes": 20})
    assert {row.name for row in ModelAsset.objects.all()} == {"triage", "shadow"}
    assert ModelLink.objects.get().initiative == initiative
    series = Series.objects.get()
    assert (series.initiative, series.key, series.source) == (
        initiative, "triage/handling_minutes", connection.source,
    )  # fmt: skip
    assert values(series) == {LAST_MONTH: Decimal(20)}
    unclaimed = inventory_selectors.models(viewer=admin, is_unclaimed=True)
    assert [row.name for row in unclaimed] == ["shadow"]

    # a KPI of the initiative reads that very series
    kpi = value.add_kpi(
        initiative=initiative,
        name="Handling time",
        direction="lower",
        series=series,
        baseline=Decimal(20),
        baseline_month=LAST_MONTH.replace(day=1),
        target=Decimal(10),
        target_on=TODAY + dt.timedelta(days=300),
        by=admin,
    )
    assert kpi.series == series

    # nothing changed: nothing is written but the row of the run
    rows = ModelAsset, ModelVersion, ModelLink, Series, Point
    before = {model: list(model.objects.values()) for model in rows}
    again = sync()
    assert (again.state, again.has_changed_nothing) == ("done", True)
    assert again.rows_read == 3
    assert {model: list(model.objects.values()) for model in rows} == before

    # another version takes the alias, and production reports a better value today
    newer = lone_registry.run("triage")
    lone_registry.metric(newer, "handling_minutes", 15, TODAY)
    lone_registry.version("triage", newer)
    lone_registry.alias("triage", "champion", "2")
    third = sync()
    assert (third.rows_new, third.rows_changed) == (2, 1)  # a version and a reading; the old alias
    aliases = dict(ModelVersion.objects.values_list("number", "aliases"))
    assert aliases == {"1": [], "2": ["champion"]}
    assert values(series) == {LAST_MONTH: Decimal(20), TODAY: Decimal(15)}

    # and the figures of the initiative follow: 25 % faster
    rollups.absorb(by=system_user("rollups"), now=timezone.now())
    now = InitiativeNow.objects.get(initiative=initiative, known_to=None)
    assert (now.efficiency_gain, now.efficiency_kpi) == (0.25, "Handling time")

    # a metric logged again for a day is a correction; what was known before stays readable
    known = timezone.now()
    lone_registry.metric(newer, "handling_minutes", 16, TODAY, step=1)
    fourth = sync()
    assert (fourth.rows_new, fourth.rows_changed) == (0, 2)  # the version's metric, the reading
    assert values(series)[TODAY] == 16
    past = readings.readings(series=series, viewer=admin, as_of=known)
    assert past[-1].value == 15

    # a rename and a deletion at the source are history here
    lone_registry.rename("triage", "triage-eu")
    lone_registry.delete("shadow")
    sync()
    assert ModelAsset.objects.get(name="triage").renamed_to.name == "triage-eu"
    assert ModelAsset.objects.get(name="triage-eu").former_names == ["triage"]
    assert ModelAsset.objects.get(name="shadow").gone_at is not None
    series.refresh_from_db()
    assert (series.key, Series.objects.count()) == ("triage-eu/handling_minutes", 1)


def test_a_model_linked_by_a_person_gives_readings_too(
    lone_registry: Registry,
    sync: Callable[[], SyncRun],
    initiative: Initiative,
    admin: Any,
) -> None:
    run_id = lone_registry.run("linked")
    lone_registry.metric(run_id, "auc", 0.91, TODAY)
    lone_registry.model("linked-by-hand")
    lone_registry.version("linked-by-hand", run_id)
    sync()
    assert not Series.objects.filter(key__startswith="linked").exists()
    model = ModelAsset.objects.get(name="linked-by-hand")
    inventory.link_model(model=model, initiative=initiative, by=admin)
    sync()
    assert values(Series.objects.get(key="linked-by-hand/auc")) == {TODAY: Decimal("0.91")}


def test_a_tag_that_names_no_initiative_is_told(
    lone_registry: Registry, sync: Callable[[], SyncRun]
) -> None:
    lone_registry.model("lost", initiative="AI-9999")
    run = sync()
    assert run.state == SyncRun.State.PARTIAL
    sentences = {each["what"]: each["sentence"] for each in run.refusals}
    assert sentences["lost"] == "Its tag initiative names AI-9999, and there is no such initiative."
    lone_registry.delete("lost")


def test_a_server_that_is_down_is_passing(
    connection: Connection, sync: Callable[[], SyncRun], settings: Any, admin: Any
) -> None:
    settings.OUTBOUND_ALLOWED = ["127.0.0.1:9"]
    services.edit_connection(
        connection=connection,
        name=connection.name,
        settings={"address": "http://127.0.0.1:9"},
        every_seconds=60,
        by=admin,
    )
    run = sync()
    assert (run.state, "cannot be reached" in run.error) == ("failed", True)
    assert (run.job.state, run.job.error) == ("queued", run.error)


def test_datasets_and_lineage_lead_from_data_to_versions(
    lone_registry: Registry, sync: Callable[[], SyncRun], initiative: Initiative, admin: Any
) -> None:
    run_id = lone_registry.run("claims-experiment")
    lone_registry.dataset(run_id, "claims-2026", "d1")
    lone_registry.model("claims", initiative=initiative.key)
    lone_registry.version("claims", run_id)
    run = sync()
    assert run.rows_refused == 0
    assert ModelVersion.objects.get().experiment == "claims-experiment"
    dataset = Dataset.objects.get()
    assert (dataset.name, dataset.digest, dataset.kind) == ("claims-2026", "d1", "s3")
    assert dataset.schema == {"amount": "double"}
    flow = Flow.objects.get()
    assert (flow.from_dataset, flow.to_version, flow.via, flow.context) == (
        dataset, ModelVersion.objects.get(), run_id, "training",
    )  # fmt: skip
    asset = ModelAsset.objects.get()
    assert list(inventory_selectors.flows_into(model=asset, viewer=admin)) == [flow]
    assert sync().has_changed_nothing
