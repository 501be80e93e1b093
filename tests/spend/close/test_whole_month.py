"""A finance month from bill to late restatement: it closes, stays closed, and ties."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.books.models import AccountingMonth
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.files.selectors import open_file
from governance_app.spend import services
from governance_app.spend.models import (
    Accrual,
    Invoice,
    Journal,
    LateAdjustment,
    Load,
    MonthClose,
    SpendKeyMonth,
)
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from tests.factories import focus
from tests.spend.close.conftest import DECEMBER_3, NOVEMBER, OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def month_lines(month: int, **values):
    start, end = f"2026-{month:02d}-01", f"2026-{month + 1:02d}-01"
    return focus.line(
        BillingPeriodStart=start, BillingPeriodEnd=end, ChargePeriodStart=f"2026-{month:02d}-07",
        ChargePeriodEnd=f"2026-{month:02d}-08", **values,
    )  # fmt: skip


def cloud(month: int, *, invoice: str, first: str = "100.00") -> bytes:
    """Usage of both initiatives, tax, a credit, and something nobody bears."""
    both = {"InvoiceId": invoice}
    return focus.as_csv(
        [
            month_lines(month, BilledCost=first, EffectiveCost=first, **both),
            month_lines(month, BilledCost="80.005", EffectiveCost="80.005", ResourceId="b",
                        Tags='{"ai-initiative":"AI-2"}', **both),
            month_lines(month, BilledCost="-10.00", EffectiveCost="-10.00", ResourceId="c",
                        ChargeCategory="Credit", **both),
            month_lines(month, BilledCost="34.00", EffectiveCost="34.00", ResourceId="",
                        ChargeCategory="Tax", **both),
            month_lines(month, BilledCost="2.00", EffectiveCost="2.00", ResourceId="d",
                        Tags="{}", **both),
        ]
    )  # fmt: skip


def euros(month: int, amount: str) -> bytes:
    return focus.as_csv(
        [
            month_lines(
                month, BilledCost=amount, EffectiveCost=amount, BillingCurrency="EUR",
                InvoiceId=f"E-{month}", InvoiceIssuerName="Modelhaus",
                BillingAccountId="EU1", Tags='{"ai-initiative":"AI-2"}',
            )
        ]
    )  # fmt: skip


def sums(month):
    from governance_app.people.services import system_user

    found: dict[tuple[str, str], Decimal] = {}
    for line in reading.book_lines(viewer=system_user("test"), month=month):
        key = (line.currency, line.origin)
        found[key] = EXACT.add(found.get(key, Decimal(0)), line.effective)
    return found


def blocking(month, viewer, on):
    rows = reading.checklist(viewer=viewer, month=month, on=on)
    return [one.slug for one in rows if one.state == "blocks"]


def test_a_month_closes_without_the_invoice_and_takes_late_changes_in_the_next(
    books, load, source, finance, controller, evidence
):
    other = services.add_source(name="Model bills", owner=finance, by=finance)
    load(euros(9, "900"), "sep.csv", source=other, now=THIRD_DAY - 40 * DAY)
    load(cloud(10, invoice="INV-10"), "oct.csv", now=THIRD_DAY - DAY)

    # The invoice of the cloud came; its cent of rounding stands on a line of its own.
    typed = close.enter_invoice(
        issuer="Cloudworks", number="INV-10", currency="USD", month=OCTOBER,
        total=Decimal("206.01"), by=finance,
    )  # fmt: skip
    (row,) = reading.reconciliation(viewer=finance, month=OCTOBER)
    assert (row.billed, row.tax) == (Decimal("206.005"), Decimal(34))
    assert (row.difference, row.rounding, row.rest) == (Decimal("0.005"), Decimal("0.005"), 0)
    assert row.status == "tied"

    # The bill of the model vendor did not: it is missing until it is accrued.
    assert blocking(OCTOBER, finance, THIRD_DAY.date()) == ["sources"]
    accrual = close.accrue(
        source=other, month=OCTOBER, currency="EUR", method="last month",
        sentence="The vendor bills on the tenth.", by=finance,
    )  # fmt: skip
    assert (accrual.amount, accrual.lines.get().initiative) == (900, books.fraud)
    assert blocking(OCTOBER, finance, THIRD_DAY.date()) == []

    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    with pytest.raises(Sentence, match="You prepared October 2026 yourself"):
        close.approve_month(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    closed = close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    with open_file(file=closed.pack) as kept:
        pack = kept.read()
    frozen = sums(OCTOBER)
    assert frozen == {("USD", "bill"): Decimal("206.005"), ("EUR", "accrual"): Decimal(900)}
    assert len(closed.row_hash) == 64
    assert {rate["value"] for rate in closed.rates} == {"1.25"}

    # Journals balance per entity and currency, are posted once, and take the ERP's number back.
    drafts = {(one.kind, one.entity, one.currency): one for one in
              Journal.objects.filter(month=OCTOBER)}  # fmt: skip
    assert set(drafts) == {
        ("allocation", "1000", "USD"), ("accrual", "1000", "EUR"),
        ("recharge", "1000", "USD"), ("recharge", "2000", "USD"),
    }  # fmt: skip
    assert all(one.debit == one.credit > 0 for one in drafts.values())
    recharged = drafts["recharge", "1000", "USD"]
    # 80.005 + 5 % = 84.00525, tax of a fifth on it: 100.81 in all, on both sides of the group.
    assert (recharged.debit, drafts["recharge", "2000", "USD"].debit) == (
        Decimal("100.81"), Decimal("100.81"),
    )  # fmt: skip
    journal = drafts["allocation", "1000", "USD"]
    posted = close.post_journal(journal=journal, key="oct-1", by=finance, now=THIRD_DAY)
    again = close.post_journal(journal=journal, key="oct-1", by=finance, now=THIRD_DAY + DAY)
    assert (posted.document_id, posted.posted_at) == (again.document_id, again.posted_at)
    assert Journal.objects.filter(month=OCTOBER, kind="allocation").count() == 1
    close.take_erp_number(journal=posted, number="4900001", by=finance, now=THIRD_DAY)
    close.take_erp_number(journal=posted, number="4900001", by=finance, now=THIRD_DAY)
    with pytest.raises(Sentence, match="4900001"):
        close.take_erp_number(journal=posted, number="4900002", by=finance, now=THIRD_DAY)
    with pytest.raises(Sentence, match="posted Journal"):
        close.post_journal(
            journal=drafts["accrual", "1000", "EUR"], key="oct-1", by=finance, now=THIRD_DAY
        )
    close.post_journal(
        journal=drafts["accrual", "1000", "EUR"], key="oct-2", by=finance, now=THIRD_DAY
    )

    # The bill comes: booked in November, where the accrual reverses; together they true it up.
    came = load(euros(10, "930.50"), "late.csv", source=other, now=THIRD_DAY + 6 * DAY)
    assert [one.outcome for one in came.loads] == ["parked"]
    accrual.refresh_from_db()
    assert accrual.actual == Decimal("930.5")
    november = sums(NOVEMBER)
    assert november == {
        ("EUR", "late adjustment"): Decimal("930.5"), ("EUR", "reversal"): Decimal(-900),
    }  # fmt: skip
    close.enter_invoice(
        issuer="Modelhaus", number="E-10", currency="EUR", month=OCTOBER,
        total=Decimal("930.50"), by=finance,
    )  # fmt: skip
    statuses = {one.number: one.status for one in
                reading.reconciliation(viewer=finance, month=OCTOBER)}  # fmt: skip
    assert statuses == {"INV-10": "tied", "E-10": "tied"}

    # A restatement of October arrives after the close: only the difference, in November.
    late = load(cloud(10, invoice="INV-10", first="107.25"), "r.csv", now=THIRD_DAY + 8 * DAY)
    assert [one.outcome for one in late.loads] == ["parked"]
    assert sums(NOVEMBER)["USD", "late adjustment"] == Decimal("7.25")
    once_more = load(cloud(10, invoice="INV-10", first="105.00"), "s.csv", now=THIRD_DAY + 9 * DAY)
    assert [one.outcome for one in once_more.loads] == ["parked"]
    assert sums(NOVEMBER)["USD", "late adjustment"] == Decimal(5)
    kept_loads = Load.objects.filter(kind="adjustment").values_list("period", flat=True)
    assert list(kept_loads) == [NOVEMBER] * 3
    assert LateAdjustment.objects.filter(state="posted").count() == 3

    # October and its pack are as they were.
    assert sums(OCTOBER) == frozen
    closed.refresh_from_db()
    with open_file(file=closed.pack) as kept:
        assert kept.read() == pack
    assert reading.pack_as_of(viewer=finance, month=OCTOBER, at=DECEMBER_3) == closed

    # November closes too; its journals reverse and true up.
    load(cloud(11, invoice="INV-11"), "nov.csv", now=DECEMBER_3)
    load(euros(11, "940"), "nov-eu.csv", source=other, now=DECEMBER_3)
    close.soft_close(month=NOVEMBER, by=finance, now=DECEMBER_3)
    close.approve_month(month=NOVEMBER, by=controller, now=DECEMBER_3)
    close.close_month(month=NOVEMBER, by=controller, now=DECEMBER_3)
    kinds = set(Journal.objects.filter(month=NOVEMBER).values_list("kind", "entity", "currency"))
    assert {("reversal", "1000", "EUR"), ("true-up", "1000", "EUR"),
            ("true-up", "1000", "USD")} <= kinds  # fmt: skip
    reversal = Journal.objects.get(month=NOVEMBER, kind="reversal")
    assert reversal.reverses == drafts["accrual", "1000", "EUR"]
    assert (typed.pk, Invoice.objects.count()) == (Invoice.objects.get(number="INV-10").pk, 2)
    assert Accrual.objects.count() == 1
    assert MonthClose.objects.count() == 2
    assert AccountingMonth.objects.filter(state="closed").count() == 2
    billed = {}
    for currency, amount in SpendKeyMonth.objects.values_list("currency", "billed"):
        billed[currency] = billed.get(currency, Decimal(0)) + amount
    assert billed == {
        "USD": Decimal("206.005") * 2 + 5,
        "EUR": Decimal("900") + Decimal("930.50") + 940,
    }
