"""What a sync of a registry takes beside the bare calls of its API, on a real server."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from governance_app.connectors import services
from governance_app.connectors.models import SyncRun
from governance_app.inventory.models import ModelVersion
from governance_app.jobs import tasks as jobs_tasks
from tests.servers.peers import Server, mlflow_server

pytestmark = [pytest.mark.peer, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

#: A registry of 10,000 models is what is asked for; a quick run takes fewer.
MODELS = int(os.environ.get("SPEED_MODELS", "100"))
VERSIONS = 3
#: Wall clock of a sync over the bare calls; judged where they outweigh the fixed cost of a run.
MOST = 1.3
IS_JUDGED = MODELS >= 2000


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose database was filled behind its back, models and runs alike."""
    folder = tmp_path_factory.mktemp("full")
    with mlflow_server(folder) as server:
        _fill(folder / "mlflow.db")
        yield server


def _fill(path: Path) -> None:
    now = 1_760_000_000_000
    names = [f"model-{number:05}" for number in range(MODELS)]
    pairs = [(name, number) for name in names for number in range(1, VERSIONS + 1)]
    with sqlite3.connect(path) as database:
        database.executemany(
            "INSERT INTO registered_models (name, creation_time, last_updated_time, description)"
            " VALUES (?, ?, ?, 'Sorts claims')",
            [(name, now, now) for name in names],
        )
        database.executemany(
            "INSERT INTO runs (run_uuid, name, source_type, status, start_time, experiment_id,"
            " lifecycle_stage, artifact_uri)"
            " VALUES (?, ?, 'LOCAL', 'FINISHED', ?, 0, 'active', '')",
            [(f"{name}.{number}", name, now) for name, number in pairs],
        )
        database.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " VALUES (?, 0.93, ?, 0, 0, ?)",
            [(key, now, f"{n}.{v}") for n, v in pairs for key in ("accuracy", "auc")],
        )
        database.executemany(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time, source,"
            " run_id, status, current_stage) VALUES (?, ?, ?, ?, 's3://m', ?, 'READY', 'None')",
            [(name, number, now, now, f"{name}.{number}") for name, number in pairs],
        )


def bare(server: Server) -> float:
    """Make the calls that the whole registry takes, and nothing else; give the seconds."""
    started = time.perf_counter()
    with httpx.Client(base_url=f"{server.url}/api/2.0/mlflow", timeout=120) as client:

        def pages(path: str, rows: str, **params: Any) -> list[Any]:
            found: list[Any] = []
            while True:
                answer = client.get(path, params=params).json()
                found += answer.get(rows, [])
                if not answer.get("next_page_token"):
                    return found
                params["page_token"] = answer["next_page_token"]

        pages("/registered-models/search", "registered_models", max_results=1000,
              order_by="name ASC")  # fmt: skip
        versions = pages("/model-versions/search", "model_versions", max_results=2000,
                         order_by="name ASC")  # fmt: skip
        pages("/experiments/search", "experiments", max_results=1000)
        ids = [each["run_id"] for each in versions]
        for start in range(0, len(ids), 500):
            quoted = ", ".join(f"'{each}'" for each in ids[start : start + 500])
            body = {"experiment_ids": ["0"], "filter": f"attributes.run_id IN ({quoted})",
                    "max_results": 500}  # fmt: skip
            client.post("/runs/search", json=body).json()
    return time.perf_counter() - started


def test_a_sync_takes_little_longer_than_the_calls_it_makes(
    full: Server,
    person: Callable[..., Any],
    settings: Any,
    organisation: Any,
    ledger_count: Callable[[], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.OUTBOUND_ALLOWED = [full.host_port]
    by = person("administrator")
    connection = services.add_connection(
        plugin="mlflow", name="Registry", settings={"address": full.url}, by=by
    )

    def sync() -> tuple[SyncRun, float, float]:
        job = services.request_sync(connection=connection, by=by)
        wall, cpu = time.perf_counter(), time.process_time()
        done = jobs_tasks.run_inline(job)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return SyncRun.objects.get(job=done), wall, cpu

    bare(full)  # the server's own caches
    before = bare(full)
    run, wall, cpu = sync()
    calls = (before + bare(full)) / 2
    assert (run.state, run.rows_new) == ("done", MODELS * (1 + VERSIONS)), run.error
    assert ModelVersion.objects.count() == MODELS * VERSIONS
    written = ledger_count()
    again, wall_again, cpu_again = sync()
    assert again.has_changed_nothing
    with capsys.disabled():
        print(
            f"\n{MODELS} models: calls {calls:.2f} s; sync {wall:.2f} s ({wall / calls:.2f} x,"
            f" CPU {cpu:.2f} s); repeat {wall_again:.2f} s ({wall_again / calls:.2f} x,"
            f" CPU {cpu_again:.2f} s)"
        )
    assert ledger_count() - written <= 8, "only the job and its run are written"
    if IS_JUDGED:
        assert wall_again <= MOST * calls
        assert wall <= MOST * calls
