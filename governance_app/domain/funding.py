"""
What to fund: the most risk-adjusted value that limits allow, proven. METHOD section 4, scenarios.

Each candidate is funded whole or not at all (a mixed-integer programme, solved by HiGHS). The
solver is loaded when it is first asked: it is large, and most processes never need it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from governance_app.domain.errors import Sentence

Floats = NDArray[np.float64]

#: How far from the best possible a choice may be, and how long proving it may take.
GAP, SECONDS = 0.01, 60.0
#: Shares of a limit at which the frontier is drawn.
FRONTIER = (0.25, 0.5, 0.625, 0.75, 0.875, 1.0, 1.125, 1.25, 1.5)


class CannotChoose(Sentence):
    """Limits that no choice keeps, or a problem that makes no sense; says which."""


@dataclass(frozen=True, slots=True)
class Limit:
    """
    At most ``most`` of something in a period: budget of 2027, people, risk points.

    ``uses``: what each candidate takes of it when funded, in the unit of the limit.
    """

    name: str
    most: float
    uses: Floats
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """
    Candidates by place and what a choice has to keep.

    ``values``: risk-adjusted value of each. ``must`` and ``never``: places that are in or out
    whatever happens. ``needs``: (a, b) funds a only together with b. ``either``: groups of which
    at most one is funded.
    """

    values: Floats
    limits: tuple[Limit, ...]
    must: frozenset[int] = frozenset()
    never: frozenset[int] = frozenset()
    needs: tuple[tuple[int, int], ...] = ()
    either: tuple[tuple[int, ...], ...] = ()

    def with_most(self, limit: str, most: float) -> "Problem":
        """Give the same problem with another value of one limit."""
        limits = tuple(
            replace(each, most=most) if each.name == limit else each for each in self.limits
        )
        return replace(self, limits=limits)


@dataclass(frozen=True, slots=True)
class Use:
    """
    How much of a limit a choice takes, and what more of it would be worth.

    ``marginal``: value per unit of the limit at the margin, from the relaxed problem in which a
    part of a candidate may be funded; above 0 where the limit binds.
    """

    name: str
    unit: str
    used: float
    most: float
    marginal: float

    @property
    def is_binding(self) -> bool:
        """Whether the limit holds the value down."""
        return self.marginal > 0


@dataclass(frozen=True, slots=True)
class Choice:
    """
    What to fund, with the proof: no choice is worth more than ``bound``.

    ``gap``: (bound - value) / |value|, at most what was asked when ``is_proven``.
    """

    funded: tuple[int, ...]
    value: float
    bound: float
    gap: float
    is_proven: bool
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the frontier: a limit, and the most value under it. None: nothing keeps it."""

    most: float
    value: float | None


def choose(problem: Problem, *, gap: float = GAP, seconds: float = SECONDS) -> Choice:
    """
    Choose what to fund: the most value under all limits, proven to within ``gap``.

    Raises:
        CannotChoose: no choice keeps the limits (the must-dos alone break one), or the time
            ran out before any choice was found.

    >>> limit = Limit("budget", 10.0, np.array([6.0, 5.0, 5.0]))
    >>> choose(Problem(np.array([10.0, 6.0, 6.0]), (limit,))).funded  # doctest: +SKIP
    (1, 2)
    """
    _check(problem)
    relaxed = _relax(problem)
    chosen = _rounded(problem, relaxed.shares)
    bound = relaxed.value
    if chosen is None or _gap(problem, chosen, bound) > gap:
        chosen, bound = _search(problem, chosen, bound, gap=gap, seconds=seconds)
    value = float(problem.values[chosen].sum())
    bound = max(bound, value)
    width = _gap(problem, chosen, bound)
    uses = tuple(
        Use(limit.name, limit.unit, float(limit.uses[chosen].sum()), limit.most, margin)
        for limit, margin in zip(problem.limits, relaxed.margins, strict=True)
    )
    places = tuple(int(place) for place in np.nonzero(chosen)[0])
    return Choice(places, value, bound, width, width <= gap * (1 + 1e-6), uses)


@dataclass(frozen=True, slots=True)
class _Relaxed:
    """The answer when parts of candidates may be funded: nothing whole is worth more."""

    shares: Floats
    value: float
    margins: tuple[float, ...]


def marginals(problem: Problem) -> Mapping[str, float]:
    """
    Give what one more unit of each limit is worth at the margin, from the relaxed problem.

    Returns:
        limit -> value per unit, never below 0; 0 where the limit does not bind.

    Raises:
        CannotChoose: not even parts of candidates keep the limits.
    """
    _check(problem)
    margins = _relax(problem).margins
    return {limit.name: each for limit, each in zip(problem.limits, margins, strict=True)}


