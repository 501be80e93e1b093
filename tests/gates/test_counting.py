"""What is counted of an initiative for its gates is what people and registries put there."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from governance_app.compliance import services as compliance
from governance_app.domain.records import ModelRecord, ModelVersionRecord, Reading
from governance_app.gates.counting import Counted, counted
from governance_app.inventory import services as inventory
from governance_app.inventory.models import ModelAsset
from governance_app.readings import services as readings
from governance_app.risk import services as risks
from governance_app.value import services as value
from tests.gates.world import World

pytestmark = pytest.mark.django_db

SOURCE = "connection:registry"


@pytest.fixture
def row(bare: World) -> Any:
    """An initiative with one KPI that has a baseline, and nothing else that is counted."""
    return bare.initiative()


def of(row: Any) -> Counted:
    return counted(initiatives=[row.pk])[row.pk]


def registered(by: Any, **versions: dt.datetime | None) -> ModelAsset:
    """Let a registry list one model, ``claims``, with these versions and no other."""
    inventory.take_models(source=SOURCE, records=[ModelRecord("claims")], by=by)
    listed = [
        ModelVersionRecord("claims", number, created_at=at) for number, at in versions.items()
    ]
    inventory.take_versions(source=SOURCE, records=listed, by=by)
    inventory.settle_versions(
        source=SOURCE, seen={("claims", number) for number in versions}, by=by
    )
    return ModelAsset.objects.get(name="claims")


def test_of_nothing_nothing_is_counted(bare: World) -> None:
    stranger = uuid.uuid4()
    assert counted(initiatives=[]) == {}
    nothing = Counted(0, 0, 0, None, False, None, [], 0, 0, 0)
    assert counted(initiatives=[stranger]) == {stranger: nothing}


def test_each_initiative_is_counted_by_itself(bare: World, row: Any) -> None:
    other = bare.initiative("Letters")
    risks.raise_signal(
        initiative=other, kind="drift.alarm", evidence="PSI 0.31 of 0.25.", on=timezone.localdate(),
        by=bare.officer,
    )  # fmt: skip
    found = counted(initiatives=[row.pk, other.pk])
    assert (found[row.pk].signals, found[other.pk].signals) == ([], ["drift.alarm"])


def test_kpis_are_counted_with_and_without_a_baseline(bare: World, row: Any) -> None:
    value.add_kpi(initiative=row, name="Complaints", direction="lower", by=bare.admin)
    assert (of(row).kpis, of(row).kpis_with_baseline) == (2, 1)
    month = timezone.localdate().replace(day=1)
    value.add_kpi(
        initiative=row, name="Appeals", direction="lower", baseline=Decimal(0),
        baseline_month=month, by=bare.admin,
    )  # fmt: skip
    assert (of(row).kpis, of(row).kpis_with_baseline) == (3, 2), "a baseline of 0 is one"


def test_the_newest_version_of_what_is_linked_and_there_counts(bare: World, row: Any) -> None:
    old, new = (dt.datetime(2026, month, 1, tzinfo=dt.UTC) for month in (2, 8))
    model = registered(bare.admin, v1=old, v2=new)
    assert (of(row).models, of(row).newest_version_at) == (0, None), "nothing is linked"
    link = inventory.link_model(model=model, initiative=row, by=bare.admin)
    assert (of(row).models, of(row).newest_version_at) == (1, new), "once, of two versions"
    registered(bare.admin, v1=old)
    assert (of(row).models, of(row).newest_version_at) == (1, old), "v2 left the registry"
    registered(bare.admin)
    assert (of(row).models, of(row).newest_version_at) == (1, None)
    inventory.settle_models(source=SOURCE, seen=set(), by=bare.admin)
    assert of(row).models == 0, "the model left the registry"
    registered(bare.admin, v3=new)
    assert (of(row).models, of(row).newest_version_at) == (1, new), "and came back"
    inventory.unlink_model(link=link, by=bare.admin)
    assert (of(row).models, of(row).newest_version_at) == (0, None)


def test_metrics_arrive_by_themselves_or_not(bare: World, row: Any) -> None:
    today = timezone.localdate()

    def series(key: str, source: str) -> Any:
        return readings.open_series(initiative=row, key=key, name=key, source=source, by=bare.admin)

    by_hand = series("minutes", "manual")
    readings.record(series=by_hand, points=[Reading(today, Decimal(9))], by=bare.admin)
    assert (of(row).is_monitored, of(row).last_metric_at) == (False, None), "a person wrote it"
    fed = series("claims/accuracy", SOURCE)
    assert (of(row).is_monitored, of(row).last_metric_at) == (True, None), "nothing came yet"
    before = timezone.now()
    readings.record(series=fed, points=[Reading(today, Decimal("0.9"))], by=bare.admin)
    last = of(row).last_metric_at
    assert of(row).is_monitored and last is not None and before <= last <= timezone.now()


def test_open_signals_are_named_once_each(bare: World, row: Any) -> None:
    today = timezone.localdate()
    raised = [
        risks.raise_signal(
            initiative=row, kind=kind, evidence="0.31 of 0.25.", on=today, ref=ref, by=bare.officer
        )
        for kind, ref in (("drift.alarm", "age"), ("drift.alarm", "income"), ("metric.missed", ""))
    ]
    assert of(row).signals == ["drift.alarm", "metric.missed"]
    risks.clear_signal(signal=raised[0], because="Retrained.", on=today, by=bare.officer)
    risks.clear_signal(signal=raised[2], because="Mended.", on=today, by=bare.officer)
    assert of(row).signals == ["drift.alarm"], "income drifts still"


def test_open_gaps_are_counted_and_the_severe_ones_apart(bare: World, row: Any) -> None:
    today = timezone.localdate()
    found = {
        severity: compliance.add_finding(
            initiative=row, title=severity, severity=severity, on=today, by=bare.officer
        )
        for severity in ("high", "medium", "low")
    }
    assert (of(row).gaps, of(row).severe_gaps) == (3, 1)
    compliance.close_gap(gap=found["low"], because="Mended.", on=today, by=bare.officer)
    assert (of(row).gaps, of(row).severe_gaps) == (2, 1)


def test_an_incident_counts_until_it_is_closed(bare: World, row: Any) -> None:
    now = timezone.now()
    made = risks.report_incident(
        initiative=row, title="Wrong letters", severity=1, occurred_at=now, detected_at=now,
        aware_at=now, now=now, by=bare.officer,
    )  # fmt: skip
    risks.change_incident(incident=made, state="resolved", now=now, by=bare.officer)
    assert of(row).incidents == 1, "resolved is not closed"
    for notice in made.notices.filter(sent_at=None):
        risks.send_notice(
            notice=notice, sent_at=now, reference="DPA-1", now=now, by=bare.officer
        )  # fmt: skip
    risks.close_incident(
        incident=made, lessons="Test with real names.", cause="A template.", now=now,
        by=bare.officer,
    )  # fmt: skip
    assert of(row).incidents == 0
