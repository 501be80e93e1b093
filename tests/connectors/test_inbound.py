"""What is pushed: who may, how often, what twice changes, and where it goes."""

import base64
import datetime as dt
import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance_app.audit.models import Event
from governance_app.connectors import services
from governance_app.connectors.models import (
    InboundEvent,
    InboundMinute,
    InboundToken,
    Stray,
    StrayReading,
)
from governance_app.domain.errors import Sentence
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import Dataset, DatasetLink, Flow
from governance_app.people.access import Refused
from governance_app.readings.models import Point, Series

pytestmark = pytest.mark.django_db

TODAY = timezone.now().date()
ALL = ("metrics", "lineage", "events")


@pytest.fixture
def administrator(person: Callable[..., Any]) -> Any:
    return person("administrator")


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def foreign(other_unit: Any, admin: Any) -> Initiative:
    return initiatives.add(name="Underwriting", unit=other_unit, by=admin, stage="pilot")


def made(by: Any, **options: Any) -> tuple[InboundToken, Client]:
    options = {"name": "Airflow", "scopes": ALL} | options
    token, secret = services.add_inbound_token(by=by, **options)
    return token, Client(HTTP_AUTHORIZATION=f"Bearer {secret}")


def push(client: Client, path: str, body: Any, **headers: Any) -> Any:
    kind = headers.pop("content_type", "application/json")
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/api/v1/{path}", data, content_type=kind, **headers)


def metric(initiative: str = "", **parts: Any) -> dict[str, Any]:
    named = {"initiative": initiative} if initiative else {}
    base = {"series": "latency_p95", "period_on": str(TODAY), "value": "120.5", "unit": "ms"}
    return {**named, **base, **parts}


def lineage(**parts: Any) -> dict[str, Any]:
    return {
        "eventTime": f"{TODAY}T01:00:00Z",
        "eventType": "COMPLETE",
        "run": {"runId": "0190-1"},
        "job": {"namespace": "airflow", "name": "claims_features"},
        "inputs": [{"namespace": "postgres", "name": "claims"}],
        "outputs": [
            {
                "namespace": "s3",
                "name": "features",
                "outputFacets": {"outputStatistics": {"rowCount": 1200, "size": 5}},
            }
        ],
        "producer": "https://example.com",
    } | parts


# Tokens


def test_only_the_hash_of_a_token_is_kept(administrator: Any) -> None:
    token, secret = services.add_inbound_token(name="Airflow", scopes=ALL, by=administrator)
    assert secret.startswith("aipi_") and secret not in repr(vars(token))
    told = Event.objects.filter(row=str(token.pk)).values_list("after", "before")
    assert told.exists() and token.digest not in repr(list(told))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"scopes": ()}, "some of"),
        ({"scopes": ("everything",)}, "some of"),
        ({"calls_a_minute": 0}, "calls a minute"),
        ({"days": 9999}, "three years"),
    ],
)
def test_a_wrong_token_is_refused(administrator: Any, options: Any, said: str) -> None:
    with pytest.raises(Sentence, match=said):
        made(administrator, **options)
    assert not InboundToken.objects.exists()


def test_who_may_not_set_up_connections_makes_no_token(person: Callable[..., Any]) -> None:
    with pytest.raises(Refused):
        made(person("program_manager"))
    assert not InboundToken.objects.exists()


@pytest.mark.parametrize("path", ["metrics/", "lineage", "lineage/batch", "events/"])
def test_a_door_opens_to_its_own_tokens_only(administrator: Any, path: str) -> None:
    token, client = made(administrator, scopes=("metrics",))
    assert push(Client(), path, {}).status_code == 401
    assert push(Client(HTTP_AUTHORIZATION="Bearer aipi_wrong"), path, {}).status_code == 401
    signed_in = Client()
    signed_in.force_login(administrator)
    assert push(signed_in, path, {}).status_code == 401
    answer = push(client, path, {})
    if path != "metrics/":
        assert answer.status_code == 403
        assert "takes another one" in answer.json()["error"]["message"]
    services.revoke_inbound_token(token=token, by=administrator)
    assert push(client, path, {}).status_code == 401
    token.refresh_from_db()
    InboundToken.objects.filter(pk=token.pk).update(
        revoked_at=None, expires_at=timezone.now() - dt.timedelta(seconds=1)
    )
    assert push(client, path, {}).status_code == 401