def _relax(problem: Problem) -> _Relaxed:
    from scipy.optimize import linprog

    matrix, upper = _constraints(problem)
    found = linprog(
        -problem.values,
        A_ub=matrix,
        b_ub=None if matrix is None else upper,
        bounds=np.column_stack(_bounds(problem)),
        method="highs",
    )
    if found.x is None:
        raise CannotChoose(_why(problem, status=int(found.status)))
    worths = -found.ineqlin.marginals[: len(problem.limits)] if problem.limits else ()
    margins = tuple(float(worth) if worth > 1e-12 else 0.0 for worth in worths)
    return _Relaxed(found.x, -float(found.fun), margins)


def _rounded(problem: Problem, shares: Floats) -> NDArray[np.bool_] | None:
    """Fund what the relaxed answer funds whole, then whatever still fits, best value first."""
    chosen = shares >= 1 - 1e-9
    if breaks(problem, np.nonzero(chosen)[0].tolist()):
        return None
    used = [float(limit.uses[chosen].sum()) for limit in problem.limits]
    needs: dict[int, list[int]] = {}
    for one, other in problem.needs:
        needs.setdefault(one, []).append(other)
    groups: dict[int, list[int]] = {}
    for number, group in enumerate(problem.either):
        for place in group:
            groups.setdefault(place, []).append(number)
    taken = {number for number, group in enumerate(problem.either) if chosen[list(group)].any()}
    open_places = np.nonzero(~chosen & (problem.values > 0) & (shares > 1e-9))[0]
    for place in open_places[np.argsort(-problem.values[open_places], kind="stable")]:
        at = int(place)
        after = [
            so_far + float(limit.uses[at])
            for so_far, limit in zip(used, problem.limits, strict=True)
        ]
        fits = all(now <= limit.most for now, limit in zip(after, problem.limits, strict=True))
        mine = groups.get(at, [])
        if (
            at in problem.never
            or not fits
            or any(not chosen[other] for other in needs.get(at, ()))
            or any(number in taken for number in mine)
        ):
            continue
        chosen[at], used = True, after
        taken.update(mine)
    return chosen


