"""Sheets of the books tie to the pages they come from."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.books import services as books
from governance_app.initiatives.models import Initiative
from governance_app.spend import services as spend
from governance_app.spend.models import Journal, JournalLine
from governance_app.spend.selectors import close
from governance_app.spend.services.budgets import BudgetLine
from tests.exports.test_exports import billed, made, rows

pytestmark = pytest.mark.django_db
OCT = dt.date(2026, 10, 1)


def test_what_units_are_charged_sums_to_the_books(ledger, finance):
    export, content = made(finance, "chargeback", since=OCT, until=OCT)
    found = rows(content)
    expected: dict[str, Decimal] = {}
    for line in close.book_lines(viewer=finance, month=OCT):
        expected[line.currency] = expected.get(line.currency, Decimal(0)) + line.cost
    assert billed(found, "amount") == expected
    assert {c: Decimal(t["cost"]) for c, t in export.control.items()} == expected


def test_debits_and_credits_of_a_journal_are_equal(ledger, finance, organisation):
    journal = Journal.objects.create(
        number="J-1", month=OCT, kind="allocation", entity="1000", currency="USD",
        node=organisation, debit=Decimal("10.01"), credit=Decimal("10.01"), digest="0" * 64,
    )  # fmt: skip
    for number, debit, credit in ((1, "10.01", "0"), (2, "0", "10.01")):
        JournalLine.objects.create(
            journal=journal, number=number, account="006400", text="=SUM(A1)",
            debit=Decimal(debit), credit=Decimal(credit),
        )  # fmt: skip
    export, content = made(finance, "journal", since=OCT, until=OCT)
    found = rows(content)
    assert [(r["account"], r["text"]) for r in found] == [("006400", "'=SUM(A1)")] * 2
    assert billed(found, "debit") == billed(found, "credit") == {"USD": Decimal("10.01")}
    assert {c: [Decimal(a) for a in t.values()] for c, t in export.control.items()} == {
        "USD": [journal.debit, journal.credit]
    }


def test_invoices_stand_with_what_was_billed(ledger, finance):
    found = rows(made(finance, "invoice_reconciliation", since=OCT, until=OCT)[1])
    expected: dict[str, Decimal] = {}
    for one in close.reconciliation(viewer=finance, month=OCT):
        expected[one.currency] = expected.get(one.currency, Decimal(0)) + one.billed
    assert billed(found) == expected
    assert all(row["status"] for row in found)


def test_a_variance_is_taken_apart_where_data_allows(ledger, finance):
    target = Initiative.objects.get()
    books.enter_rates(
        rates=[("EUR", "USD", OCT, "average", Decimal("1.1")),
               ("EUR", "USD", OCT, "budget", Decimal("1.0"))],
        source="test", by=finance,
    )  # fmt: skip
    lines = [
        BudgetLine(target.node, OCT, Decimal(100), "USD", "run", Decimal(50), "Tokens"),
        BudgetLine(target.unit, OCT, Decimal(7), "USD"),
    ]
    spend.set_budget(name="B", fiscal_year=2026, lines=lines, by=finance)
    export, content = made(finance, "budget_variance", since=OCT, until=OCT)
    by_key = {row["key"]: row for row in rows(content)}
    row = by_key[target.key]
    difference = Decimal(row["actual"]) - 100
    assert Decimal(row["difference"]) == difference
    parts = [Decimal(row[name] or 0) for name in ("volume", "price", "fx")]
    if row["reason"]:
        assert row["reason"] == "Nothing was metered in the unit of the budget."
    else:
        assert sum(parts) == pytest.approx(difference, abs=Decimal("1e-17"))
    assert by_key[""]["reason"] == "The budget states no quantity."
    assert Decimal(by_key[""]["actual"]) == Decimal(row["actual"])
    assert {t["budget"] for t in export.control.values()} == {"107.000000000000000000"}


def test_a_month_without_books_is_an_empty_sheet(finance):
    for sheet in ("chargeback", "journal", "invoice_reconciliation", "budget_variance"):
        assert made(finance, sheet)[0].rows == 0
        assert made(finance, sheet, "xlsx", since=OCT, until=OCT)[0].rows == 0