def test_a_token_reads_nothing(administrator: Any, initiative: Initiative) -> None:
    _, client = made(administrator)
    for path in ("initiatives/", "readings/", "jobs/", "series/"):
        assert client.get(f"/api/v1/{path}").status_code in (401, 403, 405), path


def test_too_many_calls_are_held_up_and_counted(administrator: Any, initiative: Any) -> None:
    _, client = made(administrator, calls_a_minute=2)
    bodies = [metric(initiative.key, value=str(n)) for n in range(4)]
    answers = [push(client, "metrics/", {"metrics": [body]}) for body in bodies]
    assert [each.status_code for each in answers] == [200, 200, 429, 429]
    assert 1 <= int(answers[2].headers["Retry-After"]) <= 60
    assert "2 calls a minute" in answers[2].json()["error"]["message"]
    assert list(InboundMinute.objects.values_list("calls", "refused")) == [(2, 2)]
    assert Point.objects.get(known_to=None).value == 1


# Metrics


def test_metrics_find_their_series_and_twice_is_once(
    administrator: Any, initiative: Initiative
) -> None:
    _, client = made(administrator)
    body = {"metrics": [metric(initiative.key), metric(initiative.key, series="requests", value=7)]}
    first = push(client, "metrics/", body).json()
    assert first == {
        "received": 2, "new": 2, "changed": 0, "waiting": 0, "refused": 0, "reasons": []
    }  # fmt: skip
    again = push(client, "metrics/", body).json()
    assert (again["new"], again["changed"]) == (0, 0)
    assert Point.objects.count() == 2
    corrected = push(client, "metrics/", {"metrics": [metric(initiative.key, value="99")]}).json()
    assert (corrected["new"], corrected["changed"]) == (0, 1)
    series = Series.objects.get(key="latency_p95")
    assert (series.initiative, series.unit) == (initiative, "ms")
    assert [p.value for p in series.points.order_by("known_from")] == [Decimal("120.5"), 99]


def test_a_key_makes_a_request_happen_once(administrator: Any, initiative: Initiative) -> None:
    _, client = made(administrator)
    body = {"metrics": [metric(initiative.key)]}
    headers = {"HTTP_IDEMPOTENCY_KEY": "run-7"}
    assert push(client, "metrics/", body, **headers).json()["new"] == 1
    again = push(client, "metrics/", body, **headers)
    assert again.json()["new"] == 1 and again.headers["Idempotency-Replayed"] == "true"
    other = push(client, "metrics/", {"metrics": [metric(initiative.key, value=1)]}, **headers)
    assert other.status_code == 422
    assert Point.objects.count() == 1


def test_what_names_no_initiative_waits_and_is_not_lost(
    administrator: Any, initiative: Initiative, person: Callable[..., Any]
) -> None:
    _, client = made(administrator)
    body = {
        "metrics": [
            metric("AI-99999"),
            metric(labels={"name": "claims-api", "account": "1234"}),
            metric(labels={"name": "claims-api", "account": "1234"}, series="errors", value=3),
        ]
    }
    told = push(client, "metrics/", body).json()
    assert (told["new"], told["waiting"], told["refused"]) == (0, 3, 0)
    assert push(client, "metrics/", body).json()["waiting"] == 0
    assert not Series.objects.exists()
    waiting = {row.name: row for row in Stray.objects.all()}
    assert set(waiting) == {"AI-99999", "claims-api"}
    assert "no such initiative" in waiting["AI-99999"].why
    services.place_stray(
        stray=waiting["claims-api"], initiative=initiative, by=person("program_manager")
    )
    assert set(Series.objects.values_list("key", flat=True)) == {"latency_p95", "errors"}
    assert StrayReading.objects.count() == 1
    later = metric(labels={"name": "claims-api"}, period_on=str(TODAY - dt.timedelta(days=1)))
    assert push(client, "metrics/", {"metrics": [later]}).json()["new"] == 1


