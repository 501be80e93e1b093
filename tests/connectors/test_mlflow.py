"""The MLflow plug-in against a real MLflow server."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance_app.connectors.base import Batch, Errand, PermanentError, Reach
from governance_app.connectors.plugins import mlflow
from governance_app.connectors.plugins.mlflow import Mlflow
from governance_app.domain.records import ModelRecord, ModelVersionRecord, ReadingRecord
from tests.connectors.errands import TODAY, errand, watermark_after
from tests.servers.mlflow_registry import Registry

PLUGIN = Mlflow()
SEP, OCT = dt.date(2026, 9, 30), dt.date(2026, 10, 31)


def errand_for(registry: Registry, **parts: Any) -> Errand:
    settings = {"address": registry.server.url, **parts.pop("settings", {})}
    reach = Reach(hosts=(registry.server.host_port,))
    return errand(PLUGIN, reach=reach, settings=settings, **parts)


def records(batches: list[Batch], kind: type, model: str) -> list[Any]:
    """Give the records of one test's model: the server is shared."""
    named = {ModelRecord: "name", ModelVersionRecord: "model_name", ReadingRecord: "model_name"}
    found = [each for batch in batches for each in batch.records if isinstance(each, kind)]
    return [each for each in found if getattr(each, named[kind]) == model]


def fraud(registry: Registry, name: str, **tags: str) -> str:
    """Register a model with one version, whose run logged accuracy twice; give the run."""
    run = registry.run("fraud")
    registry.metric(run, "accuracy", 0.91, SEP, step=1)
    registry.metric(run, "accuracy", 0.93, OCT, step=2)
    registry.param(run, "depth", "6")
    registry.model(name, **tags)
    registry.version(name, run)
    return run


def test_models_versions_aliases_and_metrics_come_across(registry: Registry) -> None:
    run = fraud(registry, "whole", initiative="AI-7", team="risk")
    registry.version("whole", source="s3://models/whole-2")
    registry.alias("whole", "champion", "1")
    batches = list(PLUGIN.pull(errand_for(registry)))
    [model] = records(batches, ModelRecord, "whole")
    assert (model.tags, model.source_ref) == (
        {"initiative": "AI-7", "team": "risk"},
        "models:/whole",
    )
    first, second = sorted(
        records(batches, ModelVersionRecord, "whole"), key=lambda each: each.version
    )
    assert (first.version, first.aliases, first.run_ref) == ("1", ("champion",), run)
    assert (first.metrics, first.params) == ({"accuracy": 0.93}, {"depth": "6"})
    assert (second.version, second.aliases, second.metrics) == ("2", (), {})
    assert second.source_uri == "s3://models/whole-2"
    assert first.created_at is not None
    readings = records(batches, ReadingRecord, "whole")
    assert [(each.initiative_key, each.series_key) for each in readings] == [
        ("AI-7", "whole/accuracy"),
        ("AI-7", "whole/accuracy"),
    ]
    assert {each.reading.period_on: each.reading.value for each in readings} == {
        SEP: Decimal("0.91"),
        OCT: Decimal("0.93"),
    }
    assert readings[0].reading.source_ref == f"whole version 1, run {run}"


def test_listings_are_complete(registry: Registry) -> None:
    batches = list(PLUGIN.pull(errand_for(registry)))
    ended = [kind for batch in batches for kind in batch.complete]
    assert ended == [ModelRecord, ModelVersionRecord]


def test_only_claimed_models_give_readings(registry: Registry) -> None:
    fraud(registry, "unclaimed")
    fraud(registry, "linked")
    batches = list(PLUGIN.pull(errand_for(registry, linked=frozenset({"linked"}))))
    assert records(batches, ReadingRecord, "unclaimed") == []
    assert {each.initiative_key for each in records(batches, ReadingRecord, "linked")} == {""}


def test_a_history_is_read_again_only_when_its_last_value_moved(registry: Registry) -> None:
    run = fraud(registry, "moving", initiative="AI-7")
    marks = watermark_after(PLUGIN.pull(errand_for(registry)))
    again = list(PLUGIN.pull(errand_for(registry, watermark=marks)))
    assert records(again, ReadingRecord, "moving") == []
    registry.metric(run, "accuracy", 0.95, TODAY, step=3)
    batches = list(PLUGIN.pull(errand_for(registry, watermark=marks)))
    values = [each.reading.value for each in records(batches, ReadingRecord, "moving")]
    assert values == [Decimal("0.91"), Decimal("0.93"), Decimal("0.95")]


