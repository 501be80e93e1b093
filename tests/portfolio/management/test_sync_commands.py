"""The command-line doors of connections and of the queue."""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance_app.connectors import services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.initiatives import services as initiatives
from governance_app.jobs.models import Job
from governance_app.rollups.models import InitiativeMonth
from governance_app.spend import services as spend
from tests.connectors.bills import billed, write_bill

pytestmark = pytest.mark.django_db(transaction=True)


NOTHING = "Cloud bills: done. Read 0: 0 new, 0 changed, 0 gone, 0 waiting, 0 refused.\n"


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
        "connection": "Cloud bills", "kind": "sync", "state": "done", "read": 1, "new": 1,
        "changed": 0, "gone": 0, "waiting": 0, "refused": 0, "error": "", "refusals": [],
    }  # fmt: skip
    assert InitiativeMonth.objects.get(known_to=None, billed__gt=0).initiative == initiative
    code, out, _ = run("sync", str(connection.pk))
    assert (code, out) == (0, NOTHING)


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


def test_rehearse_tells_and_keeps_nothing_until_it_is_accepted(
    tmp_path: Path, person: Callable[..., Any], connection: Connection
) -> None:
    services.add_connection(
        plugin="focus_folder", name="New bills", settings={"folder": str(tmp_path)},
        every_seconds=60, is_on_trial=True, by=person("administrator"),
    )  # fmt: skip
    write_bill(tmp_path / "a.csv", ("10.5", ""))
    code, out, err = run("rehearse", "New bills", "--json")
    told = json.loads(out)
    assert (code, err, told["kind"], told["new"]) == (0, "", "rehearsal", 1)
    assert [each["rows"] for each in told["findings"]["bills"]] == [1]
    assert billed() == 0
    assert run("sync", "New bills")[0] == 1, "it is on trial"
    code, out, _ = run("rehearse", "New bills", "--accept")
    assert code == 0 and "Nothing was kept." in out and "New bills: done. Read 1" in out
    assert billed() == Decimal("10.5")


def test_a_rehearsal_that_refuses_is_not_accepted(tmp_path: Path, connection: Connection) -> None:
    write_bill(tmp_path / "bad.csv", ("ten", ""))
    code, out, err = run("rehearse", "Cloud bills", "--accept")
    assert (code, out.count("Cloud bills:")) == (1, 1)
    assert "bad.csv" in err


def test_backfill_reads_days_anew(tmp_path: Path, connection: Connection) -> None:
    write_bill(tmp_path / "a.csv", ("10.5", ""))
    run("sync", "Cloud bills")
    code, out, _ = run("backfill", "Cloud bills", "--since", "2026-01-15", "--json")
    assert (code, json.loads(out)["kind"], billed()) == (0, "backfill", Decimal("10.5"))
    made = SyncRun.objects.get(kind="backfill")
    assert made.since == dt.date(2026, 1, 1)
    code, _, err = run("backfill", "Cloud bills", "--since", "2026-02-01", "--until", "2026-01-01")
    assert (code, err) == (1, "The first day of a backfill comes before its last one.\n")
    with pytest.raises(CommandError, match="no day such as"):
        run("backfill", "Cloud bills", "--since", "January")


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
