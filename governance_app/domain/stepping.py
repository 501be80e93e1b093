"""
How a rule splits a month: fixed or even shares, drivers, and pools that step down. METHOD 6.

Shares are exact fractions, so that a chain of pools loses nothing; amounts are split over the
whole numbers behind them by largest remainder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Any, Literal

from governance_app.domain.money import exact_sum

Kind = Literal["direct", "even", "fixed", "driver", "pool"]


@dataclass(frozen=True, slots=True)
class Target:
    """An initiative or, when ``is_pool``, a pool; ``share`` for fixed shares only."""

    name: str
    is_pool: bool = False
    share: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Splitting:
    """
    What a rule version does with a month.

    ``quantities``: target -> how much of the driver it used, each >= 0. ``label`` names the
    version in the explanation.
    """

    label: str
    kind: Kind
    targets: tuple[Target, ...]
    driver: str = ""
    is_even_at_zero: bool = False
    quantities: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """
    The exact share of somebody; an empty ``name`` stays unallocated.

    ``steps``: one list per way the cost came, each a list of {"rule", "share", ...}.
    """

    name: str
    share: Fraction
    steps: tuple[tuple[Mapping[str, Any], ...], ...]


@dataclass(frozen=True, slots=True)
class Weighted:
    """A part as a whole number of a whole."""

    part: Part
    weight: int
    total: int


def shares_of(
    splitting: Splitting, *, passed_on: Mapping[str, Splitting] | None = None
) -> list[Part]:
    """
    Resolve a rule and the pools it steps through to shares that sum to exactly 1.

    Args:
        splitting: the rule that matched.
        passed_on: pool -> the rule that passes it on in that month; a pool without one keeps
            what it received, which stays unallocated.

    Returns:
        parts in the order they are reached; the unallocated one, if any, last.

    >>> pool = Splitting("R2", "even", (Target("AI-1"), Target("AI-2")))
    >>> rule = Splitting("R1", "fixed", (Target("AI-1", share=Decimal("0.5")),
    ...                                  Target("P", is_pool=True, share=Decimal("0.5"))))
    >>> [(part.name, str(part.share)) for part in shares_of(rule, passed_on={"P": pool})]
    [('AI-1', '3/4'), ('AI-2', '1/4')]
    """
    found: dict[str, tuple[Fraction, list[tuple[Mapping[str, Any], ...]]]] = {}
    _walk(splitting, Fraction(1), (), passed_on or {}, frozenset(), found)
    kept = found.pop("", None)
    parts = [Part(name, share, tuple(steps)) for name, (share, steps) in found.items()]
    if kept is not None:
        parts.append(Part("", kept[0], tuple(kept[1])))
    return parts


def _walk(
    splitting: Splitting,
    share: Fraction,
    steps: tuple[Mapping[str, Any], ...],
    passed_on: Mapping[str, Splitting],
    seen: frozenset[str],
    found: dict[str, tuple[Fraction, list[tuple[Mapping[str, Any], ...]]]],
) -> None:
    for target, part, step in _direct(splitting):
        reached = (*steps, step)
        if target is not None and target.is_pool:
            following = passed_on.get(target.name)
            if following is not None and target.name not in seen:
                _walk(following, share * part, reached, passed_on, seen | {target.name}, found)
                continue
            name = ""
        else:
            name = target.name if target is not None else ""
        before, ways = found.get(name, (Fraction(0), []))
        found[name] = (before + share * part, [*ways, reached])


def _direct(splitting: Splitting) -> list[tuple[Target | None, Fraction, dict[str, Any]]]:
    """Give what one rule sends where, without following pools; None stays unallocated."""
    base: dict[str, Any] = {"rule": splitting.label, "kind": splitting.kind}
    if splitting.kind == "fixed":
        return [
            (one, Fraction(one.share or 0), {**base, "to": one.name, "share": f"{one.share}"})
            for one in splitting.targets
        ]
    if splitting.kind == "driver":
        quantities = splitting.quantities or {}
        total = exact_sum(quantities.values())
        base["driver"] = splitting.driver
        if total > 0:
            return [
                (
                    one,
                    Fraction(quantities[one.name]) / Fraction(total),
                    {
                        **base,
                        "to": one.name,
                        "quantity": f"{quantities[one.name]:f}",
                        "of": f"{total:f}",
                    },
                )
                for one in splitting.targets
                if quantities.get(one.name, Decimal(0)) > 0
            ]
        if not splitting.is_even_at_zero or not splitting.targets:
            return [(None, Fraction(1), {**base, "quantity": "0", "of": "0"})]
        base["quantity"] = base["of"] = "0"
    count = len(splitting.targets)
    if not count:
        return [(None, Fraction(1), base)]
    return [(one, Fraction(1, count), {**base, "to": one.name}) for one in splitting.targets]


def weighted(parts: Sequence[Part]) -> list[Weighted]:
    """
    Turn exact shares into whole weights of one whole.

    >>> [(one.weight, one.total) for one in weighted([
    ...     Part("a", Fraction(1, 3), ()), Part("b", Fraction(2, 3), ())])]
    [(1, 3), (2, 3)]
    """
    total = lcm(*(part.share.denominator for part in parts)) if parts else 1
    return [
        Weighted(part, part.share.numerator * (total // part.share.denominator), total)
        for part in parts
    ]


def circle(passes: Mapping[str, Sequence[tuple[str, str]]]) -> list[tuple[str, str]] | None:
    """
    Find pools that pass cost on to themselves.

    Args:
        passes: pool -> (rule, later pool) for each pool it passes something on to.

    Returns:
        the (pool, rule) pairs of one circle in order, or None.

    >>> circle({"A": [("R1", "B")], "B": [("R2", "A")]})
    [('A', 'R1'), ('B', 'R2')]
    >>> circle({"A": [("R1", "B")]}) is None
    True
    """
    done: set[str] = set()

    def search(pool: str, way: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
        at = [name for name, _ in way]
        if pool in at:
            return way[at.index(pool) :]
        if pool in done:
            return None
        for rule, later in passes.get(pool, ()):
            found = search(later, [*way, (pool, rule)])
            if found:
                return found
        done.add(pool)
        return None

    for start in passes:
        if found := search(start, []):
            return found
    return None
