"""Buckets as fake-gcs-server answers them, and the billing export as bqemulator queries it."""

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

import httpx
import pytest

from portfolio.bench.peers import Server
from tests.connectors.program import Program
from tests.connectors.reaching import Reaching, read_folder
from tests.servers.clouds import bigquery, fake_gcs_server
from tests.servers.replays.google_billing import account_key
from tests.servers.scripted import Reply, Scripted, scripted_server

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

PROJECT = "firm"
TABLE = f"{PROJECT}.billing.gcp_billing_export_resource_v1_0123"


# Cloud Storage


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with fake_gcs_server(tmp_path_factory.mktemp("gcs")) as server:
        httpx.post(f"{server.url}/storage/v1/b?project={PROJECT}", json={"name": "bills"})
        yield server


def put(server: Server, name: str, content: bytes) -> None:
    address = f"{server.url}/upload/storage/v1/b/bills/o?uploadType=media&name={quote(name)}"
    assert httpx.post(address, content=content).status_code == 200


def test_a_folder_of_bills_lies_in_a_bucket(storage: Server) -> None:
    env = {"STORAGE_EMULATOR_HOST": storage.url, "NO_GCE_CHECK": "true"}
    put(storage, "oktober/a.csv", b"first")
    manifest = {"scope": "x", "billing_period": "2026-10", "version": "2026-11-03",
                "files": ["a.csv"]}  # fmt: skip
    put(storage, "oktober/manifest.json", json.dumps(manifest).encode())
    told = read_folder("gs://bills", **env)
    assert (told["parts"], told["refused"], told["error"]) == ({"oktober/a.csv": "first"}, [], "")
    assert told["checks"] == [True, True]
    assert read_folder("gs://bills", marks=told["marks"], **env)["parts"] == {}
    put(storage, "oktober/a.csv", b"second")
    changed = read_folder("gs://bills", marks=told["marks"], **env)
    assert changed["parts"] == {"oktober/a.csv": "second"}


def test_a_bucket_that_is_not_there_is_said(storage: Server) -> None:
    env = {"STORAGE_EMULATOR_HOST": storage.url, "NO_GCE_CHECK": "true"}
    told = read_folder("gs://elsewhere", **env)
    assert told["checks"] == [False] and "elsewhere" in told["error"]


# BigQuery


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with bigquery(tmp_path_factory.mktemp("bigquery"), project=PROJECT) as server:
        made = httpx.post(
            f"{server.url}/bigquery/v2/projects/{PROJECT}/datasets",
            json={"datasetReference": {"projectId": PROJECT, "datasetId": "billing"}},
        )
        assert made.is_success, made.text
        yield server


@pytest.fixture(scope="module")
def tokens() -> Iterator[Scripted]:
    """Google's address for tokens, which bqemulator has none of: a replay of its answer."""
    with scripted_server(
        lambda call: Reply.of({"access_token": "passing", "expires_in": 3599})
    ) as server:
        yield server


def ask(server: Server, sql: str) -> None:
    answer = httpx.post(
        f"{server.url}/bigquery/v2/projects/{PROJECT}/queries",
        json={"query": sql, "useLegacySql": False}, timeout=60,
    )  # fmt: skip
    assert answer.is_success and not answer.json().get("errors"), answer.text


def charge(day: str, cost: str, *, credit: str = "", service: str = "Vertex AI") -> str:
    given = f"[STRUCT('Rabatt' AS name, {credit} AS amount)]" if credit else "[]"
    return (
        "STRUCT('0123' AS billing_account_id, STRUCT('firm' AS id, 'Firma' AS name) AS project,"
        f" STRUCT('{service}' AS description) AS service,"
        " STRUCT('A-1' AS id, 'Vorhersage, ü' AS description) AS sku,"
        " STRUCT('europe-west4' AS region) AS location,"
        f" TIMESTAMP '{day} 10:00:00+00' AS usage_start_time, {cost} AS cost, 'USD' AS currency,"
        " 'regular' AS cost_type,"
        " STRUCT(12.5 AS amount_in_pricing_units, 'count' AS pricing_unit) AS usage,"
        f" {given} AS credits, [STRUCT('initiative' AS key, 'AI-7' AS value)] AS labels,"
        f" STRUCT('{day[:4]}{day[5:7]}' AS month) AS invoice)"
    )


@pytest.fixture
def source(warehouse: Server, tokens: Scripted) -> Reaching:
    peer = Server(tokens.url, 0, warehouse.log)
    settings = {
        "table": TABLE,
        "project": PROJECT,
        "service_account_key": account_key(tokens.url),
        "endpoint": warehouse.url,
    }
    return Reaching("google_billing", warehouse, peer, settings=settings)


def fill(server: Server, *rows: str) -> None:
    """Make the export anew, as a restatement does."""
    ask(server, f"CREATE OR REPLACE TABLE `{TABLE}` AS SELECT * FROM UNNEST([{', '.join(rows)}])")


def test_a_billing_export_arrives_with_its_credits(warehouse: Server, source: Reaching) -> None:
    fill(
        warehouse,
        charge("2026-10-05", "11.5", credit="-1.0"),
        charge("2026-11-01", "812.5"),
        charge("2026-11-20", "0.25", service="Compute Engine"),
    )
    assert all(check.is_ok for check in source.plugin.test(source.errand()))
    program = Program()
    program.run(source)
    assert program.refused == []
    assert program.billed() == {
        dt.date(2026, 10, 1): Decimal("10.5"), dt.date(2026, 11, 1): Decimal("812.75"),
    }  # fmt: skip
    [line] = program.bills[TABLE, dt.date(2026, 10, 1)][1]
    assert json.loads(line["Tags"]) == {"initiative": "AI-7"}
    assert (line["ServiceCategory"], line["ChargeDescription"]) == (
        "AI and Machine Learning", "Vorhersage, ü",
    )  # fmt: skip
    program.run(source)
    assert program.delivered == []
    fill(warehouse, charge("2026-10-05", "11.5", credit="-1.0"), charge("2026-11-01", "800"))
    program.run(source)
    assert [each.period for each in program.delivered] == [dt.date(2026, 11, 1)]
    assert program.billed()[dt.date(2026, 11, 1)] == 800


def test_a_table_that_is_not_there_is_said(source: Reaching) -> None:
    other = {"table": f"{PROJECT}.billing.nothing_here"}
    [check] = source.plugin.test(source.errand(settings=other))
    assert not check.is_ok and "nothing_here" in check.sentence
