"""Discounting: METHOD's vectors, other implementations, and properties."""

from datetime import date
from decimal import Decimal

import numpy_financial
import pytest
import pyxirr
from hypothesis import assume, given
from hypothesis import strategies as st

from governance_app.domain import cashflow


def flows(*amounts: float | str) -> list[Decimal]:
    return [Decimal(str(amount)) for amount in amounts]


TEN = Decimal("0.10")
PLAIN = flows(-1000, 300, 400, 500, 200)
BENEFITS = flows(0, 500, 700, 800, 600)
COSTS = flows(1000, 200, 300, 300, 400)

lists = st.lists(st.decimals(-(10**6), 10**6, places=2), min_size=1, max_size=40)
rates = st.decimals(Decimal("-0.05"), Decimal("0.5"), places=4)


class TestTheVectorsOfTheMethod:
    def test_plain_flows(self) -> None:
        assert round(cashflow.npv(PLAIN, TEN).need(), 4) == Decimal("115.5659")
        assert round(cashflow.irr(PLAIN, periods_per_year=1).need(), 6) == 0.153221
        assert cashflow.payback(PLAIN).need() == 2.6
        assert round(cashflow.discounted_payback(PLAIN, TEN).need(), 4) == 3.1540
        pi = cashflow.profitability_index(PLAIN, flows(1000), TEN, go_live=1)
        assert round(pi.need(), 6) == 1.115566

    def test_benefits_and_costs(self) -> None:
        assert round(cashflow.present_value(BENEFITS, TEN), 4) == Decimal("2043.9178")
        assert round(cashflow.present_value(COSTS, TEN), 4) == Decimal("1928.3519")
        assert round(cashflow.bcr(BENEFITS, COSTS, TEN).need(), 6) == 1.059930
        assert round(cashflow.discounted_roi(BENEFITS, COSTS, TEN).need(), 6) == 0.059930

    def test_a_positive_value_turns_negative_under_stage_probabilities(self) -> None:
        chance = flows(1, ".85", ".68", ".612", ".612")
        value = cashflow.rnpv(
            BENEFITS, COSTS, TEN, benefit_probability=chance, cost_probability=chance
        )
        assert round(value.need(), 4) == Decimal("-229.8853")
        assert cashflow.npv(cashflow.net(BENEFITS, COSTS), TEN).need() > 0


class TestAgainstOthers:
    def test_a_spreadsheet_discounts_its_first_cell(self) -> None:
        sheet = float(PLAIN[0]) + float(numpy_financial.npv(0.10, [0, *map(float, PLAIN[1:])]))
        assert float(cashflow.npv(PLAIN, TEN).need()) == pytest.approx(sheet)

    @pytest.mark.parametrize(
        "amounts",
        [
            (-100, 39, 59, 55, 20),
            (-123400, 36200, 54800, 48100),
            (-5, 10.5, 1, -8, 1),
            (-100, 5, 5, 5, 5, 105),
            (-1000, 0, 0, 0, 0, 0, 3000),
            (-100, 10, 10, 10),
        ],
    )
    def test_irr_agrees_with_two_libraries(self, amounts: tuple[float, ...]) -> None:
        ours = cashflow.irr(flows(*amounts), periods_per_year=1).need()
        assert ours == pytest.approx(numpy_financial.irr(amounts), abs=1e-9)
        assert ours == pytest.approx(pyxirr.irr(amounts), abs=1e-9)

    @given(st.integers(1, 60), st.integers(1, 59), st.floats(0.001, 0.03))
    def test_the_rate_of_an_annuity_is_found_again(
        self, wait: int, length: int, rate: float
    ) -> None:
        payment = 100.0
        price = sum(payment / (1 + rate) ** (wait + place) for place in range(length))
        amounts = [-price, *[0.0] * (wait - 1), *[payment] * length]
        found = cashflow.irr([Decimal(amount) for amount in amounts]).need()
        assert found == pytest.approx((1 + rate) ** 12 - 1, rel=1e-6)

    @given(lists, rates)
    def test_npv_agrees_with_another_library(self, found: list[Decimal], rate: Decimal) -> None:
        ours = cashflow.present_value(found, rate)
        assert float(ours) == pytest.approx(
            pyxirr.npv(float(rate), [float(flow) for flow in found]), rel=1e-9, abs=1e-4
        )


