"""The value bridge: from what was promised to what is banked, step by step. METHOD section 5."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.money import EXACT

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