def test_a_token_reaches_no_further_than_its_node(
    administrator: Any, unit: Any, initiative: Initiative, foreign: Initiative
) -> None:
    _, client = made(administrator, node=unit)
    body = {"metrics": [metric(foreign.key), metric(initiative.key)]}
    told = push(client, "metrics/", body).json()
    assert (told["new"], told["waiting"]) == (1, 1)
    assert list(Series.objects.values_list("initiative__key", flat=True)) == [initiative.key]


def test_a_token_of_one_initiative_takes_what_says_nothing(
    administrator: Any, initiative: Initiative
) -> None:
    _, client = made(administrator, initiative=initiative, node=initiative.node)
    assert push(client, "metrics/", {"metrics": [metric()]}).json()["new"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"metrics": []}', 400),
        (b'{"metrics": [{"series": "a", "period_on": "2026-01-01", "value": NaN}]}', 400),
        (b'{"metrics": [{"series": "a", "period_on": "2026-01-01", "value": "x"}]}', 400),
        (b'{"metrics": [{"series": "a", "period_on": "2026-01-01", "value": 1, "q": 1}]}', 400),
        (b'{"metrics": "' + b"x" * (4 << 20) + b'"}', 400),
        (b"[1]", 400),
    ],
)
def test_a_wrong_body_is_told_and_changes_nothing(
    administrator: Any, body: bytes, status: int, ledger_count: Callable[[], int]
) -> None:
    _, client = made(administrator)
    before = ledger_count()
    assert push(client, "metrics/", body).status_code == status
    assert ledger_count() <= before + 1  # the principal, made on first use
    assert not Series.objects.exists() and not Stray.objects.exists()


METRIC = b'{"metrics": [{"series": "a", "period_on": "2026-01-01", "value": 1, "labels": %s}]}'
HOSTILE = (
    METRIC % b'{"a\\u0000": "x"}',
    METRIC % b'{"\\ud800": "x"}',
    b'{"metrics": [{"series": "a", "period_on": "2026-01-01", "value": 1e999}]}',
    b'{"eventTime": "2026-11-20T01:00:00Z", "job": {"namespace": "a", "name": "b\\u0000"}}',
    b'{"eventTime": "2026-11-20T01:00:00Z", "job": {"namespace": "a", "name": "b"}, "x": 1e400}',
    b'{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": "\\udfff"}',
    b"[" * 100_000,
    b'{"a": "\xff"}',
    b'"' + b"9" * 5_000 + b'"',
    b"9" * 5_000,
)  # fmt: skip


@pytest.mark.parametrize("path", ["metrics/", "lineage", "lineage/batch", "events/"])
@pytest.mark.parametrize("body", HOSTILE)
def test_what_no_database_can_hold_gets_a_sentence(
    administrator: Any, path: str, body: bytes
) -> None:
    _, client = made(administrator)
    for kind in ("application/json", "application/cloudevents+json"):
        answer = push(client, path, body, content_type=kind)
        assert answer.status_code in (400, 415, 422), answer.content
        assert answer.json()["error"]["message"]
    assert not Series.objects.exists() and not Stray.objects.exists()
    assert not InboundEvent.objects.exists()


@pytest.mark.parametrize(
    "parts",
    [
        {"eventTime": "0001-01-01T00:00:00+14:00"},
        {"eventTime": "9999-12-31T23:59:59-14:00"},
        {"inputs": [{"namespace": "a", "name": "b", "inputFacets": [1]}]},
        {"inputs": [{"namespace": "a", "name": "b", "facets": {"schema": {"fields": 7}}}]},
        {"inputs": [{"namespace": "a", "name": "b", "facets": {"dataQualityAssertions":
                     {"assertions": "all"}}}]},
        {"job": {"namespace": "a", "name": "b", "facets": {"tags": {"tags": 7}}}},
        {"job": {"namespace": "a", "name": "b", "facets": {"ownership": {"owners": {"x": 1}}}}},
        {"outputs": [{"namespace": "s3", "name": "x" * 5_000,
                      "outputFacets": {"outputStatistics": {"rowCount": 12, "size": 10**30}}}]},
        {"job": {"namespace": "a" * 3_000, "name": "b" * 3_000}},
    ],
)  # fmt: skip
def test_lineage_of_a_strange_shape_is_read_as_far_as_it_goes(
    administrator: Any, parts: dict[str, Any]
) -> None:
    _, client = made(administrator)
    answer = push(client, "lineage", lineage(**parts))
    assert answer.status_code in (200, 422), answer.content


