"""The candidates of a scenario: what each would bring and take, with what cannot be considered."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from governance_app.books import selectors as books
from governance_app.domain import batch, chances
from governance_app.domain.periods import fiscal_label, fiscal_year, months_between
from governance_app.domain.phrases import phrase
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.risk import selectors as risks
from governance_app.rollups.ahead import Odds
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.present import last_complete_month
from governance_app.scenarios.models import Scenario

Floats = NDArray[np.float64]

_LINES = """
    WITH c AS (SELECT DISTINCT ON (initiative_id) id, initiative_id, currency
        FROM value_businesscase WHERE state = 'approved' AND initiative_id = ANY(%(initiatives)s)
        ORDER BY initiative_id, number DESC)
    SELECT c.initiative_id, l.month, l.currency,
        coalesce(sum(l.amount) FILTER (WHERE l.side = 'cost'), 0),
        coalesce(sum(l.amount) FILTER (WHERE l.side = 'cost' AND l.category = 'people'), 0),
        coalesce(sum(l.amount) FILTER (WHERE l.category = 'hard'), 0)
    FROM c JOIN value_caseline l ON l.case_id = c.id AND l.month > %(through)s
    GROUP BY 1, 2, 3 ORDER BY 1, 2
"""
_CASES = """
    SELECT DISTINCT ON (initiative_id) initiative_id, annual_rate, go_live_month
    FROM value_businesscase WHERE state = 'approved' AND initiative_id = ANY(%(initiatives)s)
    ORDER BY initiative_id, number DESC
