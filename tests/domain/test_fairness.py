"""Impact ratios: a case worked by hand, what cannot be compared, and what always holds."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain.fairness import Compared, Group, compare, worst

SMALL, LEAST = Decimal("0.02"), Decimal("0.8")


def of(*groups: Group, least: Decimal = LEAST) -> tuple[Compared, ...]:
    return compare(groups, small_share=SMALL, least_ratio=least)


def sex(name: str, selected: int, assessed: int) -> Group:
    return Group("sex", name, selected, assessed)


def test_a_case_worked_by_hand() -> None:
    """
    980 people: 48 of 80 Asian, 104 of 200 Black, 90 of 180 Hispanic, 5 of 10 Native (1.02 %),
    306 of 510 White. Rates .6, .52, .5, .5, .6; over .6: 1, .8667, .8333, not judged, 1.
    """
    found = compare(
        [
            Group("race_ethnicity", name, selected, assessed)
            for name, selected, assessed in (
                ("Asian", 48, 80), ("Black", 104, 200), ("Hispanic", 90, 180), ("Native", 5, 10),
                ("White", 306, 510),
            )
        ],
        small_share=SMALL, least_ratio=Decimal("0.85"),
    )  # fmt: skip
    assert [each.rate_ratio.need() for each in found] == [
        Fraction(3, 5), Fraction(13, 25), Fraction(1, 2), Fraction(1, 2), Fraction(3, 5)
    ]  # fmt: skip
    assert [each.impact_ratio.value for each in found] == [
        1, Fraction(13, 15), Fraction(5, 6), None, 1
    ]  # fmt: skip
    assert [each.is_below for each in found] == [False, False, True, False, False]
    assert [each.is_small for each in found] == [False, False, False, True, False]
    assert found[3].share_ratio.need() == Fraction(10, 980)
    lowest = worst(found)
    assert lowest is not None and lowest.group.name == "Hispanic"


def test_exactly_four_fifths_is_no_finding_and_one_person_less_is() -> None:
    at, below = of(sex("W", 40, 100), sex("M", 50, 100)), of(sex("W", 39, 100), sex("M", 50, 100))
    assert (at[0].impact_ratio.value, at[0].is_below) == (Fraction(4, 5), False)
    assert below[0].is_below


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ((sex("W", 0, 0), sex("M", 5, 10)), "Nobody of the group was assessed."),
        ((sex("W", 3, 10),), "There is no other group to compare it with."),
        ((sex("W", 3, 10), sex("X", 0, 0)), "There is no other group to compare it with."),
        ((sex("W", 0, 10), sex("M", 0, 20)), "Nobody was selected in any group."),
        ((sex("W", 1, 1), sex("M", 50, 99)), "Too small a part of the data to be judged."),
    ],
)
def test_what_cannot_be_compared_says_why(groups: tuple[Group, ...], reason: str) -> None:
    first = of(*groups)[0]
    assert (first.impact_ratio.value, first.impact_ratio.reason, first.is_below) == (
        None, reason, False
    )  # fmt: skip


def test_a_small_group_that_is_always_selected_sets_no_standard() -> None:
    found = of(sex("W", 40, 100), sex("M", 50, 100), sex("X", 2, 2))
    assert found[0].impact_ratio.value == Fraction(4, 5)


def test_more_selected_than_assessed_is_no_group() -> None:
    with pytest.raises(ValueError, match="Between none and all"):
        sex("W", 11, 10)


GROUPS = st.lists(
    st.tuples(st.sampled_from(["sex", "age"]), st.integers(0, 400), st.integers(0, 400)).map(
        lambda each: Group(each[0], "", min(each[1:]), max(each[1:]))
    ),
    max_size=8,
)


@given(GROUPS)
def test_ratios_lie_between_none_and_one_and_the_best_of_a_category_is_one(
    groups: list[Group],
) -> None:
    found = of(*groups)
    for category in {group.category for group in groups}:
        known = [
            each.impact_ratio.need()
            for each in found
            if each.group.category == category and each.impact_ratio.known
        ]
        assert all(0 <= ratio <= 1 for ratio in known)
        assert not known or max(known) == 1
    for each in found:
        assert each.impact_ratio.known == (not each.impact_ratio.reason)


@given(GROUPS, st.integers(1, 50))
def test_counting_everybody_several_times_changes_no_ratio(groups: list[Group], times: int) -> None:
    more = [Group(g.category, g.name, g.selected * times, g.assessed * times) for g in groups]
    for one, many in zip(of(*groups), of(*more), strict=True):
        assert (one.rate_ratio, one.impact_ratio, one.is_below) == (
            many.rate_ratio, many.impact_ratio, many.is_below
        )  # fmt: skip


@given(GROUPS, st.decimals("0", "1", places=2), st.decimals("0", "1", places=2))
def test_a_stricter_limit_finds_no_less(groups: list[Group], one: Decimal, two: Decimal) -> None:
    loose, strict = sorted((one, two))
    for less, more in zip(of(*groups, least=loose), of(*groups, least=strict), strict=True):
        assert more.is_below or not less.is_below


@given(GROUPS)
def test_categories_do_not_touch_each_other(groups: list[Group]) -> None:
    whole = [each for each in of(*groups) if each.group.category == "sex"]
    assert whole == list(of(*(group for group in groups if group.category == "sex")))
