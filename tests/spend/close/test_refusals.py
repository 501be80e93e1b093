"""What the close refuses, and that nothing changed then."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum

from governance_app.books import selectors as books_reading
from governance_app.books import services as books_services
from governance_app.books.models import AccountingMonth
from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from governance_app.spend.closed import MonthClosed, is_closed
from governance_app.spend.models import (
    Accrual,
    Invoice,
    LateAdjustment,
    ManualCost,
    MonthClose,
    SpendKeyMonth,
)
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from tests.factories import focus
from tests.spend.close.conftest import NOVEMBER, OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def bill(amount: str = "100", **values) -> bytes:
    return focus.as_csv([focus.line(BilledCost=amount, EffectiveCost=amount, **values)])


@pytest.fixture
def closed(books, load, finance, controller):
    load(bill(), now=THIRD_DAY - DAY)
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    return close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY)


def test_a_closed_month_takes_nothing_more(closed, finance, source, evidence, books, ledger_count):
    before = ledger_count()
    attempts = [
        lambda: close.accrue(
            source=source, month=OCTOBER, currency="EUR", method="stated", sentence="x",
            amount=Decimal(1), evidence=evidence, by=finance,
        ),
        lambda: close.add_manual_cost(
            month=OCTOBER, description="x", category="run", amount=Decimal(1), currency="USD",
            evidence=evidence, by=finance,
        ),
        lambda: close.enter_days(
            initiative=books.claims, persona="Analyst", month=OCTOBER, days=Decimal(1), by=finance
        ),
        lambda: close.set_day_rate(
            persona="Analyst", amount=Decimal(1), currency="USD", from_month=OCTOBER, by=finance
        ),
        lambda: close.declare_final(source=source, month=OCTOBER, sentence="x", by=finance),
    ]  # fmt: skip
    for attempt in attempts:
        with pytest.raises(MonthClosed, match="October 2026 is closed"):
            attempt()
    with pytest.raises(Sentence, match="its rates are frozen"):
        books_services.enter_rates(
            rates=[("EUR", "USD", OCTOBER, "average", Decimal(2))], source="x", by=finance
        )
    assert ledger_count() == before
    assert is_closed(month=OCTOBER)
    assert books_reading.next_open_month(after=OCTOBER) == NOVEMBER


def test_a_material_change_waits_until_finance_rules(closed, load, finance, person):
    load(bill("50100"), now=THIRD_DAY + DAY)
    waiting = LateAdjustment.objects.get()
    assert (waiting.state, waiting.is_material) == ("waiting", True)
    assert waiting.amounts == {
        "USD": {"billed": "50000.000000000000000000", "effective": "50000.000000000000000000"}
    }
    assert not SpendKeyMonth.objects.filter(billing_month=NOVEMBER).exists()
    listed = reading.checklist(viewer=finance, month=NOVEMBER, on=dt.date(2026, 12, 3))
    assert "adjustments" in {one.slug for one in listed if one.state == "blocks"}
    with pytest.raises(Refused):
        close.rule_on_adjustment(
            adjustment=waiting, is_booked=True, ruling="x", by=person("executive"), now=THIRD_DAY
        )
    with pytest.raises(Sentence, match="is not one"):
        close.rule_on_adjustment(
            adjustment=waiting, is_booked=True, ruling="x", month=OCTOBER, by=finance, now=THIRD_DAY
        )
    # A later bill takes the place of the one that waits.
    load(bill("60100"), now=THIRD_DAY + 2 * DAY)
    waiting.refresh_from_db()
    assert waiting.state == "superseded"
    ruled = close.rule_on_adjustment(
        adjustment=LateAdjustment.objects.get(state="waiting"), is_booked=True,
        ruling="The vendor restated a contract.", by=finance, now=THIRD_DAY + 3 * DAY,
    )  # fmt: skip
    assert (ruled.state, ruled.posted_month) == ("posted", NOVEMBER)
    (row,) = SpendKeyMonth.objects.filter(billing_month=NOVEMBER)
    assert row.billed == 60000


def test_a_change_of_last_fiscal_year_waits(books, load, finance, controller):
    december = dt.date(2026, 12, 1)
    on = dt.datetime(2027, 1, 5, tzinfo=dt.UTC)
    period = {"BillingPeriodStart": "2026-12-01", "BillingPeriodEnd": "2027-01-01",
              "ChargePeriodStart": "2026-12-05", "ChargePeriodEnd": "2026-12-06"}  # fmt: skip
    load(bill("5", **period), now=on)
    close.soft_close(month=december, by=finance, now=on)
    close.approve_month(month=december, by=controller, now=on)
    close.close_month(month=december, by=controller, now=on)
    load(bill("6", **period), now=on + DAY)
    waiting = LateAdjustment.objects.get()
    assert (waiting.state, waiting.is_material, waiting.is_cross_year) == ("waiting", False, True)
    close.rule_on_adjustment(
        adjustment=waiting, is_booked=False, ruling="Below audit relevance.", by=finance, now=on
    )
    waiting.refresh_from_db()
    assert waiting.state == "set aside"
    assert SpendKeyMonth.objects.count() == 1


def test_a_currency_without_a_rate_stops_the_close_not_the_load(books, load, finance, controller):
    load(bill("7", BillingCurrency="JPY"), now=THIRD_DAY)
    assert SpendKeyMonth.objects.get().currency == "JPY"
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    with pytest.raises(close.NotReady, match="No average rate from JPY to USD for October 2026"):
        close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    assert AccountingMonth.objects.get(month=OCTOBER).state == "soft closed"


def test_what_moves_after_the_approval_stops_the_close(books, load, finance, controller):
    load(bill(), now=THIRD_DAY - DAY)
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    load(bill("101"), now=THIRD_DAY)
    with pytest.raises(Sentence, match="moved since they were approved"):
        close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    assert MonthClose.objects.get().closed_at is None
    close.send_back(month=OCTOBER, reason="A bill came.", by=finance, now=THIRD_DAY)
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    assert close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY).number == 2


def test_a_running_month_and_a_stranger_close_nothing(books, load, finance, person, ledger_count):
    load(bill(), now=THIRD_DAY)
    before = ledger_count()
    with pytest.raises(Sentence, match="has not ended"):
        close.soft_close(
            month=OCTOBER, by=finance, now=dt.datetime(2026, 10, 31, 22, tzinfo=dt.UTC)
        )
    with pytest.raises(Refused, match="prepare the close"):
        close.soft_close(month=OCTOBER, by=person("auditor"), now=THIRD_DAY)
    assert not MonthClose.objects.exists()
    assert ledger_count() > before  # the stranger was added; no close was
    assert AccountingMonth.objects.filter(state="soft closed").count() == 0


def test_a_reopened_month_keeps_its_pack_and_what_came_late_where_it_is(
    closed, load, finance, controller
):
    load(bill("103"), now=THIRD_DAY + DAY)
    pack = closed.pack_id
    with pytest.raises(Sentence, match="Write why"):
        close.reopen_month(month=OCTOBER, reason=" ", by=finance, now=THIRD_DAY + 2 * DAY)
    close.reopen_month(
        month=OCTOBER, reason="A cost centre was wrong.", by=finance, now=THIRD_DAY + 2 * DAY
    )
    late = load(bill("104"), now=THIRD_DAY + 3 * DAY)
    assert [one.outcome for one in late.loads] == ["parked"]
    held = SpendKeyMonth.objects.values_list("billing_month")
    sums = dict(held.annotate(sum=Sum("billed")))
    assert sums == {OCTOBER: 100, NOVEMBER: 4}
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY + 4 * DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY + 4 * DAY)
    again = close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY + 4 * DAY)
    closed.refresh_from_db()
    assert (again.number, closed.pack_id, closed.reason) == (2, pack, "A cost centre was wrong.")
    assert reading.pack_as_of(viewer=finance, month=OCTOBER, at=THIRD_DAY + DAY) == closed


def test_an_accrual_says_how_it_was_made(books, source, load, finance, evidence):
    with pytest.raises(Sentence, match="needs the amount and the file"):
        close.accrue(source=source, month=OCTOBER, currency="USD", method="stated",
                     sentence="x", amount=Decimal(5), by=finance)  # fmt: skip
    with pytest.raises(Sentence, match="brought nothing in USD for September 2026"):
        close.accrue(source=source, month=OCTOBER, currency="USD", method="last month",
                     sentence="x", by=finance)  # fmt: skip
    assert not Accrual.objects.exists()
    load(bill("20"), now=THIRD_DAY - 14 * DAY)
    made = close.accrue(
        source=source, month=OCTOBER, currency="USD", method="run rate", sentence="Ten days came.",
        through=dt.date(2026, 10, 10), by=finance,
    )  # fmt: skip
    assert made.amount == 42
    assert made.workings == {"billed_so_far": "20.000000000000000000", "days_covered": 10,
                             "days": 31}  # fmt: skip
    with pytest.raises(Sentence, match="Withdraw that first"):
        close.accrue(source=source, month=OCTOBER, currency="USD", method="stated", sentence="x",
                     amount=Decimal(5), evidence=evidence, by=finance)  # fmt: skip
    close.withdraw_accrual(accrual=made, by=finance, now=THIRD_DAY)
    assert reading.book_lines(viewer=finance, month=NOVEMBER) == []


def test_people_cost_days_at_the_rate_of_their_month_without_tax_that_comes_back(
    books, finance, evidence
):
    for month, amount in ((OCTOBER, "800"), (NOVEMBER, "900")):
        close.set_day_rate(persona="Contractor", amount=Decimal(amount), currency="USD",
                           from_month=month, tax_code="V1", by=finance)  # fmt: skip
        close.enter_days(initiative=books.claims, persona="contractor", month=month,
                         days=Decimal("2.5"), by=finance)  # fmt: skip
    (line,) = reading.book_lines(viewer=finance, month=NOVEMBER)
    # 2.5 days at 900 = 2,250; tax of a fifth = 450, half of which comes back.
    assert (line.effective, line.recoverable, line.cost) == (2700, 225, 2475)
    assert (line.entity, line.cost_centre, line.gl_account) == ("1000", "0001", "620100")
    close.enter_days(initiative=books.fraud, persona="Painter", month=OCTOBER,
                     days=Decimal(1), by=finance)  # fmt: skip
    with pytest.raises(reading.MissingDayRate, match=r"1 days of Painter.*no rate is set"):
        reading.book_lines(viewer=finance, month=OCTOBER)
    blocked = {one.slug for one in reading.checklist(
        viewer=finance, month=OCTOBER, on=THIRD_DAY.date()) if one.state == "blocks"}  # fmt: skip
    assert "rates" in blocked
    assert not ManualCost.objects.exists()


def test_invoice_details_are_read_whole_and_a_later_update_replaces(books, finance, load):
    from governance_app.files.services import store

    header = (
        "InvoiceIssuerName,InvoiceId,InvoiceDetailId,BillingAccountId,BillingCurrency,"
        "BillingPeriodStart,ChargeCategory,BilledCost,InvoiceDetailLastUpdated\n"
    )

    def row(detail, amount, at="2026-11-02T00:00:00Z", charge="Usage"):
        return f"Cloudworks,INV-7,{detail},000123456789,USD,2026-10-01T00:00:00Z,{charge},{amount},{at}\n"  # noqa: E501

    def read(*rows):
        content = (header + "".join(rows)).encode()
        return close.import_invoice_details(
            file=store(content=content, name="details.csv", by=finance), by=finance
        )

    with pytest.raises(Sentence) as refused:
        read(row("a", "80"), row("b", "1O"))
    assert str(refused.value) == (
        'details.csv: row 3, BilledCost "1O" is not a number. Nothing was read in.'
    )
    assert (refused.value.row, Invoice.objects.count()) == (3, 0)
    assert read(row("a", "80"), row("b", "20.01", charge="Tax")).new == 2
    load(bill("100.005"), now=THIRD_DAY)
    (one,) = reading.reconciliation(viewer=finance, month=OCTOBER)
    assert (one.stated, one.status, one.rounding) == (Decimal("100.01"), "tied", Decimal("0.005"))
    assert read(row("a", "79", at="2026-11-01T00:00:00Z")).unchanged == 1
    assert read(row("a", "70", at="2026-11-03T00:00:00Z")).changed == 1
    (one,) = reading.reconciliation(viewer=finance, month=OCTOBER)
    assert (one.status, one.rest) == ("differs", Decimal("-10.00"))
