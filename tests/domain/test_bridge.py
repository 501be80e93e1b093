"""The steps of a bridge sum exactly."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.domain import bridge
from governance_app.domain.money import exact_sum

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


amounts = st.tuples(money, money, money, money, money, money)


@given(amounts, factors, factors)
def test_a_whole_bridge_sums_exactly(
    levels: tuple[Decimal, ...], planned: dict[str, Decimal], actual: dict[str, Decimal]
) -> None:
    crossing = bridge.Crossing(*levels, planned=planned, actual=actual)
    steps = bridge.cross(crossing)
    assert [step.name for step in steps] == list(bridge.STEPS)
    changes = (step.change for step in steps)
    assert exact_sum([crossing.promised, *changes]) == crossing.banked
    assert steps[-1].after == crossing.banked


@given(st.lists(st.tuples(amounts, factors, factors), max_size=3))
@settings(max_examples=30)
def test_rolled_up_it_still_sums_exactly(
    parts: list[tuple[tuple[Decimal, ...], dict[str, Decimal], dict[str, Decimal]]],
) -> None:
    crossings = [
        bridge.Crossing(*levels, planned=planned, actual=actual)
        for levels, planned, actual in parts
    ]
    promised = exact_sum(each.promised for each in crossings)
    rolled = bridge.roll_up([bridge.cross(each) for each in crossings], promised=promised)
    banked = exact_sum(each.banked for each in crossings)
    assert exact_sum([promised, *(step.change for step in rolled)]) == banked


part = st.tuples(money, money, factors, factors)


@given(amounts, st.lists(part, min_size=1, max_size=4))
def test_several_benefits_walk_together_and_sum_exactly(
    levels: tuple[Decimal, ...],
    parts: list[tuple[Decimal, Decimal, dict[str, Decimal], dict[str, Decimal]]],
) -> None:
    whole = bridge.Crossing(*levels)
    zero = dict.fromkeys(("unreviewed", "rejected", "validated", "banked"), Decimal(0))
    own = [
        bridge.Crossing(promised, measured, planned=planned, actual=actual, **zero)
        for promised, measured, planned, actual in parts
    ]
    steps = bridge.cross(whole, own)
    assert [step.name for step in steps] == list(bridge.STEPS)
    assert exact_sum([whole.promised, *(step.change for step in steps)]) == whole.banked
    for name in bridge.FACTORS:
        alone = [
            next(step.change for step in bridge.cross(each) if step.name == name) for each in own
        ]
        assert next(step.change for step in steps if step.name == name) == exact_sum(alone)