def test_a_late_value_is_found_the_next_day(registry: Registry) -> None:
    run = fraud(registry, "late", initiative="AI-7")
    marks = watermark_after(PLUGIN.pull(errand_for(registry)))
    registry.metric(run, "accuracy", 0.5, dt.date(2026, 8, 31), step=0)
    same_day = list(PLUGIN.pull(errand_for(registry, watermark=marks)))
    assert records(same_day, ReadingRecord, "late") == []
    tomorrow = TODAY + dt.timedelta(days=1)
    batches = list(PLUGIN.pull(errand_for(registry, watermark=marks, today=tomorrow)))
    assert len(records(batches, ReadingRecord, "late")) == 3


def test_of_two_versions_the_higher_one_gives_the_days_value(registry: Registry) -> None:
    fraud(registry, "twice", initiative="AI-7")
    run = registry.run("fraud")
    registry.metric(run, "accuracy", 0.99, OCT)
    registry.version("twice", run)
    batches = list(PLUGIN.pull(errand_for(registry)))
    readings = records(batches, ReadingRecord, "twice")
    assert {each.reading.period_on: each.reading.value for each in readings} == {
        SEP: Decimal("0.91"),
        OCT: Decimal("0.99"),
    }


def test_with_a_serving_alias_only_that_version_counts(registry: Registry) -> None:
    fraud(registry, "served", initiative="AI-7")
    run = registry.run("fraud")
    registry.metric(run, "accuracy", 0.99, OCT)
    registry.version("served", run)
    registry.alias("served", "champion", "1")
    settings = {"serving_alias": "champion"}
    batches = list(PLUGIN.pull(errand_for(registry, settings=settings)))
    values = {each.reading.value for each in records(batches, ReadingRecord, "served")}
    assert values == {Decimal("0.91"), Decimal("0.93")}


def test_a_value_that_is_no_number_is_refused_by_name(registry: Registry) -> None:
    run = fraud(registry, "broken", initiative="AI-7")
    registry.metric(run, "loss", "NaN", OCT)
    batches = list(PLUGIN.pull(errand_for(registry)))
    refused = [each for batch in batches for each in batch.refused]
    assert [(each.what, each.sentence) for each in refused] == [
        ("broken version 1, loss", "NaN is no number that can be kept.")
    ]
    [version] = records(batches, ModelVersionRecord, "broken")
    assert version.metrics == {"accuracy": 0.93}


def test_a_version_tag_names_its_own_initiative(registry: Registry) -> None:
    fraud(registry, "tagged-ü", initiative="AI-7")
    registry._post(
        "model-versions/set-tag", name="tagged-ü", version="1", key="initiative", value="AI-8"
    )
    batches = list(PLUGIN.pull(errand_for(registry)))
    keys = {each.initiative_key for each in records(batches, ReadingRecord, "tagged-ü")}
    assert keys == {"AI-8"}


def test_paging_takes_every_model_once(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        registry.model(f"page-{number}")
        registry.version(f"page-{number}")
    monkeypatch.setattr(mlflow, "MODELS_A_PAGE", 2)
    monkeypatch.setattr(mlflow, "VERSIONS_A_PAGE", 3)
    monkeypatch.setattr(mlflow, "VERSIONS_A_BATCH", 4)
    batches = list(PLUGIN.pull(errand_for(registry)))
    names = [
        each.name for batch in batches for each in batch.records if isinstance(each, ModelRecord)
    ]
    assert len(names) == len(set(names))
    assert {f"page-{number}" for number in range(7)} <= set(names)
    ended = [kind for batch in batches for kind in batch.complete]
    assert ended == [ModelRecord, ModelVersionRecord]


def test_test_tries_each_right(registry: Registry) -> None:
    checks = PLUGIN.test(errand_for(registry))
    assert [(check.title, check.is_ok) for check in checks] == [
        ("Models can be listed", True),
        ("Versions can be listed", True),
        ("Runs can be read", True),
    ]


def test_test_says_when_the_address_is_refused(registry: Registry) -> None:
    [check] = PLUGIN.test(errand(PLUGIN, settings={"address": registry.server.url}))
    assert not check.is_ok
    assert "OUTBOUND_ALLOWED" in check.sentence


def test_an_address_needs_its_scheme() -> None:
    with pytest.raises(PermanentError, match="write https://mlflow"):
        PLUGIN.clean({"address": "mlflow.example.com"})
