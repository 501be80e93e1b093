"""Months on every rung, and what they return."""

import datetime as dt
from decimal import Decimal

import numpy_financial
import pytest

from governance_app.books.models import Rate
from governance_app.value import selectors, services

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH = (dt.date(2026, month, 1) for month in (1, 2, 3))
ON = dt.date(2026, 4, 2)


@pytest.fixture
def approved(initiative, lines, manager, finance):
    draft = services.write_case(
        initiative=initiative,
        lines=lines,
        currency="USD",
        go_live_month=FEBRUARY,
        by=manager,
    )
    return services.approve_case(case=draft, by=finance)


@pytest.fixture
def climbed(approved, benefit, readings, manager, finance):
    """January is validated and banked, February rejected, March only measured."""
    services.claim(
        benefit=benefit, months={JANUARY: Decimal(2000), FEBRUARY: Decimal(3000)}, by=manager
    )
    services.measure(benefit=benefit, on=dt.date(2026, 3, 31), by=manager)
    services.validate(
        benefit=benefit, months={JANUARY: Decimal(1500)}, evidence_ref="FIN-1", by=finance
    )
    services.bank(benefit=benefit, months={JANUARY: Decimal(1000)}, bank_ref="B", by=finance)
    services.reject(benefit=benefit, months=[FEBRUARY], sentence="Too small.", by=finance)
    return benefit


def test_months_carry_each_rung_and_null_where_it_was_not_reached(climbed, initiative, finance):
    frame = selectors.value_frame(initiative=initiative, viewer=finance, on=ON)
    rows = {row["month"]: row for row in frame.to_dict("records")}
    assert rows[JANUARY] == {
        "month": JANUARY, "cost_planned": 1000, "promised": None, "claimed": 2000,
        "measured": 1600, "validated": 1500, "banked": 1000,
    }  # fmt: skip
    assert rows[FEBRUARY]["validated"] is None
    assert rows[MARCH]["claimed"] is None
    assert rows[MARCH]["measured"] == 4000


def test_returns_of_the_promise_agree_with_another_library(climbed, initiative, finance):
    found = selectors.returns(initiative=initiative, viewer=finance, on=ON, costs={})
    promised = found["promised"].returns
    flows = [-1000.0, *[200.0] * 6]
    rate = 1.1 ** (1 / 12) - 1
    assert promised.roi_ratio.value == 0.125
    assert float(promised.npv.need()) == pytest.approx(numpy_financial.npv(rate, flows))
    assert promised.irr_ratio.need() == pytest.approx((1 + numpy_financial.irr(flows)) ** 12 - 1)
    assert promised.payback_months.value == 5
    assert promised.pi.need() == pytest.approx(1 + float(promised.npv.need()) / 1000)


def test_actual_rungs_use_actual_cost(climbed, initiative, finance):
    costs = {JANUARY: Decimal(1200), FEBRUARY: Decimal(800), dt.date(2026, 5, 1): Decimal(9)}
    found = selectors.returns(initiative=initiative, viewer=finance, on=ON, costs=costs)
    assert found["claimed"].returns.roi_ratio.value == 1.5
    assert found["measured"].returns.roi_ratio.value == 3.4
    assert found["validated"].returns.roi_ratio.value == -0.25
    assert found["banked"].returns.roi_ratio.value == -0.5


def test_without_cost_there_is_no_roi(climbed, initiative, finance):
    found = selectors.returns(initiative=initiative, viewer=finance, on=ON, costs={})
    assert found["validated"].returns.roi_ratio.reason.startswith("No cost is recorded yet")


def test_rungs_not_reached_say_so(initiative, finance):
    found = selectors.returns(initiative=initiative, viewer=finance, on=ON, costs={})
    assert found["promised"].reason == "No business case has been approved."
    assert found["banked"].reason == "No benefit is banked yet."
    assert all(each.returns is None for each in found.values())


def test_realisation_counts_the_months_that_finance_reviewed(climbed, initiative, finance):
    value = selectors.values_of(viewer=finance, initiatives=[initiative.pk], on=ON)[initiative.pk]
    assert [month.month for month in value.months if month.is_reviewed] == [JANUARY, FEBRUARY]
    # January promised nothing and February 300, of which finance agreed to 1,500 together.
    assert selectors.realised(value=value).value == 5


def test_soft_benefits_stay_out_of_the_headline(climbed, initiative, manager, finance):
    soft = services.add_benefit(
        initiative=initiative, name="Mood", benefit_type="soft",
        value_type="customer_experience", starts_month=JANUARY, ends_month=JANUARY,
        currency="USD", by=manager,
    )  # fmt: skip
    services.claim(benefit=soft, months={JANUARY: Decimal(777)}, by=manager)
    [hard, only_soft] = [
        selectors.values_of(viewer=finance, initiatives=[initiative.pk], on=ON, types=types)
        for types in (selectors.MONEY_TYPES, ("soft",))
    ]
    assert hard[initiative.pk].months[0].claimed == 2000
    assert only_soft[initiative.pk].months[0].claimed == 777


def test_other_currencies_take_the_rate_of_their_kind(initiative, lines, manager, finance):
    for kind, value in (("budget", "1.1"), ("average", "1.2")):
        Rate.objects.create(
            base="EUR", quote="USD", month=JANUARY, kind=kind, value=Decimal(value), source="ECB"
        )
    draft = services.write_case(initiative=initiative, lines=lines[:2], currency="EUR", by=manager)
    services.approve_case(case=draft, by=finance)
    euro = services.add_benefit(
        initiative=initiative, name="Euro", benefit_type="hard", value_type="revenue",
        starts_month=JANUARY, ends_month=MARCH, currency="EUR", by=manager,
    )  # fmt: skip
    services.claim(benefit=euro, months={JANUARY: Decimal(10)}, by=manager)
    value = selectors.values_of(viewer=finance, initiatives=[initiative.pk], on=ON)[initiative.pk]
    january = value.months[0]
    assert (january.cost_planned, january.claimed) == (1100, 12)
    assert value.problems == (
        "No budget rate from EUR to USD for February 2026. Enter it under Settings, Rates.",
    )


def test_who_sees_no_money_sees_no_months(climbed, initiative, contributor):
    value = selectors.values_of(viewer=contributor, initiatives=[initiative.pk], on=ON)
    assert value[initiative.pk].months == ()
    assert value[initiative.pk].case is None


def test_many_initiatives_take_as_few_queries_as_one(
    climbed, initiative, finance, django_assert_max_num_queries
):
    selectors.values_of(viewer=finance, initiatives=[initiative.pk], on=ON)
    with django_assert_max_num_queries(7):
        selectors.values_of(viewer=finance, initiatives=[initiative.pk] * 3, on=ON)
