"""Budgets that are nearly spent, spent, or forecast to be: said once, to whoever answers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance_app.audit.acting import recorded
from governance_app.books import selectors as books
from governance_app.domain import texts
from governance_app.domain.money import EXACT, round_half_up
from governance_app.domain.periods import fiscal_year
from governance_app.domain.phrases import in_a_row, month, phrase
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import Budget, BudgetAlert, BudgetPlan
from governance_app.spend.pricing import MissingDayRate
from governance_app.spend.selectors import plan as plans


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look at the budgets found: new alerts, and in words what could not be compared."""

    alerts: tuple[BudgetAlert, ...]
    left_out: tuple[str, ...]


@recorded
def watch_budgets(*, by: User, on: dt.date) -> Watched:
    """
    Raise an alert for each place, threshold and kind that the running year's budget has reached.

    Each is raised once for a version of the budget, and goes to the owner by e-mail. The
    thresholds are the settings ``budget_alert_ratios`` and ``forecast_alert_ratios``.
    """
    access.require(by, "spend.rules")
    through = plans.last_complete_month(on=on)
    year = fiscal_year(through, start_month=books.fiscal_start_month(on=on))
    plan = BudgetPlan.objects.filter(fiscal_year=year).order_by("-number").first()
    if plan is None:
        return Watched((), ())
    nodes = ScopeNode.objects.filter(
        pk__in=Budget.objects.filter(plan=plan).values("node").distinct()
    ).order_by("path")
    owners = plans.owners_of(nodes={node.pk for node in nodes})
    raised: list[BudgetAlert] = []
    left_out: list[str] = []
    for node in nodes:
        key, owner = owners.get(node.pk, ("", None))
        try:
            standing = plans.plan_year(viewer=by, fiscal_year=year, on=on, node=node)
        except (books.MissingRate, MissingDayRate) as missing:
            left_out.append(f"{key or node.name}: {missing}")
            continue
        place = f"{key} {node.name}" if key else node.name
        raised += _raise(plan, node, place, owner, standing, on, by)
    return Watched(tuple(raised), tuple(left_out))


def _raise(
    plan: BudgetPlan,
    node: ScopeNode,
    place: str,
    owner: User | None,
    standing: plans.PlanYear,
    on: dt.date,
    by: User,
) -> list[BudgetAlert]:
    budget = standing.budget
    if budget is None or budget <= 0:
        return []
    made: list[BudgetAlert] = []
    for kind, key, amount in (
        (BudgetAlert.Kind.ACTUAL, "budget_alert_ratios", standing.spent),
        (BudgetAlert.Kind.FORECAST, "forecast_alert_ratios", _forecast(standing)),
    ):
        if amount is None:
            continue
        ratios: Sequence[float] = books.setting(key=key, on=on, node=node)
        for ratio in sorted(Decimal(str(one)) for one in ratios):
            if amount < EXACT.multiply(budget, ratio):
                continue
            known = BudgetAlert.objects.filter(
                plan=plan, node=node, kind=kind, threshold_ratio=ratio
            )
            if known.exists():
                continue
            made.append(
                BudgetAlert.objects.create(
                    plan=plan, node=node, kind=kind, threshold_ratio=ratio,
                    through=standing.through, amount=amount, budget=budget,
                    currency=standing.currency, owner=owner,
                    sentence=_sentence(kind, place, ratio, amount, standing),
                )
            )  # fmt: skip
    for alert in made:
        if owner is not None and owner.is_active:
            jobs.put_in_outbox(
                channel="email",
                dedupe=f"budget:{alert.pk}",
                payload={
                    "to": [owner.email],
                    "template": "budget-alert",
                    "context": {"name": owner.name, "place": place, "sentence": alert.sentence},
                },
                by=by,
            )
    return made


def _forecast(standing: plans.PlanYear) -> Decimal | None:
    """Give what the year is forecast to cost; None while the forecast has no band to state."""
    return None if standing.low is None else standing.at_completion


def _sentence(
    kind: str, place: str, ratio: Decimal, amount: Decimal, standing: plans.PlanYear
) -> str:
    assert standing.budget is not None
    code, budget = standing.currency, f"{round_half_up(standing.budget, 0):,}"
    year = str(standing.fiscal_year)
    said, share = f"{round_half_up(amount, 0):,}", f"{round_half_up(ratio * 100, 0)} %"
    if kind == BudgetAlert.Kind.ACTUAL:
        return phrase(
            texts.SPENT.form, place=place, amount=said, budget=budget, currency=code, year=year,
            share=share, through=month(standing.through),
        )  # fmt: skip
    assert standing.low is not None and standing.high is not None
    low, high = (f"{round_half_up(edge, 0):,}" for edge in (standing.low, standing.high))
    told = phrase(
        texts.FORECAST.form, place=place, amount=said, currency=code, year=year, low=low,
        high=high, share=share, budget=budget,
    )  # fmt: skip
    return in_a_row(" ", [told, standing.crossing.sentence]) if standing.crossing else told
