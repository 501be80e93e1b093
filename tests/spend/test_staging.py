"""Parts of a bill on their way into the ledger."""

import datetime as dt
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
        staging = Staging(cursor)
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
        assert parts > 1 and not staging.is_one_part
        for account in ("000000000001", "000000000002"):
            totals = staging.totals[(account, MONTH)]["USD"]
            assert (totals.billed, totals.lines) == (6, 3)
        assert staging.add_new_keys() == 2
        assert staging.add_new_keys() == 0  # the same again: known, and verified
        cursor.execute("UPDATE stage_key SET resource = 'another'")
        cursor.execute("DELETE FROM new_key")
        with pytest.raises(RuntimeError, match="differ from the known key"):
            staging.add_new_keys()
