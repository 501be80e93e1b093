"""A full MLflow registry: its database is filled behind the server's back, in seconds."""

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx

NOW_MS = 1_760_000_000_000
METRICS = ("accuracy", "auc")
#: The sizes of pages that the plug-in asks for.
MODELS_A_PAGE, VERSIONS_A_PAGE, RUNS_A_CALL = 1000, 5000, 1000


def fill(database: Path, *, models: int, versions: int) -> None:
    """Write models, a run with metrics for each of their versions, and the versions."""
    names = [f"model-{number:05}" for number in range(models)]
    pairs = [(name, number) for name in names for number in range(1, versions + 1)]
    with contextlib.closing(sqlite3.connect(database)) as filled, filled:
        filled.executemany(
            "INSERT INTO registered_models (name, creation_time, last_updated_time, description)"
            " VALUES (?, ?, ?, 'Sorts claims')",
            [(name, NOW_MS, NOW_MS) for name in names],
        )
        filled.executemany(
            "INSERT INTO runs (run_uuid, name, user_id, source_type, status, start_time,"
            " experiment_id, lifecycle_stage, artifact_uri)"
            " VALUES (?, ?, 'trainer', 'LOCAL', 'FINISHED', ?, 0, 'active', '')",
            [(_run(name, number), name, NOW_MS) for name, number in pairs],
        )
        filled.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)"
            " VALUES (?, 0.93, ?, 0, 0, ?)",
            [(key, NOW_MS, _run(name, number)) for name, number in pairs for key in METRICS],
        )
        filled.executemany(
            "INSERT INTO model_versions (name, version, creation_time, last_updated_time, source,"
            " run_id, status, current_stage) VALUES (?, ?, ?, ?, 's3://m', ?, 'READY', 'None')",
            [(name, number, NOW_MS, NOW_MS, _run(name, number)) for name, number in pairs],
        )


def bare_calls(address: str) -> tuple[float, int]:
    """
    Make the calls that reading the whole registry takes, and nothing else.

    Returns:
        Seconds, and how many calls.
    """
    begun, calls = time.perf_counter(), 0
    with httpx.Client(base_url=f"{address}/api/2.0/mlflow", timeout=300) as client:

        def pages(path: str, rows: str, **params: Any) -> list[Any]:
            nonlocal calls
            found: list[Any] = []
            while True:
                answer = client.get(path, params=params).raise_for_status().json()
                calls += 1
                found += answer.get(rows, [])
                if not answer.get("next_page_token"):
                    return found
                params["page_token"] = answer["next_page_token"]

        pages(
            "/registered-models/search", "registered_models", max_results=MODELS_A_PAGE,
            order_by="name ASC",
        )  # fmt: skip
        versions = pages(
            "/model-versions/search", "model_versions", max_results=VERSIONS_A_PAGE,
            order_by="name ASC",
        )  # fmt: skip
        pages("/experiments/search", "experiments", max_results=1000)
        runs = [each["run_id"] for each in versions]
        for start in range(0, len(runs), RUNS_A_CALL):
            quoted = ", ".join(f"'{each}'" for each in runs[start : start + RUNS_A_CALL])
            body = {
                "experiment_ids": ["0"],
                "filter": f"attributes.run_id IN ({quoted})",
                "max_results": RUNS_A_CALL,
            }
            client.post("/runs/search", json=body).raise_for_status().json()
            calls += 1
    return time.perf_counter() - begun, calls


def _run(name: str, number: int) -> str:
    return f"{name}.{number}"
