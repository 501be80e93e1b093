"""
What could come of cases in force: the drivers of each, and the whole portfolio drawn at once.

Only months to come are drawn; what was spent is sunk. A case's assumptions are its drivers; where
none moves a side, the ranges of its lines do. Two assumptions with one driver move together,
within a case and over all cases.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from django.db import connection

from governance_app.books import selectors as books
from governance_app.domain import texts, uncertainty
from governance_app.domain.figures import Figure, Null
from governance_app.domain.periods import add_months, last_day, month_of, months_between
from governance_app.domain.phrases import phrase
from governance_app.value.models import CaseAssumption

SIDES = ("benefit", "cost")

_LINES = """
    WITH c AS (SELECT DISTINCT ON (initiative_id) id, initiative_id, annual_rate
        FROM value_businesscase WHERE state = 'approved' AND initiative_id = ANY(%(initiatives)s)
        ORDER BY initiative_id, number DESC)
    SELECT c.initiative_id, c.id, c.annual_rate, l.month, l.currency, l.side,
        sum(l.amount), sum(coalesce(l.low, l.amount)), sum(coalesce(l.high, l.amount))
    FROM c JOIN value_caseline l ON l.case_id = c.id AND l.month > %(through)s
        AND (l.side = 'cost' OR l.category = 'hard')
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 4, 6
"""


@dataclass(slots=True)
class Side:
    """Present value of the costs or the benefits to come, at their likely, low and high."""

    worth: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Its range as factors around 1."""
        if not self.worth:
            return 1.0, 1.0
        return self.low / self.worth, self.high / self.worth


@dataclass(slots=True)
class Case:
    """The months to come of one case in force, discounted to the end of ``through``."""

    id: uuid.UUID
    sides: dict[str, Side] = field(default_factory=lambda: {side: Side() for side in SIDES})
    drivers: list[CaseAssumption] = field(default_factory=list)
    problem: str = ""

    def moving(self, side: str) -> list[CaseAssumption]:
        """Give the assumptions that move a side."""
        return [each for each in self.drivers if each.moves == side]


def through_of(on: dt.date) -> dt.date:
    """
    Give the last month that is over at the end of a day.

    >>> through_of(dt.date(2026, 11, 21)), through_of(dt.date(2026, 11, 30))
    (datetime.date(2026, 10, 1), datetime.date(2026, 11, 1))
    """
    month = month_of(on)
    return month if on == last_day(month) else add_months(month, -1)


def cases(
    *, initiatives: Collection[uuid.UUID], on: dt.date, currency: str
) -> dict[uuid.UUID, Case]:
    """Read the cases in force that have months to come, in one currency at budget rates."""
    through = through_of(on)
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"initiatives": list(initiatives), "through": through})
        lines = cursor.fetchall()
    rates = books.rates_into(quote=currency)
    found: dict[uuid.UUID, Case] = {}
    steps: dict[Decimal, float] = {}
    for initiative, pk, rate, month, code, side, amount, low, high in lines:
        case = found.setdefault(initiative, Case(pk))
        factor = 1.0
        if code != currency:
            used = rates.get((code, month, "budget"))
            if used is None:
                case.problem = str(books.MissingRate(code, currency, month, "budget"))
                continue
            factor = float(used.value)
        step = steps.setdefault(rate, (1 + float(rate)) ** (1 / 12))
        factor *= step ** -months_between(through, month)
        own = case.sides[side]
        own.worth += float(amount) * factor
        own.low += float(low) * factor
        own.high += float(high) * factor
    by_case = {case.id: case for case in found.values()}
    for row in CaseAssumption.objects.filter(case__in=by_case).order_by("case_id", "name"):
        if row.low < row.high:
            by_case[row.case_id].drivers.append(row)
    return found


