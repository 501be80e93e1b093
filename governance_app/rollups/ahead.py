"""What going on is worth from here: flows to come, sunk cost beside them, chances of stages."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain import chances, roi
from governance_app.domain.cashflow import PRECISE, monthly_rate, rnpv
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT
from governance_app.domain.periods import months_between
from governance_app.initiatives.models import Stage
from governance_app.rollups.gather.value import Case

SMALL = Decimal("0.000001")
NAMES = ("sunk_cost", "sunk_benefit", "cost", "benefit", "npv", "loss", "rnpv")
MONTHS = Decimal(12)


@dataclass(frozen=True, slots=True)
class Odds:
    """The stages that lead to delivery, in order, and the chance to move on from each."""

    order: tuple[str, ...] = ()
    probabilities: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def read(cls, probabilities: Mapping[str, object]) -> "Odds":
        """Take the stages of the templates by position, those that end an initiative left out."""
        stages = Stage.objects.filter(is_final=False).order_by("position", "pk")
        return cls(tuple(dict.fromkeys(stages.values_list("slug", flat=True))), probabilities)

    def steps(self, stage: str) -> Figure[tuple[Decimal, ...]]:
        """Give the chances that are still ahead of a stage."""
        return chances.steps_ahead(stage, order=self.order, probabilities=self.probabilities)

    def named(self, stage: str) -> list[list[str]]:
        """Give the stages ahead whose chances count, each with its chance; none when not known."""
        steps = self.steps(stage).value or ()
        first = self.order.index(stage) if steps else 0
        return [[slug, f"{step:f}"] for slug, step in zip(self.order[first:], steps, strict=False)]


@dataclass(frozen=True, slots=True)
class Planned:
    """Cost and benefit of a month: ``is_plan`` for what the case says, else what was."""

    month: dt.date
    cost: Decimal
    benefit: Decimal


def to_go(
    *,
    sunk: Sequence[Planned],
    ahead: Sequence[Planned],
    through: dt.date,
    case: Case | None,
    stage: str,
    odds: Odds,
    yearly_loss: Figure[Decimal],
) -> dict[str, Figure[Any]]:
    """
    Value going on after ``through``: flows of the case in later months, exit cost included.

    Args:
        sunk: what was spent and validated up to ``through``; shown, never included.
        ahead: what the case plans in later months.
        yearly_loss: what its priced risks are expected to cost in a year; a twelfth of it counts
            as a cost of each month to come, weighed by the chance that the month is reached.

    Returns:
        the figures of ``NAMES``; null without a case or without a month to come.
    """
    nothing: Figure[Any] | None = None
    if case is None:
        nothing = Null("No business case has been approved yet.")
    elif not ahead:
        nothing = Null("The business case holds no month to come.")
    rate = case.annual_rate if case else Decimal(0)
    flows = [roi.MonthFlow(row.month, row.cost, row.benefit) for row in (*sunk, *ahead)]
    found = roi.to_go(flows, decision_month=through, annual_rate=rate)
    past: dict[str, Figure[Any]] = {
        "sunk_cost": Figure(found.sunk_cost),
        "sunk_benefit": Figure(found.sunk_benefit),
    }
    if nothing is not None or case is None:
        missing = nothing or Null("No business case has been approved yet.")
        return past | dict.fromkeys(NAMES[2:], missing)
    loss, worth = _risked(ahead, through, case, odds.steps(stage), yearly_loss)
    return past | {
        "cost": Figure(found.cost),
        "benefit": Figure(found.benefit),
        "npv": found.npv.map(_small),
        "loss": loss,
        "rnpv": worth,
    }


def _risked(
    ahead: Sequence[Planned],
    through: dt.date,
    case: Case,
    steps: Figure[tuple[Decimal, ...]],
    yearly_loss: Figure[Decimal],
) -> tuple[Figure[Decimal], Figure[Decimal]]:
    """
    Weigh the flows to come by the chance of reaching their month.

    Returns:
        What losses take away, as worth today, and what remains: the rNPV.
    """
    if steps.value is None:
        return Null(steps.reason), Null(steps.reason)
    if yearly_loss.value is None:
        return Null(yearly_loss.reason), Null(yearly_loss.reason)
    months = max(months_between(through, row.month) for row in ahead)
    live = 0 if case.go_live_month is None else months_between(through, case.go_live_month)
    chance = (Decimal(1), *chances.reached(steps.value, months_to_live=live, months=months))
    benefits, costs = [Decimal(0)] * (months + 1), [Decimal(0)] * (months + 1)
    for row in ahead:
        place = months_between(through, row.month)
        benefits[place] = EXACT.add(benefits[place], row.benefit)
        costs[place] = EXACT.add(costs[place], row.cost)
    rate = monthly_rate(case.annual_rate)
    each = PRECISE.divide(yearly_loss.value, MONTHS)
    losses = [Decimal(0), *(each for _ in range(months))]
    weighed = [
        rnpv(benefits, outgoing, rate, benefit_probability=chance, cost_probability=chance)
        for outgoing in (costs, [EXACT.add(a, b) for a, b in zip(costs, losses, strict=True)])
    ]
    before, after = (worth.map(_small) for worth in weighed)
    if before.value is None or after.value is None:
        return Null(after.reason), after
    return Figure(EXACT.subtract(before.value, after.value)), after


def _small(worth: Decimal) -> Decimal:
    return worth.quantize(SMALL, context=EXACT)
