"""What measures connections reads what is there, whole and once."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from governance_app.connectors.services import SYNC
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.people.services import system_user
from portfolio.bench import answering, pulling, registries, steps
from portfolio.bench.answering import bucket, vendor
from portfolio.bench.bills import Made, write_parquet
from portfolio.bench.connections import OF_A_RUN
from portfolio.bench.peers import mlflow_server

KEY = "focus/data/BILLING_PERIOD=2026-10/focus-00001.snappy.parquet"
MANIFEST = "focus/metadata/BILLING_PERIOD=2026-10/focus-Manifest.json"


def sync(connection: str, host: str) -> dict[str, Any]:
    return dict(pulling.sync(connection=connection, hosts=[host]))


def test_the_bucket_answers_as_s3_does(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"1,2")
    with bucket({"x/a.csv": path, "y/b.csv": path}) as address:
        listed = httpx.get(f"{address}/bills?list-type=2&prefix=x").text
        assert "<Key>x/a.csv</Key>" in listed and "y/b.csv" not in listed
        head = httpx.head(f"{address}/bills/x/a.csv")
        assert (head.headers["content-length"], head.content) == ("3", b"")
        tag = head.headers["etag"]
        got = httpx.get(f"{address}/bills/x/a.csv", headers={"if-match": tag})
        assert got.content == b"1,2"
        assert (
            httpx.get(f"{address}/bills/x/a.csv", headers={"if-match": '"no"'}).status_code == 412
        )
        assert httpx.get(f"{address}/bills/elsewhere").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_month_is_brought_home_from_the_bucket(tmp_path: Path) -> None:
    bill, manifest = tmp_path / "bill.parquet", tmp_path / "manifest.json"
    write_parquet(Made(600, 15), bill)
    manifest.write_text(json.dumps({"dataFiles": [f"s3://bills/{KEY}"]}))
    steps.STEPS["furnish"](initiatives=25)
    with bucket({KEY: bill, MANIFEST: manifest}) as address:
        host = address.removeprefix("http://")
        settings = {
            "bucket": "bills", "export": "focus", "access_key_id": "key",
            "secret_access_key": "secret", "endpoint": address,
        }  # fmt: skip
        made = pulling.connect(plugin="aws_focus", name="AWS", settings=settings, hosts=[host])
        assert sync(made["connection"], host)["read"] == 600
        assert sync(made["connection"], host)["read"] == 0


@pytest.mark.django_db(transaction=True)
def test_what_is_due_at_once_runs_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "VENDOR_SECONDS", 0.0)
    steps.STEPS["furnish"](initiatives=25)
    by = system_user("jobs")
    with vendor() as address:
        hosts = [address.removeprefix("http://")]
        assert pulling.connect_many(count=5, address=address, hosts=hosts)["schedules"] == 5
        assert SYNC not in {job.kind for job in jobs.run_due_schedules(by=by)}
        at = pulling.make_due(in_seconds=0)["at"]
        for _ in range(2):
            jobs.run_due_schedules(by=by)
        for job in Job.objects.filter(state="queued", kind=SYNC):
            run_inline(job)
    told = pulling.started(at=at)
    assert (len(told["waits"]), told["runs"], told["slots"], told["done"]) == (5, 5, 5, 5)
    assert told["failed"] == [] and all(wait >= 0 for wait in told["waits"])


@pytest.mark.peer
@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
def test_a_filled_registry_is_a_registry(tmp_path: Path) -> None:
    steps.STEPS["furnish"](initiatives=25)
    with mlflow_server(tmp_path) as server:
        registries.fill(tmp_path / "mlflow.db", models=20, versions=3)
        assert registries.bare_calls(server.url)[1] == 4
        made = pulling.connect(
            plugin="mlflow", name="Registry", settings={"address": server.url},
            hosts=[server.host_port],
        )  # fmt: skip
        first = sync(made["connection"], server.host_port)
        again = sync(made["connection"], server.host_port)
    assert first["new"] == 20 + 60
    assert (again["new"], again["changed"]) == (0, 0)
    assert again["events"].keys() <= OF_A_RUN < first["events"].keys()