class TestProperties:
    @given(rates)
    def test_twelve_months_make_the_year(self, rate: Decimal) -> None:
        year = (1 + cashflow.monthly_rate(rate)) ** 12
        assert abs(year - (1 + rate)) < Decimal("1e-24")

    @given(lists, lists, rates, st.decimals(-100, 100, places=2))
    def test_npv_is_linear(
        self, one: list[Decimal], two: list[Decimal], rate: Decimal, factor: Decimal
    ) -> None:
        length = max(len(one), len(two))
        one, two = ([*part, *[Decimal(0)] * (length - len(part))] for part in (one, two))
        both = [a + factor * b for a, b in zip(one, two, strict=True)]
        apart = cashflow.present_value(one, rate) + factor * cashflow.present_value(two, rate)
        assert abs(cashflow.present_value(both, rate) - apart) < Decimal("1e-12")

    @given(lists)
    def test_a_rate_of_zero_adds_up(self, found: list[Decimal]) -> None:
        assert cashflow.present_value(found, Decimal(0)) == sum(found)

    @given(lists)
    def test_a_root_really_brings_the_value_to_zero(self, found: list[Decimal]) -> None:
        rate = cashflow.irr(found, periods_per_year=1)
        assume(rate.known and -0.9 < rate.need() < 50)
        worth = [float(flow) / (1 + rate.need()) ** t for t, flow in enumerate(found)]
        assert abs(sum(worth)) <= 1e-6 * sum(abs(part) for part in worth)

    @given(lists)
    def test_flows_of_one_sign_have_no_rate(self, found: list[Decimal]) -> None:
        assert not cashflow.irr([abs(flow) for flow in found]).known

    @given(lists)
    def test_payback_lies_where_the_sum_turns(self, found: list[Decimal]) -> None:
        result = cashflow.payback(found)
        assume(result.known)
        place = int(result.need())
        assert 0 <= result.need() <= len(found) - 1
        if place + 1 < len(found) and result.need() > place:
            assert sum(found[: place + 1]) < 0 <= sum(found[: place + 2])

    @given(lists, st.decimals(0, Decimal("0.5"), places=3))
    def test_discounting_later_gains_never_shortens_payback(
        self, gains: list[Decimal], rate: Decimal
    ) -> None:
        found = [Decimal(-(10**6)), *(abs(gain) for gain in gains)]
        plain, discounted = cashflow.payback(found), cashflow.discounted_payback(found, rate)
        if discounted.known:
            assert plain.need() <= discounted.need() + 1e-9


class TestNullWithReason:
    def test_no_flows(self) -> None:
        reason = "There are no cash flows."
        assert cashflow.npv([], TEN).reason == reason
        assert cashflow.irr(flows(0, 0)).reason == reason
        assert cashflow.payback([]).reason == reason

    def test_costs_alone_have_no_rate_and_never_come_back(self) -> None:
        costs = flows(-10, -5)
        assert cashflow.irr(costs).reason.startswith("Every cash flow is negative")
        assert cashflow.payback(costs).reason == "Not paid back within 1 periods."

    def test_several_rates_warn_and_give_the_nearest_to_zero(self) -> None:
        found = cashflow.irr(flows(-1000, 2500, -1540), periods_per_year=1)
        assert found.need() == pytest.approx(0.10)
        assert found.warnings == ("Several rates bring the value to zero: 10.0%, 40.0%.",)

    def test_a_rate_that_only_touches_zero_is_found(self) -> None:
        found = cashflow.irr(flows(-1, "2.2", "-1.21"), periods_per_year=1)
        assert found.need() == pytest.approx(0.10, abs=1e-6)

    def test_sign_changes_without_a_root_say_so(self) -> None:
        assert cashflow.irr(flows(1, -3, 3)).reason == (
            "The flows change sign 2 times and no rate brings them to zero."
        )

    def test_nothing_invested_has_no_profitability_index(self) -> None:
        assert not cashflow.profitability_index(PLAIN, flows(1000), TEN, go_live=0).known

    def test_costs_without_present_value_have_no_ratio(self) -> None:
        assert not cashflow.bcr(BENEFITS, flows(0), TEN).known

    def test_no_probabilities_no_risked_value(self) -> None:
        value = cashflow.rnpv(BENEFITS, COSTS, TEN, benefit_probability=[], cost_probability=[])
        assert value.reason == "No stage probabilities are set."

    def test_a_second_investment_is_named(self) -> None:
        found = cashflow.payback(flows(-10, 20, -30, 40))
        assert found.need() == 0.5
        assert found.warnings == ("The cumulative flow falls below zero again later.",)


def test_a_to_go_view_leaves_out_what_is_sunk() -> None:
    amounts = {date(2026, 1, 1): Decimal(-100), date(2026, 3, 1): Decimal(30)}
    assert cashflow.by_month(amounts, first=date(2026, 2, 1)) == flows(0, 30)
    assert cashflow.by_month(amounts, first=date(2026, 2, 1), last=date(2026, 2, 1)) == flows(0)
