"""The chance that a month to come is reached, stage by stage. METHOD section 4."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT
from governance_app.domain.phrases import Phrase, phrase

#: So many resolved initiatives a transition needs before its observed share is offered.
ENOUGH = 30


def reached(steps: Sequence[Decimal], *, months_to_live: int, months: int) -> tuple[Decimal, ...]:
    """
    Give, for each month to come, the chance that the initiative is still alive then.

    Args:
        steps: the chance of each transition that is still ahead, in order.
        months_to_live: months until going live, by when all of them are behind; they are taken
            to be spaced evenly. 0 or less: they decide next month.
        months: how many months to give, the first one after the decision.

    >>> [str(chance) for chance in reached([Decimal("0.5"), Decimal("0.8")], months_to_live=4,
    ...                                    months=5)]
    ['1', '0.5', '0.5', '0.40', '0.40']
    """
    for step in steps:
        if not 0 <= step <= 1:
            raise ValueError(f"A chance lies between 0 and 1, not at {step}.")
    found = []
    for month in range(1, months + 1):
        passed = len(steps)
        if months_to_live > 0:
            passed = min(passed, month * len(steps) // months_to_live)
        chance = Decimal(1)
        for step in steps[:passed]:
            chance = EXACT.multiply(chance, step)
        found.append(chance)
    return tuple(found)


def steps_ahead(
    stage: str, *, order: Sequence[str], probabilities: Mapping[str, object]
) -> Figure[tuple[Decimal, ...]]:
    """
    Give the chances of the transitions that an initiative still has before it delivers.

    Args:
        stage: where it stands.
        order: the stages of its template from first to last, those after delivery left out.
        probabilities: stage -> chance to move on; the last stage of ``order`` needs none.

    Returns:
        null when no chances are set at all, or one that is needed is not.

    >>> order = ["idea", "pilot", "production"]
    >>> steps_ahead("pilot", order=order, probabilities={"idea": 0.3, "pilot": 0.4}).value
    (Decimal('0.4'),)
    >>> steps_ahead("production", order=order, probabilities={"pilot": 0.4}).value
    ()
    >>> steps_ahead("idea", order=order, probabilities={"pilot": 0.4}).reason
    'No chance is set for moving on from idea.'
    """
    if not probabilities:
        return Null("No stage probabilities are set.")
    if stage not in order:
        return Null("It has no stage from which it can move on.")
    ahead = list(order[order.index(stage) : -1])
    for name in ahead:
        if name not in probabilities:
            return Null(phrase("No chance is set for moving on from {name}.", name=Phrase(name)))
    return Figure(tuple(Decimal(str(probabilities[name])) for name in ahead))


def observed(moved_on: int, resolved: int) -> Figure[tuple[float, float, float]]:
    """
    Give the share that moved on with its 95 % interval (Wilson), when enough are resolved.

    >>> [round(part, 3) for part in observed(12, 40).need()]
    [0.3, 0.181, 0.454]
    >>> observed(3, 9).reason
    'Only 9 have been resolved; from 30 on their share says something.'
    """
    if resolved < ENOUGH:
        return Null(
            f"Only {resolved} have been resolved; from {ENOUGH} on their share says something."
        )
    z, share = 1.959963984540054, moved_on / resolved
    middle = share + z * z / (2 * resolved)
    spread = z * ((share * (1 - share) + z * z / (4 * resolved)) / resolved) ** 0.5
    whole = 1 + z * z / resolved
    return Figure((share, (middle - spread) / whole, (middle + spread) / whole))
