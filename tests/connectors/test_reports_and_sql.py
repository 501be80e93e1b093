"""Drift reports judged as their methods say, and a database that is only read."""

import datetime as dt
import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from governance_app.connectors import apart
from governance_app.connectors.base import PermanentError, Reach
from governance_app.connectors.plugins.drift_reports import DriftReports
from governance_app.connectors.plugins.sql_query import SqlQuery
from governance_app.files import limited
from tests.connectors.errands import errand

SERVER = urlsplit(os.environ["DATABASE_URL"])
REACH = Reach(hosts=(f"{SERVER.hostname}:{SERVER.port}",))


def read(folder: Path, **settings: str) -> tuple[dict[str, Decimal], list[str]]:
    reach = Reach(folders=(str(folder),))
    asked = errand(DriftReports(), reach=reach, settings={"folder": str(folder), **settings})
    batches = list(DriftReports().pull(asked))
    values = {
        f"{each.series_key} {each.reading.period_on}": each.reading.value
        for batch in batches for each in batch.records
    }  # fmt: skip
    return values, [each.sentence for batch in batches for each in batch.refused]


def metric(column: str, method: str, value: float) -> dict[str, Any]:
    config = {"type": "evidently:metric_v2:ValueDrift", "column": column, "method": method,
              "threshold": 0.05}  # fmt: skip
    return {"metric_name": "ValueDrift", "config": config, "value": value}


@pytest.mark.parametrize(
    ("method", "value", "found"),
    [
        ("K-S p_value", 2.4e-73, 1), ("K-S p_value", 0.4, 0), ("chi-square p_value", 0.05, 0),
        ("Wasserstein distance (normed)", 0.3, 1), ("Jensen-Shannon distance", 0.01, 0),
    ],
)  # fmt: skip
def test_small_p_values_and_large_distances_are_drift(
    tmp_path: Path, method: str, value: float, found: int
) -> None:
    report = {"metrics": [metric("age", method, value)], "tests": []}
    (tmp_path / "report-2026-11-20.json").write_text(json.dumps(report))
    values, refused = read(tmp_path, initiative="AI-7")
    assert refused == []
    assert values["drift/ValueDrift of age/found 2026-11-20"] == found


def test_a_count_brings_each_of_its_parts(tmp_path: Path) -> None:
    counted = {"metric_name": "DriftedColumnsCount(drift_share=0.5)", "config": {},
               "value": {"count": 1.0, "share": 0.5}}  # fmt: skip
    text = json.dumps({"metrics": [counted], "timestamp": "2026-11-19T10:00:00"})
    (tmp_path / "x.json").write_text(text)
    values, _ = read(tmp_path)
    assert values == {
        "drift/DriftedColumnsCount/count 2026-11-19": 1,
        "drift/DriftedColumnsCount/share 2026-11-19": Decimal("0.5"),
    }


def test_a_report_that_would_eat_the_worker_is_refused_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = limited.Bounds(memory_bytes=64 << 20, cpu_seconds=60, wall_seconds=60.0)
    monkeypatch.setattr(apart, "BOUNDS", bounds)
    (tmp_path / "bomb-2026-11-18.json").write_bytes(b"[" + b"{}," * (7 << 20) + b"{}]")
    (tmp_path / "deep-2026-11-18.json").write_bytes(b"[" * 500_000)
    report = {"metrics": [metric("age", "K-S p_value", 0.4)]}
    (tmp_path / "whole-2026-11-20.json").write_text(json.dumps(report))
    values, refused = read(tmp_path, initiative="AI-7")
    assert set(values) == {
        "drift/ValueDrift of age 2026-11-20", "drift/ValueDrift of age/found 2026-11-20",
    }  # fmt: skip
    assert len(refused) == 2 and any("would take more than" in sentence for sentence in refused)


