"""Conditions are data: every set of facts gets an answer, unknown stays unknown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.conditions import (
    BadCondition,
    FactSpec,
    Leaf,
    Tree,
    as_json,
    holds,
    parse,
    words,
)

FACTS = {
    "tier": FactSpec("tier", "EU tier", "text", {"high": "High", "low": "Low"}),
    "level": FactSpec("level", "Risk level", "number"),
    "owned": FactSpec("owned", "Has an owner", "flag"),
    "data": FactSpec("data", "Data classes", "list"),
}


def leaf() -> st.SearchStrategy[dict[str, Any]]:
    """A question about one of the facts."""
    return st.one_of(
        st.builds(
            lambda op, value: {"fact": "tier", "op": op, "value": value},
            st.sampled_from(["is", "is_not"]),
            st.sampled_from(["high", "low"]),
        ),
        st.builds(
            lambda op, value: {"fact": "level", "op": op, "value": value},
            st.sampled_from(["is", "under", "at_most", "over", "at_least"]),
            st.integers(1, 5),
        ),
        st.builds(lambda value: {"fact": "owned", "op": "is", "value": value}, st.booleans()),
        st.builds(
            lambda op, value: {"fact": "data", "op": op, "value": value},
            st.sampled_from(["has_any", "has_all", "has_none"]),
            st.lists(st.sampled_from(["personal", "health"]), min_size=1, max_size=2),
        ),
        st.builds(
            lambda fact, op: {"fact": fact, "op": op},
            st.sampled_from(list(FACTS)),
            st.sampled_from(["missing", "known"]),
        ),
    )


def conditions() -> st.SearchStrategy[dict[str, Any]]:
    """Trees of questions."""
    return st.recursive(
        leaf(),
        lambda inner: st.one_of(
            st.builds(lambda parts: {"all": parts}, st.lists(inner, max_size=3)),
            st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
            st.builds(lambda part: {"not": part}, inner),
        ),
        max_leaves=6,
    )


def good_facts() -> st.SearchStrategy[dict[str, Any]]:
    """Facts of their types; any may be missing."""
    return st.fixed_dictionaries(
        {},
        optional={
            "tier": st.sampled_from(["high", "low"]),
            "level": st.integers(1, 5),
            "owned": st.booleans(),
            "data": st.lists(st.sampled_from(["personal", "health"]), max_size=2),
        },
    )


def any_facts() -> st.SearchStrategy[dict[str, Any]]:
    """Whatever may come: wrong types, NaN, nothing."""
    strange = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
        st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=2), st.none()),
    )  # fmt: skip
    return st.dictionaries(st.sampled_from(list(FACTS)), strange)


@given(conditions(), any_facts())
def test_every_set_of_facts_gets_an_answer(data: Any, facts: dict[str, Any]) -> None:
    assert holds(parse(data, FACTS), facts, FACTS) in (True, False, None)


@given(conditions(), good_facts())
def test_a_condition_survives_storing(data: Any, facts: dict[str, Any]) -> None:
    condition = parse(data, FACTS)
    stored = parse(json.loads(json.dumps(as_json(condition))), FACTS)
    assert stored == condition
    assert holds(stored, facts, FACTS) == holds(condition, facts, FACTS)
    assert words(condition, FACTS)


@given(conditions(), good_facts(), st.sampled_from(list(FACTS)))
def test_what_is_known_to_hold_holds_whatever_else_becomes_known(
    data: Any, facts: dict[str, Any], forgotten: str
) -> None:
    """Kleene: learning a fact may turn unknown into an answer, never one answer into the other."""
    asks_about_knowing = '"missing"' in json.dumps(data) or '"known"' in json.dumps(data)
    less = {name: value for name, value in facts.items() if name != forgotten}
    before = holds(parse(data, FACTS), less, FACTS)
    if before is not None and not asks_about_knowing:
        assert holds(parse(data, FACTS), facts, FACTS) == before


def test_not_of_an_unknown_fact_is_unknown() -> None:
    high = Leaf("tier", "is", "high")
    assert holds(Tree("not", (high,)), {}, FACTS) is None
    assert holds(Leaf("tier", "missing"), {}, FACTS) is True


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"fact": "colour", "op": "is", "value": "red"}, "There is no fact|there is no fact"),
        ({"fact": "tier", "op": "over", "value": 3}, "cannot be asked"),
        ({"fact": "tier", "op": "is", "value": "purple"}, "never 'purple'"),
        ({"fact": "level", "op": "is", "value": True}, "compared with a number"),
        ({"fact": "level", "op": "is", "value": float("nan")}, "compared with a number"),
        ({"fact": "owned", "op": "is", "value": 1}, "true or false"),
        ({"fact": "data", "op": "has_any", "value": []}, "not empty"),
        ({"any": []}, "never hold"),
        ({"all": [], "any": []}, "exactly one"),
        ({"fact": "tier", "op": "is", "value": "high", "code": "x"}, "no part of it"),
        ("__import__('os')", "an object"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_with_its_place(data: Any, told: str) -> None:
    with pytest.raises(BadCondition, match=told) as refused:
        parse(data, FACTS, place="Rule live, when")
    assert str(refused.value).startswith("Rule live, when")


def test_a_tree_that_nobody_can_review_is_refused() -> None:
    deep: Any = {"fact": "owned", "op": "is", "value": True}
    for _ in range(9):
        deep = {"not": deep}
    with pytest.raises(BadCondition, match="levels"):
        parse(deep, FACTS)
    wide = {"all": [{"fact": "owned", "op": "known"}] * 101}
    with pytest.raises(BadCondition, match="questions"):
        parse(wide, FACTS)
