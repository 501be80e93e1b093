"""
Impact ratios of a bias audit: how often each group is selected, against the group selected most.

Exact fractions, since the limit is a ratio people argue about: four fifths is not below four
fifths. A category is compared within itself only; what cannot be compared says why.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from governance_app.domain.figures import Figure

#: What people are told apart by.
CATEGORIES: Mapping[str, str] = {
    "sex": "Sex",
    "race_ethnicity": "Race or ethnicity",
    "intersection": "Intersection",
    "age": "Age",
    "disability": "Disability",
    "other": "Other",
}


@dataclass(frozen=True, slots=True)
class Group:
    """People of one group: how many were assessed, and how many of them selected."""

    category: str
    name: str
    selected: int
    assessed: int

    def __post_init__(self) -> None:
        if not 0 <= self.selected <= self.assessed:
            raise ValueError("Between none and all of those assessed are selected.")


@dataclass(frozen=True, slots=True)
class Compared:
    """
    A group beside the others of its category.

    ``share_ratio``: its part of those assessed in the category. ``rate_ratio``: selected over
    assessed. ``impact_ratio``: its rate over the highest rate of a group that is judged.
    ``is_small``: shown and not judged. ``is_below``: its impact ratio is under the limit.
    """

    group: Group
    share_ratio: Figure[Fraction]
    rate_ratio: Figure[Fraction]
    impact_ratio: Figure[Fraction]
    is_small: bool
    is_below: bool


def compare(
    groups: Iterable[Group], *, small_share: Decimal, least_ratio: Decimal
) -> tuple[Compared, ...]:
    """
    Compare the groups of each category.

    Args:
        groups: each once.
        small_share: a group with a smaller part of those assessed is shown, not judged, and sets
            no standard for others.
        least_ratio: the impact ratio under which a difference is a finding.

    Returns:
        The groups in their order, with every ratio in 0..1 or the reason why there is none.

    Source: 29 CFR 1607.4 D (four-fifths rule); impact ratio as in 6 RCNY 5-301.

    >>> women, men = Group("sex", "Women", 30, 100), Group("sex", "Men", 50, 100)
    >>> limits = {"small_share": Decimal("0.02"), "least_ratio": Decimal("0.8")}
    >>> [(float(each.impact_ratio.need()), each.is_below)
    ...  for each in compare([women, men], **limits)]
    [(0.6, True), (1.0, False)]
    """
    rows = list(groups)
    by_category: dict[str, list[Group]] = defaultdict(list)
    for group in rows:
        by_category[group.category].append(group)
    small, least = Fraction(small_share), Fraction(least_ratio)
    yardsticks = {name: _yardstick(of, small) for name, of in by_category.items()}
    return tuple(
        _compared(group, by_category[group.category], yardsticks[group.category], small, least)
        for group in rows
    )


def worst(compared: Iterable[Compared]) -> Compared | None:
    """Give the group with the lowest impact ratio; None when none could be judged."""
    known = [each for each in compared if each.impact_ratio.known]
    return min(known, key=lambda each: each.impact_ratio.need(), default=None)


def _share(group: Group, others: Sequence[Group]) -> Fraction | None:
    total = sum(each.assessed for each in others)
    return Fraction(group.assessed, total) if total else None


def _judged(others: Sequence[Group], small: Fraction) -> list[Group]:
    """Give the groups that are large enough, with somebody assessed."""
    shares = [(each, _share(each, others)) for each in others]
    return [each for each, share in shares if each.assessed and share and share >= small]


def _yardstick(others: Sequence[Group], small: Fraction) -> Figure[Fraction]:
    """Give the highest rate of a category, or why nobody can be measured by it."""
    judged = _judged(others, small)
    if len(judged) == 1:
        return Figure(None, "There is no other group to compare it with.")
    highest = max((Fraction(each.selected, each.assessed) for each in judged), default=None)
    if not highest:
        return Figure(None, "Nobody was selected in any group.")
    return Figure(highest)


def _compared(
    group: Group,
    others: Sequence[Group],
    yardstick: Figure[Fraction],
    small: Fraction,
    least: Fraction,
) -> Compared:
    share = _share(group, others)
    told_share: Figure[Fraction] = (
        Figure(share) if share is not None else Figure(None, "Nobody of the category was assessed.")
    )
    if not group.assessed:
        nobody: Figure[Fraction] = Figure(None, "Nobody of the group was assessed.")
        return Compared(group, told_share, nobody, nobody, False, False)
    rate = Fraction(group.selected, group.assessed)
    is_small = share is not None and share < small
    ratio: Figure[Fraction]
    if is_small:
        ratio = Figure(None, "Too small a part of the data to be judged.")
    else:
        ratio = yardstick.map(lambda highest: rate / highest)
    is_below = ratio.value is not None and ratio.value < least
    return Compared(group, told_share, Figure(rate), ratio, is_small, is_below)