def test_data_of_an_event_in_base64_may_be_anything(administrator: Any) -> None:
    _, client = made(administrator)
    for number, data in enumerate((b'{"a": NaN}', b'"\\u0000"', b"[" * 100_000, b"\xff\x00")):
        event = cloud(id=str(number), data_base64=base64.b64encode(data).decode())
        answer = push(client, "events/", event, content_type="application/cloudevents+json")
        assert answer.status_code == 200, answer.content
    assert InboundEvent.objects.count() == 4


def test_a_packed_body_is_unpacked_up_to_a_size(administrator: Any, initiative: Any) -> None:
    _, client = made(administrator)
    body = gzip.compress(json.dumps({"metrics": [metric(initiative.key)]}).encode())
    assert push(client, "metrics/", body, HTTP_CONTENT_ENCODING="gzip").json()["new"] == 1
    bomb = gzip.compress(b"[" + b" " * (17 << 20) + b"]")
    answer = push(client, "metrics/", bomb, HTTP_CONTENT_ENCODING="gzip")
    assert answer.status_code == 400 and "unpacks" in answer.json()["error"]["message"]
    assert push(client, "metrics/", b"x", HTTP_CONTENT_ENCODING="gzip").status_code == 400
    assert push(client, "metrics/", b"x", HTTP_CONTENT_ENCODING="br").status_code == 415


# OpenLineage


def test_lineage_brings_datasets_flows_and_counts(
    administrator: Any, initiative: Initiative
) -> None:
    token, client = made(administrator)
    job = lineage()["job"] | {
        "facets": {"tags": {"tags": [{"key": "initiative", "value": initiative.key}]}}
    }
    assert push(client, "lineage", lineage(job=job)).json()["outcome"] == "taken"
    assert set(Dataset.objects.values_list("name", flat=True)) == {"postgres/claims", "s3/features"}
    flow = Flow.objects.get()
    assert (str(flow.from_dataset), str(flow.to_dataset), flow.via) == (
        "postgres/claims", "s3/features", "airflow/claims_features",
    )  # fmt: skip
    assert DatasetLink.objects.filter(initiative=initiative, ended_at=None).count() == 2
    values = dict(Series.objects.values_list("key", "points__value"))
    assert values == {"s3/features/rows": 1200, "s3/features/size": 5}
    assert token.source in set(Dataset.objects.values_list("source", flat=True))


def test_a_lineage_event_sent_again_changes_nothing(
    administrator: Any, ledger_count: Callable[[], int]
) -> None:
    _, client = made(administrator)
    assert push(client, "lineage", lineage()).json()["repeated"] is False
    before = ledger_count()
    again = json.dumps(lineage(), sort_keys=True, indent=3).encode()
    assert push(client, "lineage", again).json()["repeated"] is True
    assert (ledger_count(), InboundEvent.objects.count()) == (before, 1)


def test_a_pipeline_of_nobody_waits_with_its_counts(
    administrator: Any, initiative: Initiative, person: Callable[..., Any]
) -> None:
    _, client = made(administrator)
    assert push(client, "lineage", lineage()).json()["outcome"] == "waiting"
    waiting = Stray.objects.get(kind="job")
    assert (waiting.name, waiting.labels) == ("airflow/claims_features", {"namespace": "airflow"})
    manager = person("program_manager")
    services.add_mapping_rule(
        looks_at="name", pattern="airflow/claims*", initiative=initiative, by=manager
    )
    waiting.refresh_from_db()
    assert (waiting.state, waiting.initiative) == ("placed", initiative)
    assert Series.objects.filter(initiative=initiative).count() == 2
    later = lineage(run={"runId": "0190-2"}, eventTime=f"{TODAY - dt.timedelta(days=1)}T01:00:00Z")
    assert push(client, "lineage", later).json()["outcome"] == "taken"


