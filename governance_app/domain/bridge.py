"""The value bridge: from what was promised to what is banked, step by step. METHOD section 5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from governance_app.domain.money import EXACT, exact_sum

#: The factors of a benefit in the order in which the bridge walks them.
FACTORS = ("adoption", "volume", "unit_effect", "acceptance", "capture", "price")

#: The rungs of the evidence ladder, lowest first.
RUNGS = ("promised", "claimed", "measured", "validated", "banked")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a bridge: its name, what it adds (negative takes away), and the sum after it."""

    name: str
    change: Decimal
    after: Decimal


def walk(start: Decimal, targets: Mapping[str, Decimal]) -> list[Step]:
    """
    Walk from a start over named levels; the changes sum exactly to the last level less start.

    >>> [(step.name, step.change) for step in walk(Decimal(10), {"a": Decimal(7), "b": Decimal(8)})]
    [('a', Decimal('-3')), ('b', Decimal('1'))]
    """
    steps = []
    level = start
    for name, after in targets.items():
        steps.append(Step(name, EXACT.subtract(after, level), after))
        level = after
    return steps


def walk_factors(
    promised: Decimal,
    planned: Mapping[str, Decimal],
    actual: Mapping[str, Decimal],
    measured: Decimal,
) -> list[Step]:
    """
    Explain promised -> measured by replacing one planned factor after the other by its actual.

    Args:
        promised: money of the business case in the month.
        planned: factor -> its planned value; their product is the modelled promise.
        actual: the same factors as they turned out.
        measured: money measured in the month.

    Returns:
        One step per factor that is in both, then "scope and timing": whatever the factors do
        not explain, so that the steps sum exactly.

    >>> steps = walk_factors(Decimal(100), {"volume": Decimal(50), "price": Decimal(2)},
    ...                      {"volume": Decimal(40), "price": Decimal(3)}, Decimal(115))
    >>> [(step.name, f"{step.change:f}") for step in steps]
    [('volume', '-20'), ('price', '40'), ('scope and timing', '-5')]
    """
    factors = [name for name in FACTORS if name in planned and name in actual]
    levels: dict[str, Decimal] = {}
    level = promised
    for place, name in enumerate(factors):
        before = after = Decimal(1)
        for other in factors[:place]:
            before = EXACT.multiply(before, actual[other])
        for other in factors[place + 1 :]:
            before = EXACT.multiply(before, planned[other])
        after = EXACT.multiply(before, actual[name])
        before = EXACT.multiply(before, planned[name])
        level = EXACT.add(level, EXACT.subtract(after, before))
        levels[name] = level
    levels["scope and timing"] = measured
    return walk(promised, levels)


#: The steps of a whole bridge after the promise, in order. METHOD section 5.
STEPS = (*FACTORS, "scope and timing", "not yet reviewed", "rejected", "validated", "banked")


@dataclass(frozen=True, slots=True)
class Crossing:
    """
    What one benefit, or one initiative, brings to the bridge in one currency and span of months.

    ``measured`` is what the evidence says; ``unreviewed`` and ``rejected`` the parts of it in
    months that finance has not reviewed or has refused. ``planned`` and ``actual``: factor ->
    value, where the case and the readings know both.
    """

    promised: Decimal
    measured: Decimal
    unreviewed: Decimal
    rejected: Decimal
    validated: Decimal
    banked: Decimal
    planned: Mapping[str, Decimal] = field(default_factory=dict)
    actual: Mapping[str, Decimal] = field(default_factory=dict)


def cross(crossing: Crossing, parts: Sequence[Crossing] = ()) -> list[Step]:
    """
    Walk from the promise to the bank, every step of METHOD section 5 that has something to say.

    Args:
        parts: the benefits whose factors are known, each with its share of the promise; without
            any the factors of the crossing itself are walked. What they do not explain is scope
            and timing.

    Returns:
        A step per known factor, then "scope and timing" (ends at measured), "not yet reviewed",
        "rejected", "validated" (what finance agreed beyond or below the measured amounts it
        reviewed) and "banked" (what is validated and not in the budget or the books yet). The
        changes sum exactly to banked less promised.

    >>> steps = cross(Crossing(Decimal(100), Decimal(80), Decimal(20), Decimal(10), Decimal(45),
    ...                        Decimal(30)))
    >>> [(step.name, int(step.change), int(step.after))
    ...  for step in steps][1:]  # doctest: +NORMALIZE_WHITESPACE
    [('not yet reviewed', -20, 60), ('rejected', -10, 50), ('validated', -5, 45),
     ('banked', -15, 30)]
    """
    if parts:
        steps = _together(crossing, parts)
    else:
        steps = walk_factors(
            crossing.promised, crossing.planned, crossing.actual, crossing.measured
        )
    reviewed = EXACT.subtract(crossing.measured, crossing.unreviewed)
    steps += walk(
        crossing.measured,
        {
            "not yet reviewed": reviewed,
            "rejected": EXACT.subtract(reviewed, crossing.rejected),
            "validated": crossing.validated,
            "banked": crossing.banked,
        },
    )
    return steps


def _together(whole: Crossing, parts: Sequence[Crossing]) -> list[Step]:
    """Add the factor steps of several benefits up; the rest is scope and timing of the whole."""
    changes: dict[str, list[Decimal]] = {}
    for part in parts:
        for step in walk_factors(part.promised, part.planned, part.actual, part.measured)[:-1]:
            changes.setdefault(step.name, []).append(step.change)
    level, levels = whole.promised, {}
    for name in FACTORS:
        if name in changes:
            level = EXACT.add(level, exact_sum(changes[name]))
            levels[name] = level
    return walk(whole.promised, {**levels, "scope and timing": whole.measured})


def roll_up(crossings: Sequence[Sequence[Step]], *, promised: Decimal) -> list[Step]:
    """
    Add bridges up step by step, for a unit, a programme or the portfolio.

    Args:
        crossings: bridges of one currency, as :func:`cross` gives them.
        promised: the sum of their promises.

    >>> one = [Step("volume", Decimal(-3), Decimal(7)), Step("banked", Decimal(-1), Decimal(6))]
    >>> other = [Step("banked", Decimal(-2), Decimal(3))]
    >>> [(s.name, int(s.change), int(s.after)) for s in roll_up([one, other], promised=Decimal(15))]
    [('volume', -3, 12), ('banked', -3, 9)]
    """
    changes: dict[str, list[Decimal]] = {}
    for steps in crossings:
        for step in steps:
            changes.setdefault(step.name, []).append(step.change)
    unknown = sorted(set(changes) - set(STEPS))
    if unknown:
        raise ValueError(f"{', '.join(unknown)} is no step of a bridge.")
    level, summed = promised, []
    for name in STEPS:
        if name in changes:
            change = exact_sum(changes[name])
            level = EXACT.add(level, change)
            summed.append(Step(name, change, level))
    return summed