def _search(
    problem: Problem,
    standing: NDArray[np.bool_] | None,
    bound: float,
    *,
    gap: float,
    seconds: float,
) -> tuple[NDArray[np.bool_], float]:
    """Branch and cut where rounding was not good enough; never worse than what stood."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix, upper = _constraints(problem)
    found = milp(
        -problem.values,
        integrality=np.ones(len(problem.values)),
        bounds=Bounds(*_bounds(problem)),
        constraints=[] if matrix is None else [LinearConstraint(matrix, -np.inf, upper)],
        options={"mip_rel_gap": gap, "time_limit": seconds},
    )
    if found.mip_dual_bound is not None and np.isfinite(found.mip_dual_bound):
        bound = min(bound, -float(found.mip_dual_bound))
    if found.x is None:
        if standing is None:
            raise CannotChoose(_why(problem, status=int(found.status)))
        return standing, bound
    chosen = np.rint(found.x).astype(bool)
    if standing is not None and problem.values[standing].sum() > problem.values[chosen].sum():
        return standing, bound
    return chosen, bound


def _gap(problem: Problem, chosen: NDArray[np.bool_], bound: float) -> float:
    """Give how far a choice may be from the best, as a share of its value."""
    value = float(problem.values[chosen].sum())
    if bound <= value:
        return 0.0
    return (bound - value) / abs(value) if value else float("inf")


def one_more(
    problem: Problem, choice: Choice, *, limit: str, more: float, gap: float = GAP
) -> tuple[float, tuple[int, ...]]:
    """
    Solve again with more of one limit: how much more value, and which candidates come in.

    A choice is only proven to within ``gap``, so the gain is never told below 0.
    """
    standing = next(each for each in problem.limits if each.name == limit)
    richer = choose(problem.with_most(limit, standing.most + more), gap=gap)
    if richer.value <= choice.value:
        return 0.0, ()
    return richer.value - choice.value, tuple(sorted({*richer.funded} - {*choice.funded}))


def frontier(
    problem: Problem,
    *,
    limit: str,
    shares: Sequence[float] = FRONTIER,
    gap: float = GAP,
    seconds: float = SECONDS,
) -> tuple[Point, ...]:
    """
    Give the most value for less and for more of one limit, all others as they are.

    Returns:
        One point per share of the limit, the smallest first, never falling: what a smaller
        limit allows a larger one allows too.
    """
    standing = next(each for each in problem.limits if each.name == limit)
    points: list[Point] = []
    best: float | None = None
    for share in sorted(shares):
        most = standing.most * share
        try:
            value: float | None = choose(
                problem.with_most(limit, most), gap=gap, seconds=seconds
            ).value
        except CannotChoose:
            value = None
        if value is not None:
            best = value if best is None else max(best, value)
        points.append(Point(most, best))
    return tuple(points)


def breaks(problem: Problem, funded: Sequence[int], *, tolerance: float = 1e-6) -> tuple[str, ...]:
    """
    Say what a choice breaks, each in a sentence; empty when it keeps everything.

    >>> limit = Limit("budget 2027", 10.0, np.array([6.0, 5.0]), unit="k")
    >>> breaks(Problem(np.array([1.0, 1.0]), (limit,)), [0, 1])
    ('budget 2027: 11 k is more than 10 k.',)
    """
    chosen = np.zeros(len(problem.values), dtype=bool)
    chosen[list(funded)] = True
    said = []
    for limit in problem.limits:
        used = float(limit.uses[chosen].sum())
        if used > limit.most + tolerance * max(1.0, abs(limit.most)):
            unit = f" {limit.unit}" if limit.unit else ""
            said.append(f"{limit.name}: {used:g}{unit} is more than {limit.most:g}{unit}.")
    said += [f"Candidate {place} has to be funded." for place in problem.must if not chosen[place]]
    said += [f"Candidate {place} is excluded." for place in problem.never if chosen[place]]
    said += [
        f"Candidate {one} needs candidate {other}."
        for one, other in problem.needs
        if chosen[one] and not chosen[other]
    ]
    said += [
        f"Only one of {', '.join(map(str, group))} can be funded."
        for group in problem.either
        if chosen[list(group)].sum() > 1
    ]
    return tuple(said)


def _check(problem: Problem) -> None:
    count = len(problem.values)
    if count == 0:
        raise CannotChoose("There is no candidate to choose from.")
    for limit in problem.limits:
        if len(limit.uses) != count:
            raise ValueError(f"{limit.name} needs one use per candidate.")
        if not np.isfinite(limit.uses).all():
            raise ValueError(f"{limit.name}: a use is no number.")
    both = problem.must & problem.never
    if both:
        raise CannotChoose(f"{len(both)} candidates are both must-dos and excluded.")
    if not np.isfinite(problem.values).all():
        raise ValueError("A value is no number; leave the candidate out and say so.")


def _bounds(problem: Problem) -> tuple[Floats, Floats]:
    low, high = np.zeros(len(problem.values)), np.ones(len(problem.values))
    low[list(problem.must)] = 1.0
    high[list(problem.never)] = 0.0
    return low, high


def _constraints(problem: Problem) -> tuple[Any, Floats]:
    """Give rows and upper bounds: the limits first, then needs, then either-or groups."""
    from scipy.sparse import coo_array, csr_array, vstack

    count = len(problem.values)
    parts: list[Any] = []
    upper: list[float] = [limit.most for limit in problem.limits]
    if problem.limits:
        parts.append(csr_array(np.stack([limit.uses for limit in problem.limits])))
    if problem.needs:
        pairs = np.asarray(problem.needs)
        rows = np.arange(len(pairs))
        signs = np.concatenate([np.ones(len(pairs)), -np.ones(len(pairs))])
        places = (np.concatenate([rows, rows]), np.concatenate([pairs[:, 0], pairs[:, 1]]))
        parts.append(coo_array((signs, places), shape=(len(pairs), count)).tocsr())
        upper += [0.0] * len(pairs)
    if problem.either:
        group_rows = [row for row, group in enumerate(problem.either) for _ in group]
        members = [place for group in problem.either for place in group]
        parts.append(
            coo_array(
                (np.ones(len(members)), (group_rows, members)), shape=(len(problem.either), count)
            ).tocsr()
        )
        upper += [1.0] * len(problem.either)
    if not parts:
        return None, np.empty(0)
    return vstack(parts, format="csr"), np.asarray(upper)


def _why(problem: Problem, *, status: int) -> str:
    """Say why there is no choice: which limit the must-dos break, or that time ran out."""
    if status == 1:
        return "The time ran out before a choice was found. Allow more time or fewer candidates."
    broken = breaks(problem, sorted(problem.must))
    if broken:
        return f"The must-dos alone break a limit. {broken[0]}"
    return "No choice keeps every limit: must-dos, exclusions and dependencies contradict."
