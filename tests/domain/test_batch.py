"""The returns of many initiatives at once are those of each alone."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import batch, cashflow, roi
from governance_app.domain.batch import Floats
from governance_app.domain.money import convert, exact_sum

rows = st.lists(
    st.lists(st.integers(-1000, 1000), min_size=12, max_size=12), min_size=1, max_size=6
)


def decimals(row: Floats) -> list[Decimal]:
    return [Decimal(float(value)) for value in row]


class TestRates:
    @given(rows)
    def test_a_rate_exists_together_where_it_exists_alone(self, lists: list[list[int]]) -> None:
        flows = np.array(lists, dtype=float)
        found = batch.irrs(flows)
        for place, row in enumerate(flows):
            alone = cashflow.irr(decimals(row))
            if found.changes[place] == 0:
                assert np.isnan(found.rates[place])
                assert alone.value is None
            elif found.changes[place] == 1 and alone.value is not None:
                assert found.rates[place] == pytest.approx(alone.value, rel=1e-7, abs=1e-9)

    def test_without_a_change_of_sign_there_is_none(self) -> None:
        found = batch.irrs(np.array([[-1.0, -2, -3], [0, 0, 0], [4, 0, 1]]))
        assert np.isnan(found.rates).all()
        assert found.changes.tolist() == [0, 0, 0]
        assert found.roots.tolist() == [0, 0, 0]

    def test_of_several_the_one_nearest_to_nothing_is_given_and_counted(self) -> None:
        found = batch.irrs(
            np.array([[-1000.0, 2500, -1540], [-100, 230, -132]]), periods_per_year=1
        )
        assert found.roots.tolist() == [2, 2]
        assert found.rates == pytest.approx([0.1, 0.1], rel=1e-9)

    def test_flows_that_change_twice_and_have_no_rate(self) -> None:
        found = batch.irrs(np.array([[-100.0, 10, -100]]))
        assert np.isnan(found.rates[0])
        assert (found.changes[0], found.roots[0]) == (2, 0)

    def test_losses_and_gains_stand_beside_each_other(self) -> None:
        flows = np.zeros((3, 60))
        flows[:, 0] = -100
        flows[:, 59] = (1, 100, 100_000)
        rates = batch.irrs(flows).rates
        assert rates[1] == pytest.approx(0, abs=1e-12)
        assert rates[0] == pytest.approx(0.01 ** (12 / 59) - 1, rel=1e-12)
        assert rates[2] == pytest.approx(1000 ** (12 / 59) - 1, rel=1e-12)


class TestRatios:
    def test_each_null_is_nan(self) -> None:
        nothing = np.zeros((1, 3))
        some = np.array([[1.0, 2, 3]])
        assert np.isnan(batch.roi_ratios(some, nothing)).all()
        assert np.isnan(batch.covers(some, nothing)).all()
        assert np.isnan(batch.bcrs(some, nothing, 0.1)).all()
        assert np.isnan(batch.indexes(some, nothing, 0.1, np.array([2]))).all()
        assert np.isnan(batch.paybacks(nothing)).all()
        reviewed = np.zeros((1, 3), dtype=bool)
        assert np.isnan(batch.realisations(some, some, reviewed)).all()

    def test_the_vectors_of_the_method(self) -> None:
        benefits = np.array([[0.0, 500, 700, 800, 600]])
        costs = np.array([[1000.0, 200, 300, 300, 400]])
        assert batch.bcrs(benefits, costs, 0.1)[0] == pytest.approx(1.059930, abs=5e-7)
        assert batch.roi_ratios(benefits, costs)[0] == pytest.approx(0.181818, abs=5e-7)
        chance = np.array([[1, 0.85, 0.68, 0.612, 0.612]])
        risked = batch.risked_worths(
            benefits, costs, 0.1, benefit_chances=chance, cost_chances=chance
        )
        assert risked[0] == pytest.approx(-229.8853, abs=5e-5)
        plain = np.array([[-1000.0, 300, 400, 500, 200]])
        index = batch.indexes(plain, np.array([[1000.0, 0, 0, 0, 0]]), 0.1, np.array([1]))
        assert index[0] == pytest.approx(1.115566, abs=5e-7)

    def test_each_row_may_have_its_own_rate(self) -> None:
        flows = np.array([[-100.0, 60, 70], [-100.0, 60, 70]])
        both = batch.worths(flows, np.array([0.0, 0.1]))
        assert both == pytest.approx([30, float(batch.worths(flows[:1], 0.1)[0])])

    @given(st.floats(0.01, 1000), rows)
    def test_converting_at_one_rate_commutes_with_summing(
        self, rate: float, lists: list[list[int]]
    ) -> None:
        flows = np.array(lists, dtype=float)
        converted_first = batch.worths(flows * rate, 0.01).sum()
        summed_first = batch.worths(flows.sum(axis=0, keepdims=True), 0.01)[0] * rate
        scale = float(np.abs(flows).sum()) * rate
        assert converted_first == pytest.approx(summed_first, rel=1e-9, abs=1e-9 * scale + 1e-12)


money = st.decimals(0, 10**9, places=2)


class TestExactSums:
    @given(st.lists(money, min_size=1, max_size=8), st.decimals("0.0001", "9999", places=4))
    def test_converting_exact_money_commutes_with_summing(
        self, amounts: list[Decimal], rate: Decimal
    ) -> None:
        assert exact_sum(convert(each, rate) for each in amounts) == convert(
            exact_sum(amounts), rate
        )

    @given(money, money, money)
    def test_a_stop_never_frees_more_than_is_unspent(
        self, unspent: Decimal, fixed: Decimal, leaving: Decimal
    ) -> None:
        assert roi.released_by_stop(unspent, fixed, leaving) <= unspent