def test_a_table_of_nannyml_brings_chunks_and_alerts(tmp_path: Path) -> None:
    (tmp_path / "result.csv").write_text(
        "chunk_key,chunk_end_date,age_wasserstein_value,age_wasserstein_alert\n"
        "1,2026-11-18 23:59:59,0.25,True\n2,2026-11-19 23:59:59,0.1,False\n3,2026-11-20,,\n"
    )
    values, refused = read(tmp_path)
    assert refused == [] and values == {
        "drift/age_wasserstein 2026-11-18": Decimal("0.25"),
        "drift/age_wasserstein/found 2026-11-18": 1,
        "drift/age_wasserstein 2026-11-19": Decimal("0.1"),
        "drift/age_wasserstein/found 2026-11-19": 0,
    }


@pytest.mark.parametrize("text", ["{", "[]", '{"metrics": []}', '{"metrics": [1]}'])
def test_what_is_no_report_is_refused_and_the_rest_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    good = {"metrics": [metric("age", "K-S p_value", 0.4)], "timestamp": "2026-11-19"}
    (tmp_path / "good.json").write_text(json.dumps(good))
    values, refused = read(tmp_path)
    assert len(values) == 2 and len(refused) == 1


# SQL


def asked(query: str, **parts: Any) -> Any:
    address = urlunsplit(SERVER._replace(path=parts.pop("path", "/postgres"), query=""))
    settings = {"database_url": parts.pop("url", address), "query": query, "initiative": "AI-7"}
    return errand(SqlQuery(), reach=parts.pop("reach", REACH), settings=settings)


ONE = "SELECT 'a' AS series, DATE '2026-11-20' AS day, 1.5 AS value, 'cards' AS team"


def test_columns_that_are_not_known_are_labels() -> None:
    (batch,) = SqlQuery().pull(asked(ONE))
    (record,) = batch.records
    assert (record.labels, record.reading.value) == ({"team": "cards"}, Decimal("1.5"))


@pytest.mark.parametrize(
    "query",
    ["CREATE TABLE x (a int)", "DELETE FROM pg_class", f"{ONE}; DROP TABLE x", "SELECT 1 FROM no"],
)
def test_a_query_that_is_wrong_or_writes_is_refused(query: str) -> None:
    with pytest.raises(PermanentError, match="refused"):
        list(SqlQuery().pull(asked(query)))


def test_rows_that_hold_no_reading_are_refused_one_by_one() -> None:
    query = f"{ONE} UNION ALL SELECT 'b', NULL, 2, 'x'"
    (batch,) = SqlQuery().pull(asked(query))
    assert len(batch.records) == 1 and "day is missing" in batch.refused[0].sentence


def test_an_account_that_could_write_fails_the_test_and_a_table_is_named() -> None:
    checks = SqlQuery().test(asked(ONE, path=SERVER.path))
    (found,) = [check for check in checks if check.title == "Account can only read"]
    assert not found.is_ok and "could change public." in found.sentence


def test_days_of_the_run_are_filled_in() -> None:
    query = "SELECT 'a' AS series, {until} AS day, {until} - {since} AS value"
    (batch,) = SqlQuery().pull(asked(query))
    assert batch.records[0].reading.period_on == dt.date(2026, 11, 21)
    assert batch.records[0].reading.value == 92


def test_a_private_address_that_is_not_allowed_is_not_reached() -> None:
    with pytest.raises(PermanentError, match="OUTBOUND_ALLOWED"):
        list(SqlQuery().pull(asked(ONE, reach=Reach())))


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u@h/db",
        "postgresql:///db",
        "postgresql://a,b/db",
        "h:5432",
        "postgresql://%2ftmp/x",
    ],
)
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(PermanentError, match="of the form"):
        asked(ONE, url=url)


def test_a_wrong_password_is_said_without_the_address() -> None:
    url = f"postgresql://nobody:hunter2@{SERVER.hostname}:{SERVER.port}/postgres"
    with pytest.raises(PermanentError) as caught:
        list(SqlQuery().pull(asked(ONE, url=url)))
    assert "hunter2" not in str(caught.value) and "does not accept" in str(caught.value)
