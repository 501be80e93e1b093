"""Sums of the close hold whatever comes: late bills, prepaid balances, coding either way."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.domain.money import exact_sum
from governance_app.people.services import system_user
from governance_app.spend import services
from governance_app.spend.coding import FIELDS, coding
from governance_app.spend.models import SpendKeyMonth
from governance_app.spend.selectors import close as reading
from governance_app.spend.services import close
from tests.factories import focus
from tests.spend.close.conftest import NOVEMBER, OCTOBER, THIRD_DAY

pytestmark = pytest.mark.django_db

AMOUNTS = st.decimals(min_value=-9000, max_value=9000, places=9, allow_nan=False)
BILLS = st.lists(
    st.dictionaries(st.sampled_from("abcd"), AMOUNTS, max_size=4), min_size=2, max_size=5
)


def bill(costs) -> bytes:
    lines = [
        focus.line(ResourceId=name, BilledCost=f"{amount:f}", EffectiveCost=f"{amount / 2:f}")
        for name, amount in sorted(costs.items())
    ]
    return focus.as_csv(lines or [focus.line(BilledCost="0", EffectiveCost="0", ResourceId="z")])


@given(bills=BILLS)
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_frozen_and_adjustments_are_the_last_bill_whatever_came_between(
    bills, organisation, source, load, finance, person, admin
):
    from django.db import transaction

    from governance_app.books import services as books_services

    with transaction.atomic():
        books_services.set_value(
            key="close_material_amount", value=10**9, from_on=dt.date(2026, 1, 1), by=admin
        )
        first, *later = bills
        load(bill(first), now=THIRD_DAY)
        services.add_rule(
            name="All", dimension="provider", value="Cloudworks", by=finance,
            initiative=_initiative(organisation, admin),
        )  # fmt: skip
        services.allocate(by=finance)
        close.soft_close(month=OCTOBER, by=system_user("a"), now=THIRD_DAY)
        close.approve_month(month=OCTOBER, by=system_user("a"), now=THIRD_DAY)
        frozen = close.close_month(month=OCTOBER, by=system_user("a"), now=THIRD_DAY)
        for hours, costs in enumerate(later, start=1):
            load(bill(costs), now=THIRD_DAY + dt.timedelta(hours=hours))
        held = SpendKeyMonth.objects.all()
        assert exact_sum(held.values_list("billed", flat=True)) == exact_sum(later[-1].values())
        by_month = {
            month: exact_sum(held.filter(billing_month=month).values_list("billed", flat=True))
            for month in (OCTOBER, NOVEMBER)
        }
        assert by_month[OCTOBER] == exact_sum(first.values())
        viewer = system_user("test")
        for month in (OCTOBER, NOVEMBER):
            lines = reading.book_lines(viewer=viewer, month=month)
            assert exact_sum(line.billed for line in lines) == by_month[month]
            assert all(line.initiative for line in lines)
        frozen.refresh_from_db()
        assert frozen.totals == [] or frozen.totals[0]["origin"] == "bill"
        transaction.set_rollback(True)


def _initiative(organisation, admin):
    from governance_app.initiatives import services as initiatives
    from governance_app.people import services as people

    unit = people.add_unit(name="Any", parent=organisation, by=admin)
    return initiatives.add(name="Any", unit=unit, by=admin)


def test_prepaid_rolls_forward_from_month_to_month(books, source, load, finance):
    september = {"BillingPeriodStart": "2026-09-01", "BillingPeriodEnd": "2026-10-01"}
    load(
        focus.as_csv(
            [
                focus.line(**september, ChargeCategory="Purchase", BilledCost="1200",
                           EffectiveCost="0"),
                focus.line(**september, ResourceId="b", BilledCost="0", EffectiveCost="100"),
                focus.line(ResourceId="b", BilledCost="0", EffectiveCost="100.5"),
            ]
        ),
        now=THIRD_DAY,
    )  # fmt: skip
    close.enter_prepaid(
        source=source, month=OCTOBER, currency="USD", kind="write-off", amount=Decimal(50),
        sentence="An unused seat block.", by=finance,
    )  # fmt: skip
    (one,) = reading.prepaid(viewer=finance, month=OCTOBER)
    assert (one.opening, one.purchases, one.amortised, one.written_off, one.closing) == (
        1100, 0, Decimal("100.5"), 50, Decimal("949.5"),
    )  # fmt: skip
    (after,) = reading.prepaid(viewer=finance, month=NOVEMBER)
    assert after.opening == after.closing == one.closing


def test_coding_says_the_same_of_a_line_and_of_a_cost(books, load, finance):
    close.add_coding_rule(
        field="project", value="P-1", by=finance, conditions=[
            {"dimension": "service", "value": "INFERENCE "},
            {"dimension": "initiative", "value": "ai-1"},
        ],
    )  # fmt: skip
    close.add_coding_rule(
        field="project", value="P-2", by=finance, from_month=NOVEMBER,
        conditions=[{"dimension": "tag", "tag": "AI-Initiative", "value": "AI-2"}],
    )  # fmt: skip
    load(
        focus.as_csv(
            [focus.line(), focus.line(ResourceId="b", Tags='{"ai-initiative":"AI-2"}'),
             focus.line(ResourceId="c", Tags="{}")]
        ),
        now=THIRD_DAY,
    )  # fmt: skip
    lines = reading.book_lines(viewer=finance, month=OCTOBER)
    assert {(line.initiative, line.project) for line in lines} == {
        ("AI-1", "P-1"), ("AI-2", ""), ("", ""),
    }  # fmt: skip
    assert {(line.initiative, line.entity, line.payer) for line in lines} == {
        ("AI-1", "1000", "1000"), ("AI-2", "2000", "1000"), ("", "1000", "1000"),
    }  # fmt: skip
    rules = coding()
    for line in lines:
        node = {"AI-1": books.claims.node, "AI-2": books.fraud.node}.get(line.initiative)
        said = rules.of(
            {
                "source": line.source, "issuer": line.issuer, "service": line.service,
                "initiative": line.initiative, "path": node.path if node else "",
                "charge category": line.charge,
            },
            OCTOBER,
        )  # fmt: skip
        if node is not None:
            said["payer"] = line.payer
            assert said == {field: getattr(line, field) for field in FIELDS}
    charged = reading.chargeback(viewer=finance, month=OCTOBER)
    assert exact_sum(one.amount for one in charged) == exact_sum(line.cost for line in lines)
