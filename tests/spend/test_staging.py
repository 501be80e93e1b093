"""Parts of a bill on their way into the ledger."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection, transaction

from governance_app.spend.focus import Part, Reading, open_bill
from governance_app.spend.focus.keymonths import KeyMonths
from governance_app.spend.ledger import Staging
from tests.factories import focus

pytestmark = pytest.mark.django_db
MONTH = dt.date(2026, 10, 1)


def test_a_later_part_knows_the_account_of_a_key_that_an_earlier_one_gave(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    lines = [
        focus.line(BillingAccountId=account, BilledCost=f"{cost}")
        for cost in (1, 2, 3)
        for account in ("000000000001", "000000000002")
    ]
    path.write_bytes(focus.as_csv(lines))
    bill = open_bill([Part(path, "bill.csv")], reading=Reading(on=dt.date(2026, 11, 21)))
    sums = KeyMonths(bill.report, held=1, lines_held=2)
    with transaction.atomic(), connection.cursor() as cursor:
        staging = Staging(cursor, tmp_path)
        staging.open()
        parts = 0
        for judge, batch in bill.batches(only_needed=True):
            for one in judge.lines(batch, for_counting=True).iter_slices(2):
                for partial in sums.add(one):
                    staging.add(partial)
                    parts += 1
        for partial in sums.rest():
            staging.add(partial)
            parts += 1
        assert parts > 1
        for account in ("000000000001", "000000000002"):
            totals = staging.totals[(account, MONTH)]["USD"]
            assert (totals.billed, totals.lines) == (6, 3)
        staging.accept([])
        cursor.execute("SELECT count(*), sum(billed), sum(lines) FROM stage_month")
        assert cursor.fetchone() == (2, 12, 6), "added up before the database sees them"
        assert staging.add_new_keys() == 2
        assert staging.add_new_keys() == 0, "once"


def test_a_key_that_another_load_added_meanwhile_is_taken_as_known(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(focus.as_csv([focus.line(ResourceId=name) for name in ("a", "b", "c")]))
    bill = open_bill([Part(path, "bill.csv")], reading=Reading(on=dt.date(2026, 11, 21)))
    (part,) = bill.partials_here()
    with transaction.atomic(), connection.cursor() as cursor:
        for _ in range(2):  # the second time all three are known
            staging = Staging(cursor, tmp_path)
            staging.open()
            staging.add(part)
            added = staging.add_new_keys()
            cursor.execute("SELECT count(*) FROM new_key")
            assert cursor.fetchone() == (added,)
        assert added == 0
        cursor.execute("DELETE FROM spend_spendkey WHERE resource = 'b'")
        staging = Staging(cursor, tmp_path)
        staging.open()
        staging.add(part)
        assert staging.add_new_keys() == 1
        cursor.execute("UPDATE stage_key SET resource = 'another'")
        with pytest.raises(RuntimeError, match="differ from the known key"):
            staging.add_new_keys()


@pytest.mark.django_db(transaction=True)
def test_two_loads_that_bring_the_same_new_keys_at_once_both_end(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(focus.as_csv([focus.line(ResourceId=name) for name in ("a", "b", "c")]))
    bill = open_bill([Part(path, "bill.csv")], reading=Reading(on=dt.date(2026, 11, 21)))
    (part,) = bill.partials_here()

    def add() -> int:
        with connection.cursor() as cursor:
            staging = Staging(cursor, tmp_path)
            staging.open()
            staging.add(part)
            return staging.add_new_keys()

    def rival() -> int:
        try:
            with transaction.atomic():
                return add()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert add() == 3
            later = pool.submit(rival)
            _wait_until_somebody_waits()
        assert later.result(timeout=30) == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM spend_spendkey")
        assert cursor.fetchone() == (3,)


@pytest.mark.django_db(transaction=True)
def test_two_loads_that_bring_the_same_new_month_at_once_both_end() -> None:
    def make() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT spend_make_month('2190-01-01')")

    def rival() -> None:
        try:
            with transaction.atomic():
                make()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            make()
            later = pool.submit(rival)
            _wait_until_somebody_waits()
        later.result(timeout=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname ~ '2190_01$' AND relkind = 'r'")
        assert cursor.fetchone() == (1,)


def _wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(200):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone() != (0,):
                return
            time.sleep(0.05)
    pytest.fail("The second load did not wait for the first.")
