"""The command-line doors of connections and of the queue."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from governance_app.connectors import services
from governance_app.connectors.models import Connection
from governance_app.initiatives import services as initiatives
from governance_app.jobs.models import Job
from governance_app.rollups.models import InitiativeMonth
from governance_app.spend import services as spend
from tests.connectors.bills import billed, write_bill

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=err)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def connection(tmp_path: Path, settings: Any, person: Callable[..., Any]) -> Connection:
    settings.FOLDERS_ALLOWED = [str(tmp_path)]
    return services.add_connection(
        plugin="focus_folder", name="Cloud bills", settings={"folder": str(tmp_path)},
        every_seconds=60, by=person("administrator"),
    )  # fmt: skip


def test_sync_without_a_worker_runs_here_and_figures_follow(
    tmp_path: Path, connection: Connection, unit: Any, admin: Any
) -> None:
    initiative = initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")
    spend.add_rule(name="By tag", dimension="tag", tag="initiative", by=admin)
    write_bill(tmp_path / "a.csv", ("10.5", initiative.key))
    code, out, err = run("sync", "cloud bills", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "connection": "Cloud bills", "state": "done", "read": 1, "new": 1, "changed": 0,
        "gone": 0, "refused": 0, "error": "", "refusals": [],
    }  # fmt: skip
    assert InitiativeMonth.objects.get(known_to=None, billed__gt=0).initiative == initiative
    code, out, _ = run("sync", str(connection.pk))
    assert (code, out) == (0, "Cloud bills: done. Read 0: 0 new, 0 changed, 0 gone, 0 refused.\n")


def test_a_refused_file_leaves_with_one_and_its_reason(
    tmp_path: Path, connection: Connection
) -> None:
    write_bill(tmp_path / "bad.csv", ("ten", ""))
    code, out, err = run("sync", "Cloud bills")
    assert (code, "1 refused" in out) == (1, True)
    assert "bad.csv" in err and "BilledCost" in err
    assert billed() == 0


def test_a_source_that_cannot_be_read_leaves_with_one(
    connection: Connection, settings: Any
) -> None:
    settings.FOLDERS_ALLOWED = []
    code, _, err = run("sync", "Cloud bills")
    assert (code, "FOLDERS_ALLOWED" in err) == (1, True)


def test_an_unknown_connection_names_the_known_ones(connection: Connection) -> None:
    code, _, err = run("sync", "SAP")
    assert (code, err) == (2, "There is no connection 'SAP'; there are Cloud bills.\n")


def test_jobs_lists_and_runs_what_is_due(tmp_path: Path, connection: Connection) -> None:
    write_bill(tmp_path / "a.csv", ("10.5", ""))
    code, out, _ = run("jobs", "--run", "--json")
    rows = json.loads(out)
    assert code == 0
    assert [row["state"] for row in rows if row["kind"] == services.SYNC] == ["done"]
    assert Job.objects.filter(kind=services.SYNC).count() == 1
    code, out, _ = run("jobs", "--state", "failed")
    assert (code, out) == (0, "No job fits.\n")