"""


@dataclass(slots=True)
class Known:
    """One initiative that may be funded; ``reason`` says why it cannot be considered."""

    id: uuid.UUID
    key: str
    stage: str
    value: float = 0.0
    worth: float = 0.0
    cost: float = 0.0
    loss: float = 0.0
    costs: dict[str, float] = field(default_factory=dict)
    people: dict[str, float] = field(default_factory=dict)
    risk_points: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    annual_rate: Decimal
    go_live_month: dt.date | None


def candidates(*, scenario: Scenario, viewer: User) -> list[Known]:
    """
    Give every initiative below the scenario's node that is still going, by number.

    Value is what going on is worth with the chances of its stages: the sunk part of a case is in
    nothing here.
    """
    found = Initiative.objects.visible_to(viewer, "money.view").filter(
        node__path__startswith=scenario.node.path, kind="initiative"
    )
    rows = found.exclude(stage__is_final=True).order_by("number")
    known = {
        pk: Known(pk, key, stage or "")
        for pk, key, stage in rows.values_list("pk", "key", "stage__slug")
    }
    if not known:
        return []
    through = last_complete_month(scenario.on)
    cases = _cases(known)
    for pk, each in known.items():
        if pk not in cases:
            each.reason = phrase("No business case has been approved.")
    _add_risks(known, scenario)
    _add_losses(known, scenario, viewer)
    _add_worth(known, cases, scenario, through)
    return list(known.values())


def _cases(known: Mapping[uuid.UUID, Known]) -> dict[uuid.UUID, _Case]:
    with connection.cursor() as cursor:
        cursor.execute(_CASES, {"initiatives": list(known)})
        return {pk: _Case(rate, live) for pk, rate, live in cursor.fetchall()}


def _add_risks(known: Mapping[uuid.UUID, Known], scenario: Scenario) -> None:
    """Put the residual level of risk beside each; not assessed cannot be held against a cap."""
    rows = InitiativeNow.objects.filter(known_to=None, initiative__in=list(known))
    for pk, level in rows.values_list("initiative_id", "risk_level"):
        known[pk].risk_points = None if level is None else float(level)
    if scenario.risk_cap is None:
        return
    for each in known.values():
        if each.risk_points is None and not each.reason:
            each.reason = phrase(
                "Its risk is not assessed, so it cannot be held against the risk cap."
            )


def _add_losses(known: Mapping[uuid.UUID, Known], scenario: Scenario, viewer: User) -> None:
    """Put beside each what its priced risks are expected to cost in a year."""
    losses = risks.expected_losses(
        viewer=viewer, initiatives=list(known), on=scenario.on, currency=scenario.currency
    )
    for pk, loss in losses.items():
        if loss.value is None:
            known[pk].reason = known[pk].reason or loss.reason
        else:
            known[pk].loss = float(loss.value)


def _add_worth(
    known: Mapping[uuid.UUID, Known],
    cases: Mapping[uuid.UUID, _Case],
    scenario: Scenario,
    through: dt.date,
) -> None:
    """Lay the months to come into arrays and value all of them at once."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"initiatives": list(cases), "through": through})
        lines = cursor.fetchall()
    rates = books.rates_into(quote=scenario.currency)
    places = {pk: place for place, pk in enumerate(cases)}
    length = 1 + max((months_between(through, line[1]) for line in lines), default=0)
    benefits, costs = np.zeros((len(cases), length)), np.zeros((len(cases), length))
    start = books.fiscal_start_month(on=scenario.on)
    labels: dict[dt.date, str] = {}
    has_lines = set()
    for pk, month, currency, cost, people, benefit in lines:
        each = known[pk]
        has_lines.add(pk)
        factor = 1.0
        if currency != scenario.currency:
            used = rates.get((currency, month, "budget"))
            if used is None:
                each.reason = each.reason or str(
                    books.MissingRate(currency, scenario.currency, month, "budget")
                )
                continue
            factor = float(used.value)
        at = (places[pk], months_between(through, month))
        costs[at] += float(cost) * factor
        benefits[at] += float(benefit) * factor
        label = labels.get(month)
        if label is None:
            year = fiscal_year(month, start_month=start)
            label = labels[month] = fiscal_label(year, start_month=start)
        each.costs[label] = each.costs.get(label, 0.0) + float(cost) * factor
        each.people[label] = each.people.get(label, 0.0) + float(people) * factor
    odds = Odds.read(books.setting(key="stage_probabilities", on=scenario.on, node=scenario.node))
    alive = np.ones((len(cases), length))
    for pk, case in cases.items():
        each = known[pk]
        if pk not in has_lines:
            each.reason = each.reason or "Its business case holds no month to come."
        steps = odds.steps(each.stage)
        if steps.value is None:
            each.reason = each.reason or steps.reason
            continue
        live = 0 if case.go_live_month is None else months_between(through, case.go_live_month)
        reached = chances.reached(steps.value, months_to_live=live, months=length - 1)
        alive[places[pk], 1:] = [float(chance) for chance in reached]
    rate = np.array([(1 + float(case.annual_rate)) ** (1 / 12) - 1 for case in cases.values()])
    losses = _losses(known, places, costs, benefits)
    values = batch.risked_worths(
        benefits, costs + losses, rate, benefit_chances=alive, cost_chances=alive
    )
    worths = batch.worths(benefits - costs, rate)
    for pk, place in places.items():
        each = known[pk]
        each.value, each.worth = float(values[place]), float(worths[place])
        each.cost = float(costs[place].sum())


def _losses(
    known: Mapping[uuid.UUID, Known],
    places: Mapping[uuid.UUID, int],
    costs: Floats,
    benefits: Floats,
) -> Floats:
    """Spread the yearly loss of each over the months to come that its case holds."""
    found = np.zeros_like(costs)
    planned = (costs != 0) | (benefits != 0)
    for pk, place in places.items():
        if known[pk].loss and planned[place].any():
            last = int(np.flatnonzero(planned[place])[-1])
            found[place, 1 : last + 1] = known[pk].loss / 12
    return found


def left_out(*, known: list[Known]) -> dict[str, int]:
    """Count what cannot be considered, by reason."""
    counts: dict[str, int] = {}
    for each in known:
        if each.reason:
            counts[each.reason] = counts.get(each.reason, 0) + 1
    return counts


def json_of(amounts: Mapping[str, float]) -> dict[str, Any]:
    """Write amounts by fiscal year for a row, to the cent."""
    return {label: round(amount, 2) for label, amount in amounts.items()}
