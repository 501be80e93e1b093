"""Deltas and ledger corrections of a closed month, and the accrual that the late bill replaces."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.books import services as book_settings
from governance_app.spend import beside, services
from governance_app.spend.models import KeyShare, LateAdjustment, SpendKeyMonth
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from tests.factories import focus
from tests.spend.close.conftest import DECEMBER_3, NOVEMBER, OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_minds_unallocated(books, admin):
    book_settings.set_value(
        key="close_unallocated_ratio", value=1.0, from_on=dt.date(2026, 1, 1), by=admin
    )


def booked(month):
    """Give what the live ledger holds of a billing month: (charge month, billed)."""
    rows = SpendKeyMonth.objects.filter(billing_month=month).order_by("charge_month", "billed")
    return list(rows.values_list("charge_month", "billed"))


def closed(finance, controller):
    close.soft_close(month=OCTOBER, by=finance, now=THIRD_DAY)
    close.approve_month(month=OCTOBER, by=controller, now=THIRD_DAY)
    return close.close_month(month=OCTOBER, by=controller, now=THIRD_DAY)


@pytest.mark.parametrize(
    ("correction", "lines", "change"),
    [
        ("delta", [("-2", "a")], Decimal(-2)),
        ("ledger", [("-100", "a"), ("98", "b")], Decimal(-2)),
    ],
)
def test_a_correction_of_a_closed_month_is_booked_in_the_next_one_and_counts_once(
    books, load, finance, controller, correction, lines, change
):
    adding = services.add_source(
        name="Daily lines", delivery="append", correction=correction, owner=finance, by=finance
    )
    load(
        focus.as_csv([focus.line(BilledCost="100", EffectiveCost="100", ResourceId="a")]),
        source=adding, now=THIRD_DAY,
    )  # fmt: skip
    pack = closed(finance, controller).pack.sha256
    late = focus.as_csv(
        [
            focus.line(BilledCost=cost, EffectiveCost=cost, ResourceId=resource,
                       ChargeClass="Correction")
            for cost, resource in lines
        ]
    )  # fmt: skip
    load(late, source=adding, now=DECEMBER_3)
    one = LateAdjustment.objects.get()
    assert (one.state, one.posted_month) == ("posted", NOVEMBER)
    assert Decimal(one.amounts["USD"]["billed"]) == change
    assert booked(OCTOBER) == [(OCTOBER, Decimal(100))], "what is closed is not touched"
    assert sum(billed for month, billed in booked(NOVEMBER)) == change
    assert {month for month, _ in booked(NOVEMBER)} == {OCTOBER}, "used in October all the same"
    load(late, source=adding, now=DECEMBER_3)
    assert LateAdjustment.objects.filter(state="posted").count() == 1
    assert sum(billed for _, billed in booked(NOVEMBER)) == change, "it counts once"
    assert reading.closes(viewer=finance, month=OCTOBER).get().pack.sha256 == pack


def test_the_late_bill_takes_the_place_of_the_open_accrual_in_what_a_month_costs(
    books, load, finance, controller, evidence
):
    other = services.add_source(name="Model bills", owner=finance, by=finance)
    load(focus.as_csv([focus.line(BilledCost="5", EffectiveCost="5")]), now=THIRD_DAY)
    close.accrue(
        source=other, month=OCTOBER, currency="USD", method="stated", amount=Decimal(900),
        sentence="Their console says so.", evidence=evidence, by=finance,
    )  # fmt: skip
    closed(finance, controller)

    def open_accruals():
        return [(item.month, item.amount) for item in beside.items() if item.part == "accrued"]

    assert open_accruals() == [(OCTOBER, Decimal(900))]
    load(
        focus.as_csv([focus.line(BilledCost="910", EffectiveCost="910", BillingAccountId="M1")]),
        source=other, now=DECEMBER_3,
    )  # fmt: skip
    assert LateAdjustment.objects.get().state == "posted"
    assert open_accruals() == []
    assert booked(NOVEMBER) == [(OCTOBER, Decimal(910))]


def test_one_bill_of_a_closed_and_an_open_month_brings_new_keys_to_both(
    books, load, finance, controller
):
    load(focus.as_csv([focus.line(BilledCost="100", EffectiveCost="100")]), now=THIRD_DAY)
    closed(finance, controller)
    both = [
        focus.line(
            BillingPeriodStart=f"2026-{month}-01", BillingPeriodEnd=f"2026-{month + 1}-01",
            ChargePeriodStart=f"2026-{month}-07", ChargePeriodEnd=f"2026-{month}-08",
            BilledCost=cost, EffectiveCost=cost, ResourceId=resource,
        )
        for month, cost, resource in (
            (10, "100", "endpoint/alpha"), (10, "7", "new"), (11, "3", "newer"),
        )
    ]  # fmt: skip
    load(focus.as_csv(both), now=DECEMBER_3)
    assert booked(OCTOBER) == [(OCTOBER, Decimal(100))]
    assert booked(NOVEMBER) == [(OCTOBER, Decimal(7)), (NOVEMBER, Decimal(3))]
    shared = KeyShare.objects.filter(key__resource__in=("new", "newer"))
    assert sorted(shared.values_list("key__resource", "initiative__key")) == [
        ("new", "AI-1"), ("newer", "AI-1"),
    ]  # fmt: skip
