"""Exact sums, rounding on display, minor units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.money import (
    MixedCurrencies,
    Money,
    exact_sum,
    minor_places,
    round_half_up,
    to_minor_units,
)

amounts = st.decimals(
    min_value=-(10**15), max_value=10**15, places=18, allow_nan=False, allow_infinity=False
)


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(MixedCurrencies, match="EUR and USD"):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")


def test_a_sum_of_38_digits_keeps_every_digit() -> None:
    big, small = Decimal("99999999999999999999.0"), Decimal("0.000000000000000001")
    assert str(exact_sum([big, small])) == "99999999999999999999.000000000000000001"


@pytest.mark.parametrize(
    ("amount", "places", "rounded"),
    [("0.005", 2, "0.01"), ("-0.005", 2, "-0.01"), ("0.0049", 2, "0.00"), ("1.5", 0, "2")],
)
def test_rounding_is_half_up(amount: str, places: int, rounded: str) -> None:
    assert str(round_half_up(Decimal(amount), places)) == rounded


@given(st.lists(amounts, min_size=1, max_size=30), st.sampled_from(["USD", "JPY", "KWD"]))
def test_minor_units_add_up_to_the_rounded_whole(parts: list[Decimal], currency: str) -> None:
    rounded = to_minor_units(dict(enumerate(parts)), currency=currency)
    places = minor_places(currency)
    assert sum(rounded.values()) == round_half_up(exact_sum(parts), places)
    unit = Decimal(1).scaleb(-places)
    for key, part in enumerate(parts):
        assert abs(exact_sum([rounded[key], -part])) < unit
        assert rounded[key].as_tuple().exponent == -places
