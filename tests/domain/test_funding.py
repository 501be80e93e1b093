"""Funding: no constraint is ever broken, the proof holds, and money buys what it says."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.domain import funding
from governance_app.domain.funding import CannotChoose, Limit, Problem


def problem(**changes: object) -> Problem:
    facts: dict[str, object] = {
        "values": np.array([10.0, 6.0, 6.0]),
        "limits": (Limit("budget", 10.0, np.array([6.0, 5.0, 5.0]), "k"),),
    }
    return Problem(**{**facts, **changes})  # type: ignore[arg-type]


class TestChoosing:
    def test_two_small_ones_beat_a_large_one(self) -> None:
        found = funding.choose(problem(), gap=0)
        assert (found.funded, found.value, found.is_proven) == ((1, 2), 12.0, True)
        assert found.uses[0].is_binding

    def test_must_and_never(self) -> None:
        assert funding.choose(problem(must=frozenset({0})), gap=0).funded == (0,)
        assert funding.choose(problem(never=frozenset({1})), gap=0).funded == (0,)

    def test_needs_and_either(self) -> None:
        assert funding.choose(problem(needs=((1, 0),)), gap=0).funded == (0,)
        assert funding.choose(problem(either=((1, 2),)), gap=0).funded == (0,)

    def test_what_is_worth_less_than_nothing_stays_out(self) -> None:
        assert funding.choose(problem(values=np.array([-1.0, -2.0, -3.0])), gap=0).funded == ()

    def test_without_limits_everything_worth_something_is_funded(self) -> None:
        assert funding.choose(problem(limits=())).funded == (0, 1, 2)

    def test_must_dos_that_break_a_limit_are_said(self) -> None:
        with pytest.raises(CannotChoose, match=r"must-dos alone break a limit\. budget: 16 k"):
            funding.choose(problem(must=frozenset({0, 1, 2})))

    def test_nothing_to_choose_from(self) -> None:
        with pytest.raises(CannotChoose, match="no candidate"):
            funding.choose(Problem(np.array([]), ()))


class TestMore:
    def test_one_more_unit_of_budget(self) -> None:
        found = funding.choose(problem(), gap=0)
        assert funding.one_more(problem(), found, limit="budget", more=1, gap=0) == (4.0, (0,))
        assert funding.one_more(problem(), found, limit="budget", more=0.5, gap=0) == (0.0, ())

    def test_a_limit_that_does_not_bind_is_worth_nothing(self) -> None:
        rich = problem(limits=(Limit("budget", 100.0, np.array([6.0, 5.0, 5.0])),))
        assert funding.marginals(rich) == {"budget": 0.0}

    def test_the_frontier_never_falls(self) -> None:
        points = funding.frontier(problem(), limit="budget", shares=(1.6, 0.4, 1.0, 0.5), gap=0)
        assert [(point.most, point.value) for point in points] == [
            (4.0, 0.0), (5.0, 6.0), (10.0, 12.0), (16.0, 22.0),
        ]  # fmt: skip


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    count = draw(st.integers(2, 7))
    numbers = st.integers(0, 20).map(float)
    places = st.integers(0, count - 1)
    limits = tuple(
        Limit(
            f"limit {place}",
            draw(st.integers(0, 60).map(float)),
            np.array(draw(st.lists(numbers, min_size=count, max_size=count))),
        )
        for place in range(draw(st.integers(0, 3)))
    )
    never = draw(st.frozensets(places, max_size=2))
    return Problem(
        values=np.array(
            draw(st.lists(st.integers(-10, 30).map(float), min_size=count, max_size=count))
        ),
        limits=limits,
        must=draw(st.frozensets(places, max_size=2)) - never,
        never=never,
        needs=tuple(draw(st.lists(st.tuples(places, places), max_size=3))),
        either=tuple(
            tuple(sorted(group))
            for group in draw(st.lists(st.frozensets(places, min_size=2), max_size=2))
        ),
    )


@given(problems())
@settings(max_examples=60)
def test_the_best_of_all_choices_is_found_and_nothing_is_broken(asked: Problem) -> None:
    everything = (
        chosen
        for size in range(len(asked.values) + 1)
        for chosen in itertools.combinations(range(len(asked.values)), size)
    )
    worths = [
        float(asked.values[list(chosen)].sum())
        for chosen in everything
        if not funding.breaks(asked, chosen)
    ]
    if not worths:
        with pytest.raises(CannotChoose):
            funding.choose(asked, gap=0)
        return
    found = funding.choose(asked, gap=0)
    assert funding.breaks(asked, found.funded) == ()
    assert found.value == pytest.approx(max(worths))
    assert found.bound >= found.value
