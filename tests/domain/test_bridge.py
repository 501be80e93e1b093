"""The steps of a bridge sum exactly."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import bridge

money = st.decimals(-(10**9), 10**9, places=6)
factor = st.decimals(0, 1000, places=4)
factors = st.fixed_dictionaries(dict.fromkeys(bridge.FACTORS, factor))


@given(money, st.dictionaries(st.sampled_from(bridge.RUNGS), money, min_size=1))
def test_changes_sum_to_the_last_level(start: Decimal, levels: dict[str, Decimal]) -> None:
    steps = bridge.walk(start, levels)
    assert start + sum(step.change for step in steps) == steps[-1].after


@given(money, factors, factors, money)
def test_factors_explain_what_they_can_and_the_rest_is_named(
    promised: Decimal,
    planned: dict[str, Decimal],
    actual: dict[str, Decimal],
    measured: Decimal,
) -> None:
    steps = bridge.walk_factors(promised, planned, actual, measured)
    assert [step.name for step in steps] == [*bridge.FACTORS, "scope and timing"]
    assert steps[-1].after == measured
