"""Splits lose nothing, whatever is split over whatever."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.allocation import (
    BadShares,
    NothingToAllocateOver,
    TooFine,
    allocate,
    allocate_by_driver,
    from_units,
    split_exact,
    to_units,
)
from governance_app.domain.money import exact_sum

units = st.integers(-(10**38), 10**38)
weights = st.dictionaries(st.integers(0, 99), st.integers(0, 10**30), min_size=1, max_size=20)
money = st.decimals(min_value=-(10**12), max_value=10**12, places=18)


@given(units, weights.filter(lambda found: any(found.values())))
def test_a_split_sums_exactly_and_strays_less_than_one_unit(
    amount: int, over: dict[int, int]
) -> None:
    shares = split_exact(amount, over)
    total = sum(over.values())
    assert sum(shares.values()) == amount
    assert list(shares) == list(over)
    for key, share in shares.items():
        assert abs(share * total - amount * over[key]) < total
        assert share == 0 or (share > 0) == (amount > 0)
        assert over[key] > 0 or share == 0


@given(units, weights.filter(lambda found: any(found.values())))
def test_a_credit_splits_as_the_charge_it_cancels(amount: int, over: dict[int, int]) -> None:
    charge, credit = split_exact(amount, over), split_exact(-amount, over)
    assert {key: -share for key, share in charge.items()} == credit


def test_weights_of_zero_or_below_are_refused() -> None:
    with pytest.raises(NothingToAllocateOver):
        split_exact(100, {"AI-7": 0})
    with pytest.raises(ValueError, match="negative"):
        split_exact(100, {"AI-7": 2, "AI-8": -1})


@given(money)
def test_units_and_amounts_are_inverse(amount: Decimal) -> None:
    assert from_units(to_units(amount)) == amount


def test_a_digit_below_the_smallest_unit_is_refused() -> None:
    with pytest.raises(TooFine):
        to_units(Decimal("1E-19"))


def test_fixed_shares_sum_to_exactly_one() -> None:
    thirds = {key: Decimal("0.333333") for key in ("a", "b", "c")}
    with pytest.raises(BadShares, match=r"sum to 0\.999999"):
        allocate(Decimal(100), thirds)
    with pytest.raises(BadShares, match="must be above 0"):
        allocate(Decimal(100), {"a": Decimal(1), "b": Decimal(0)})


@given(money, st.lists(st.integers(1, 10**6), min_size=1, max_size=12))
def test_allocated_parts_add_up_to_the_amount(amount: Decimal, parts: list[int]) -> None:
    shares = {key: Decimal(1).scaleb(-6) * part for key, part in enumerate(parts)}
    rest = 1 - sum(shares.values())
    if rest > 0:
        shares["rest"] = rest  # type: ignore[index]
        assert exact_sum(allocate(amount, shares).values()) == amount
    elif rest < 0:
        with pytest.raises(BadShares):
            allocate(amount, shares)


@given(money, st.dictionaries(st.integers(0, 9), st.decimals(0, 10**6, places=3), max_size=6))
def test_a_driver_allocates_or_leaves_everything(
    amount: Decimal, driver: dict[int, Decimal]
) -> None:
    for when_zero in ("even", "unallocated"):
        split = allocate_by_driver(amount, driver, when_zero=when_zero)  # type: ignore[arg-type]
        assert exact_sum([*split.parts.values(), split.unallocated]) == amount


def test_a_zero_driver_does_what_the_rule_says() -> None:
    idle = {"a": Decimal(0), "b": Decimal(0)}
    even = allocate_by_driver(Decimal(3), idle, when_zero="even")
    assert even.parts == {"a": Decimal("1.5"), "b": Decimal("1.5")}
    assert allocate_by_driver(Decimal(3), idle, when_zero="unallocated").unallocated == 3