@pytest.mark.parametrize("kind", ["START", "RUNNING", "ABORT", "FAIL"])
def test_an_event_that_only_announces_makes_no_flow(administrator: Any, kind: str) -> None:
    _, client = made(administrator)
    assert push(client, "lineage", lineage(eventType=kind)).status_code == 200
    assert not Flow.objects.exists() and Dataset.objects.count() == 2


@pytest.mark.parametrize(
    "body",
    [[], "x", {}, lineage(eventTime="yesterday"), lineage(job={"name": "x"}), lineage(inputs={})],
)
def test_what_is_no_lineage_event_is_refused(administrator: Any, body: Any) -> None:
    _, client = made(administrator)
    assert push(client, "lineage", body).status_code == 422
    assert not Dataset.objects.exists() and not InboundEvent.objects.exists()


def test_of_a_batch_the_whole_ones_are_taken(administrator: Any) -> None:
    _, client = made(administrator)
    other = lineage(run={"runId": "0190-9"})
    told = push(client, "lineage/batch", [lineage(), {"x": 1}, other]).json()
    assert told["status"] == "partial_success"
    assert told["summary"] == {"received": 3, "successful": 2, "failed": 1}
    assert [each["index"] for each in told["failed_events"]] == [1]
    assert InboundEvent.objects.count() == 2


# CloudEvents


def cloud(**parts: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": "1", "source": "/sensors", "type": "com.example.x"} | parts


def test_a_cloud_event_in_each_of_its_forms(administrator: Any, initiative: Initiative) -> None:
    _, client = made(administrator)
    data = metric(initiative.key)
    structured = cloud(type="ai-portfolio.reading.v1", data=data)
    told = push(client, "events/", structured, content_type="application/cloudevents+json")
    assert told.json()[0]["outcome"] == "taken"
    several = {"metrics": [metric(initiative.key, series="errors")]}
    batch = [structured, cloud(id="2", type="ai-portfolio.reading.v1", data=several)]
    told = push(client, "events/", batch, content_type="application/cloudevents-batch+json")
    assert [each["repeated"] for each in told.json()] == [True, False]
    headers = {
        "HTTP_CE_SPECVERSION": "1.0", "HTTP_CE_ID": "3", "HTTP_CE_SOURCE": "/sensors",
        "HTTP_CE_TYPE": "ai-portfolio.status.v1",
    }  # fmt: skip
    status = {"initiative": initiative.key, "status": "at_risk", "sentence": "Drift rose."}
    assert push(client, "events/", status, **headers).json()[0]["outcome"] == "taken"
    initiative.refresh_from_db()
    assert (initiative.status, initiative.status_sentence) == ("at_risk", "Drift rose.")
    assert Series.objects.count() == 2


def test_a_cloud_event_of_an_unknown_type_is_kept(administrator: Any) -> None:
    _, client = made(administrator)
    told = push(
        client, "events/", cloud(data={"a": 1}), content_type="application/cloudevents+json"
    )
    assert told.json()[0]["outcome"] == "kept"
    assert InboundEvent.objects.get().body["data"] == {"a": 1}


@pytest.mark.parametrize(
    "event",
    [
        {"id": "1"}, cloud(specversion="0.3"), cloud(id=""), [1],
        cloud(type="ai-portfolio.reading.v1", data={"series": "a"}),
        cloud(type="ai-portfolio.status.v1", data={"initiative": "AI-1"}),
    ],
)  # fmt: skip
def test_a_wrong_cloud_event_is_refused(administrator: Any, event: Any) -> None:
    _, client = made(administrator)
    answer = push(client, "events/", event, content_type="application/cloudevents+json")
    assert answer.status_code == 400
    assert not InboundEvent.objects.exists()


def test_old_events_are_forgotten(administrator: Any, admin: Any) -> None:
    _, client = made(administrator)
    push(client, "lineage", lineage())
    assert services.forget_inbound(by=admin, now=timezone.now()) == 0
    later = timezone.now() + dt.timedelta(days=91)
    assert services.forget_inbound(by=admin, now=later) == 2