def of_initiative(*, case: Case, seed: int, draws: int) -> Figure[uncertainty.Outcome]:
    """Draw one case: its assumptions, or the ranges of its lines where no assumption moves them."""
    if case.problem:
        return Null(case.problem)
    drivers: dict[str, uncertainty.Pert] = {}
    streams = []
    for side, sign in zip(SIDES, (1, -1), strict=True):
        own = case.sides[side]
        if not own.worth:
            continue
        names = []
        for row in case.moving(side):
            name = row.driver or row.name
            drivers.setdefault(
                name, uncertainty.Pert(float(row.low), float(row.likely), float(row.high))
            )
            names.append(name)
        low, high = own.ends
        if not names and low < high:
            name = f"Range of the {side} lines"
            drivers[name] = uncertainty.Pert(low, 1.0, high)
            names.append(name)
        streams.append(uncertainty.Stream(side, sign * own.worth, tuple(dict.fromkeys(names))))
    return uncertainty.simulate(streams, drivers, seed=seed, draws=draws)


def of_portfolio(
    *, cases: Mapping[uuid.UUID, Case], seed: int, draws: int
) -> tuple[Figure[uncertainty.Outcome], dict[str, Any], list[str]]:
    """
    Draw many cases at once, each with factors of its own and the drivers it shares.

    Returns:
        the outcome, what it was made from, and sentences about what is left out.
    """
    known = [case for case in cases.values() if not case.problem]
    left_out = sorted({case.problem for case in cases.values() if case.problem})
    shared = _shared(known)
    places = {name: place for place, name in enumerate(shared)}
    own = {side: np.ones((len(known), 2)) for side in SIDES}
    shares = {side: np.zeros((len(known), len(shared)), dtype=bool) for side in SIDES}
    still = 0
    for place, case in enumerate(known):
        is_still = True
        for side in SIDES:
            rows = case.moving(side)
            for row in rows:
                if row.driver in places:
                    shares[side][place, places[row.driver]] = True
                    is_still = False
            low, high = _own_ends(case, side, [row for row in rows if row.driver not in places])
            own[side][place] = low, high
            is_still = is_still and low == high
        still += is_still
    if still:
        form = texts.NO_RANGE if still == 1 else texts.NO_RANGES
        left_out.append(phrase(form.form, count=still))
    portfolio = uncertainty.Portfolio(
        benefits=np.array([case.sides["benefit"].worth for case in known]),
        costs=np.array([case.sides["cost"].worth for case in known]),
        benefit_low=own["benefit"][:, 0],
        benefit_high=own["benefit"][:, 1],
        cost_low=own["cost"][:, 0],
        cost_high=own["cost"][:, 1],
        shared=shared,
        benefit_shares=shares["benefit"],
        cost_shares=shares["cost"],
    )
    made_from = {
        "cases": len(known),
        "shared": {name: [pert.low, pert.likely, pert.high] for name, pert in shared.items()},
    }
    return uncertainty.simulate_portfolio(portfolio, seed=seed, draws=draws), made_from, left_out


def _shared(cases: Sequence[Case]) -> dict[str, uncertainty.Pert]:
    """Give each driver that assumptions name, its range the mean of theirs as factors around 1."""
    ends: dict[str, list[tuple[float, float]]] = {}
    for case in cases:
        for row in case.drivers:
            if row.driver and row.likely > 0 and row.low >= 0:
                likely = float(row.likely)
                ends.setdefault(row.driver, []).append(
                    (float(row.low) / likely, float(row.high) / likely)
                )
    return {
        name: uncertainty.Pert(
            float(np.mean([low for low, _ in pairs])),
            1.0,
            float(np.mean([high for _, high in pairs])),
        )
        for name, pairs in sorted(ends.items())
    }


def _own_ends(case: Case, side: str, rows: Sequence[CaseAssumption]) -> tuple[float, float]:
    """
    Give the range of a side that nobody else shares, as factors around 1.

    Independent assumptions add up in quadrature: their extremes do not come together.
    """
    ratios = [
        (float(row.low / row.likely), float(row.high / row.likely))
        for row in rows
        if row.likely > 0 and row.low >= 0
    ]
    if not ratios:
        return (1.0, 1.0) if case.moving(side) else case.sides[side].ends
    down = sum((1 - low) ** 2 for low, _ in ratios) ** 0.5
    up = sum((high - 1) ** 2 for _, high in ratios) ** 0.5
    return max(0.0, 1 - down), 1 + up
