"""Killing an import in the middle leaves nothing by halves; doing it again ends the same."""

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from governance_app.spend.models import CurrentLoad, Load, LoadTotal, SpendKey, SpendKeyMonth
from tests.factories import focus

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]

#: Imports a bill, but stops for ever at the named point of the apply, so that a kill hits it.
STOPPED = """
import sys, time
import django
django.setup()
from governance_app.spend import ledger, shares

def stop(*_, **__):
    print("here", flush=True)
    time.sleep(600)

where = sys.argv[1]
if where == "staged":
    ledger.Staging.accept = stop
elif where == "replaced":
    ledger.Staging.held = stop
elif where == "balanced":
    real = shares.balance
    shares.balance = lambda *a, **k: (real(*a, **k), stop())
from django.core.management import call_command
call_command("import_spend", sys.argv[2], source="Cloud", json=True)
"""


def held() -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for currency, billed in SpendKeyMonth.objects.values_list("currency", "billed"):
        sums[currency] = sums.get(currency, Decimal(0)) + billed
    return sums


def wait_until_gone(pid: int) -> None:
    """Wait until the server has ended the sessions of the killed process."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )
            if cursor.fetchone()[0] == 0:
                return
        time.sleep(0.1)


@pytest.mark.parametrize("where", ["staged", "replaced", "balanced"])
def test_a_killed_import_leaves_what_was_and_a_second_one_ends_the_same(
    environment, settings, tmp_path, where
):
    from django.core.management import call_command

    before = focus.messy_lines(60, seed=1)
    after = focus.messy_lines(60, seed=2)
    (tmp_path / "before.csv").write_bytes(focus.as_csv(before))
    (tmp_path / "after.csv").write_bytes(focus.as_csv(after))
    call_command("import_spend", str(tmp_path / "before.csv"), source="Cloud", json=True)
    counts = (Load.objects.count(), LoadTotal.objects.count(), SpendKey.objects.count())

    child = subprocess.Popen(
        [sys.executable, "-c", STOPPED, where, str(tmp_path / "after.csv")],
        cwd=ROOT,
        env={
            **environment,
            "DJANGO_SETTINGS_MODULE": "portfolio.settings",
            "FILES_URL": settings.FILES_URL,
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline().strip() == "here"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    wait_until_gone(child.pid)
    assert held() == focus.billed(before)
    assert (Load.objects.count(), LoadTotal.objects.count(), SpendKey.objects.count()) == counts

    call_command("import_spend", str(tmp_path / "after.csv"), source="Cloud", json=True)
    assert held() == focus.billed(after)
    assert {pointer.load.number for pointer in CurrentLoad.objects.select_related("load")} == {2}
