"""Solving a scenario: the choice, what binds it, what one more unit buys, the frontier."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance_app.domain import funding
from governance_app.initiatives.models import Dependency
from governance_app.people.models import User
from governance_app.scenarios.gathering import Known, candidates, left_out
from governance_app.scenarios.models import Scenario

#: How much more of a limit is tried, as a share of it.
MORE = 0.01
RISK = "Risk points"
_FRONTIER = "frontier"


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: every candidate, who is funded, and the facts that a page shows."""

    known: tuple[Known, ...]
    funded: frozenset[uuid.UUID]
    result: dict[str, Any]


def answer(
    *, scenario: Scenario, viewer: User, tell: Callable[[str], None] = lambda _: None
) -> Answer:
    """
    Choose what to fund under the limits of a scenario.

    Args:
        tell: is given the stage of the work, for the progress of a job.

    Raises:
        CannotChoose: nothing can be considered, or no choice keeps the limits; says which.
    """
    tell("Reading what each would bring")
    known = candidates(scenario=scenario, viewer=viewer)
    open_ = [each for each in known if not each.reason]
    _check_musts(scenario, known)
    if not open_:
        reasons = left_out(known=known)
        most = max(reasons, key=lambda reason: reasons[reason]) if reasons else ""
        raise funding.CannotChoose(
            f"Nothing can be considered. {most}".strip()
            if known
            else "No initiative that is still going stands there."
        )
    problem = problem_of(scenario, open_)
    tell("Choosing")
    choice = funding.choose(problem, seconds=scenario.seconds)
    broken = funding.breaks(problem, choice.funded)
    if broken:
        raise funding.CannotChoose(f"The choice breaks a limit and was thrown away. {broken[0]}")
    tell("Asking what one more unit would buy")
    uses = [_use(problem, choice, use, open_) for use in choice.uses]
    tell("Drawing the frontier")
    return Answer(
        known=tuple(known),
        funded=frozenset(open_[place].id for place in choice.funded),
        result={
            "value": choice.value,
            "bound": choice.bound,
            "gap": choice.gap,
            "is_proven": choice.is_proven,
            "candidates": len(open_),
            "funded": len(choice.funded),
            "cost": sum(open_[place].cost for place in choice.funded),
            "uses": uses,
            _FRONTIER: _frontier(problem, scenario),
            "left_out": left_out(known=known),
        },
    )


def problem_of(scenario: Scenario, known: Sequence[Known]) -> funding.Problem:
    """Turn the question into a programme: candidates by place, limits as uses."""
    places = {each.id: place for place, each in enumerate(known)}
    limits = [
        _limit(f"{kind} {label}", float(most), [getattr(each, field).get(label, 0.0)
               for each in known], scenario.currency)
        for kind, field, amounts in (
            ("Budget", "costs", scenario.budgets), ("People cost", "people", scenario.people),
        )
        for label, most in sorted(amounts.items())
    ]  # fmt: skip
    if scenario.risk_cap is not None:
        points = [each.risk_points or 0.0 for each in known]
        limits.append(_limit(RISK, float(scenario.risk_cap), points, ""))
    return funding.Problem(
        values=np.array([each.value for each in known]),
        limits=tuple(limits),
        must=_places(scenario.must, places),
        never=_places(scenario.never, places),
        needs=_needs(places) if scenario.keeps_dependencies else (),
        either=tuple(
            group
            for ids in scenario.either
            if len(group := tuple(sorted(_places(ids, places)))) > 1
        ),
    )


def _limit(name: str, most: float, uses: list[float], unit: str) -> funding.Limit:
    return funding.Limit(name, most, np.array(uses), unit)


def _places(ids: Sequence[str], places: dict[uuid.UUID, int]) -> frozenset[int]:
    return frozenset(places[uuid.UUID(each)] for each in ids if uuid.UUID(each) in places)


def _needs(places: dict[uuid.UUID, int]) -> tuple[tuple[int, int], ...]:
    """Give who needs whom among the candidates; what is needed and done already binds nobody."""
    rows = Dependency.objects.filter(initiative__in=list(places), needs__in=list(places))
    pairs = rows.order_by("pk").values_list("initiative_id", "needs_id")
    return tuple((places[one], places[other]) for one, other in pairs)


def _check_musts(scenario: Scenario, known: Sequence[Known]) -> None:
    reasons = {str(each.id): each for each in known}
    for pk in scenario.must:
        each = reasons.get(pk)
        if each is None:
            raise funding.CannotChoose("A must-do is not going on any more: take it out.")
        if each.reason:
            raise funding.CannotChoose(
                f"{each.key} is a must-do and cannot be considered. {each.reason}"
            )


def _use(
    problem: funding.Problem, choice: funding.Choice, use: funding.Use, known: Sequence[Known]
) -> dict[str, Any]:
    """Give how much of a limit is taken, and what a little more of it buys where it binds."""
    found: dict[str, Any] = {
        "name": use.name, "unit": use.unit, "used": use.used, "most": use.most,
        "marginal": use.marginal, "is_binding": use.is_binding,
    }  # fmt: skip
    if use.is_binding:
        more = max(use.most * MORE, 1.0)
        gain, comes_in = funding.one_more(problem, choice, limit=use.name, more=more)
        found |= {"more": more, "gain": gain, "comes_in": [known[place].key for place in comes_in]}
    return found


def _frontier(problem: funding.Problem, scenario: Scenario) -> dict[str, Any]:
    """Draw value over the first budget, all other limits as they are."""
    first = next((each for each in problem.limits if each.name.startswith("Budget")), None)
    if first is None:
        return {}
    points = funding.frontier(problem, limit=first.name, seconds=min(10.0, scenario.seconds))
    return {
        "limit": first.name,
        "standing": first.most,
        "points": [{"most": point.most, "value": point.value} for point in points],
    }
