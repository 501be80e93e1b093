"""Cash feeds NPV, cost feeds ROI; what priced risks may cost feeds rNPV."""

import datetime as dt
import math
import sys
from decimal import Decimal

import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyxirr import irr, npv

from governance_app.domain import cashflow, roi
from governance_app.domain.cashflow import monthly_rate
from governance_app.domain.figures import Figure, Null
from governance_app.domain.loss import Loss, expected_loss
from governance_app.domain.periods import add_months
from governance_app.rollups import ahead, cash
from governance_app.rollups.ahead import Odds, Planned
from governance_app.rollups.gather.value import Case

START = dt.date(2026, 1, 1)
RATE = Decimal("0.10")

amounts = st.decimals(0, 100_000, places=2)
months = st.lists(st.tuples(amounts, amounts, amounts), min_size=2, max_size=36)


def flows(rows: list[tuple[Decimal, Decimal, Decimal]]) -> list[roi.MonthFlow]:
    return [
        roi.MonthFlow(add_months(START, at), cost, benefit, paid=paid)
        for at, (cost, benefit, paid) in enumerate(rows)
    ]


@given(rows=months)
def test_roi_holds_cost_and_npv_holds_payments_as_two_libraries_say(
    rows: list[tuple[Decimal, Decimal, Decimal]],
) -> None:
    found = roi.returns(flows(rows), annual_rate=RATE, valuation_month=START)
    cost = sum(row[0] for row in rows)
    benefit = sum(row[1] for row in rows)
    assert found.net_benefit == benefit - cost
    net = [float(row[1] - row[2]) for row in rows]
    rate = float(monthly_rate(RATE))
    if found.npv.value is not None:
        theirs = npv(rate, net)
        assert theirs is not None
        assert float(found.npv.value) == pytest.approx(theirs, rel=1e-9, abs=1e-6)
        assert float(found.npv.value) == pytest.approx(npf.npv(rate, net), rel=1e-9, abs=1e-6)
    if found.irr_ratio.value is not None and not found.irr_ratio.warnings:
        monthly = cashflow.irr([row[1] - row[2] for row in rows], periods_per_year=1).need()
        assert found.irr_ratio.value == pytest.approx((1 + monthly) ** 12 - 1, rel=1e-9, abs=1e-12)
        assert abs(left_at(monthly, net)) <= blur_of(monthly, len(net))
        theirs = irr(net)
        if theirs is not None:  # it finds none for some; ours is a root all the same
            a_year = (1 + theirs) ** 12 - 1
            assert found.irr_ratio.value == pytest.approx(a_year, rel=1e-6, abs=1e-9)


def left_at(rate: float, net: list[float]) -> float:
    """What remains of the flows at a rate, as a share of what they are worth there."""
    worths = [flow / (1 + rate) ** at for at, flow in enumerate(net)]
    return math.fsum(worths) / math.fsum(abs(worth) for worth in worths)


def blur_of(rate: float, count: int) -> float:
    """What may remain: a float near -100 % tells the growth 1 + rate less well, at every power."""
    return 1e-11 + 8 * sys.float_info.epsilon * count / (1 + rate)


def test_a_commitment_costs_as_it_is_used_and_is_paid_at_once() -> None:
    """1,200 bought in January for a year: 100 of cost a month, one payment."""
    used = [
        roi.MonthFlow(
            add_months(START, at), Decimal(100), Decimal(150),
            paid=Decimal(1200) if at == 0 else Decimal(0),
        )
        for at in range(12)
    ]  # fmt: skip
    found = roi.returns(used, annual_rate=RATE)
    as_cost = roi.returns(
        [roi.MonthFlow(flow.month, flow.cost, flow.benefit) for flow in used], annual_rate=RATE
    )
    assert (found.cost, found.paid) == (1200, 1200)
    assert found.roi_ratio.value == as_cost.roi_ratio.value == 0.5
    assert as_cost.payback_months.value == 0
    assert found.payback_months.value == pytest.approx(7.0)
    assert found.npv.need() < as_cost.npv.need()
    expected = npf.npv(float(monthly_rate(RATE)), [-1050.0] + [150.0] * 11)
    assert float(found.npv.need()) == pytest.approx(expected, rel=1e-9)


def test_paid_is_bills_as_they_charge_and_what_people_recorded() -> None:
    month = {
        "cost": Decimal(170), "effective": Decimal(80), "billed": Decimal(300),
        "manual": Decimal(40), "people": Decimal(30), "accrued": Decimal(25),
        "tax_back": Decimal(-5),
    }  # fmt: skip
    assert cash.paid(month) == 365
    assert cash.reason_of({"accrued": "unknown"}) == ""
    assert cash.reason_of({"people": "No day rate."}) == "No day rate."


# --- losses -------------------------------------------------------------------------------------

CASE = Case(
    id=None,  # type: ignore[arg-type]
    initiative=None,  # type: ignore[arg-type]
    number=1,
    annual_rate=RATE,
    valuation_month=START,
    go_live_month=add_months(START, 2),
)
PLAN = [Planned(add_months(START, at), Decimal(100), Decimal(300)) for at in range(1, 13)]
ODDS = Odds(order=("pilot", "production"), probabilities={"pilot": 0.5})


def to_go(loss: Figure[Decimal]) -> dict[str, Figure[Decimal]]:
    return ahead.to_go(
        sunk=[], ahead=PLAN, through=START, case=CASE, stage="pilot", odds=ODDS, yearly_loss=loss
    )


def test_a_twelfth_of_the_yearly_loss_is_a_cost_of_each_month_that_is_reached() -> None:
    without, priced = to_go(Figure(Decimal(0))), to_go(Figure(Decimal(240)))
    assert without["loss"].value == 0
    chances = ahead.chances.reached(ODDS.steps("pilot").need(), months_to_live=2, months=12)
    rate = float(monthly_rate(RATE))
    by_hand = sum(float(p) * 20 / (1 + rate) ** at for at, p in enumerate(chances, start=1))
    assert float(priced["loss"].need()) == pytest.approx(by_hand, abs=1e-5)
    assert priced["rnpv"].need() == without["rnpv"].need() - priced["loss"].need()
    assert priced["npv"] == without["npv"]


def test_a_loss_that_cannot_be_told_leaves_the_rnpv_untold() -> None:
    found = to_go(Null("No budget rate of EUR to USD for 2026-01."))
    assert found["rnpv"].reason == "No budget rate of EUR to USD for 2026-01."
    assert found["npv"].known


@given(loss=st.decimals(0, 1_000_000, places=2), more=st.decimals(0, 1_000_000, places=2))
def test_more_loss_is_never_worth_more(loss: Decimal, more: Decimal) -> None:
    one, other = to_go(Figure(loss)), to_go(Figure(loss + more))
    assert other["rnpv"].need() <= one["rnpv"].need()


def test_the_expected_loss_is_the_chance_times_the_mean_of_its_range() -> None:
    assert expected_loss(Loss("r", 0.1, 100_000, 1_000_000)) == pytest.approx(40_399.6, rel=1e-4)
