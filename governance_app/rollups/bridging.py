"""The bridge of each initiative, month by month: METHOD section 5, hard benefits only."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from governance_app.domain import bridge as sums
from governance_app.domain import factoring
from governance_app.domain.cashflow import PRECISE
from governance_app.domain.money import EXACT, exact_sum
from governance_app.rollups.gather import crossing
from governance_app.rollups.gather.rates import ACTUAL, PLAN, Converter, round_to_ledger

ZERO = Decimal(0)
_LEVELS = ("measured", "unreviewed", "rejected", "validated", "banked")


@dataclass(frozen=True, slots=True)
class MonthBridge:
    """
    One initiative in one month: what crosses, step by step, in the currency of the converter.

    ``why`` says in a sentence why no factor is known; ``problems`` what could not be converted.
    """

    month: dt.date
    crossing: sums.Crossing
    steps: tuple[sums.Step, ...]
    why: str = ""
    problems: tuple[str, ...] = ()


def month_bridges(
    *,
    initiatives: Collection[uuid.UUID] | None,
    through: dt.date,
    converter: Converter,
) -> dict[uuid.UUID, list[MonthBridge]]:
    """Walk every month up to one that was promised or claimed in, oldest first."""
    plans = crossing.plans(initiatives=initiatives)
    promises = crossing.promises(initiatives=initiatives)
    used = crossing.adoption(initiatives=initiatives)
    rows: dict[uuid.UUID, dict[dt.date, list[crossing.Reached]]] = defaultdict(dict)
    for row in crossing.reached(initiatives=initiatives, through=through):
        rows[row.initiative].setdefault(row.month, []).append(row)
    found: dict[uuid.UUID, list[MonthBridge]] = {}
    for initiative in {*rows, *promises}:
        own = promises.get(initiative, {})
        best = max(own.values(), default=ZERO)
        months = sorted({*rows[initiative], *(month for month in own if month <= through)})
        found[initiative] = [
            _month(
                month,
                _Promise(own.get(month, ZERO), best, plans.get(initiative)),
                rows[initiative].get(month, []),
                used.get((initiative, month)),
                converter,
            )
            for month in months
        ]
    return found


def as_json(months: Sequence[MonthBridge]) -> dict[str, Any]:
    """Give the whole bridge of an initiative as its row of figures keeps it; empty: no bridge."""
    if not months:
        return {}
    promised = exact_sum(month.crossing.promised for month in months)
    steps = sums.roll_up([month.steps for month in months], promised=promised)
    problems = dict.fromkeys(problem for month in months for problem in month.problems)
    return {
        "promised": f"{promised:f}",
        "steps": {step.name: f"{step.change:f}" for step in steps},
        "problems": list(problems),
    }


@dataclass(frozen=True, slots=True)
class _Promise:
    """The promise of a month, the best month's, and the factors that the case states."""

    amount: Decimal
    best: Decimal
    plan: crossing.Plan | None

    @property
    def ramp(self) -> Decimal:
        return PRECISE.divide(self.amount, self.best) if self.best else ZERO


@dataclass
class _Levels:
    """The levels of one month while its benefits are added up."""

    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_LEVELS, ZERO))
    problems: dict[str, None] = field(default_factory=dict)


def _month(
    month: dt.date,
    promise: _Promise,
    rows: Sequence[crossing.Reached],
    used: Decimal | None,
    converter: Converter,
) -> MonthBridge:
    levels = _levels(rows, converter)
    amounts = levels.amounts
    whole = sums.Crossing(
        promised=promise.amount,
        measured=amounts["measured"],
        unreviewed=amounts["unreviewed"],
        rejected=amounts["rejected"],
        validated=amounts["validated"],
        banked=amounts["banked"],
    )
    measured = [row for row in rows if row.measured is not None]
    factors, why = _factors(month, promise, measured, used, converter)
    whole = replace(whole, planned=factors.planned, actual=factors.actual)
    return MonthBridge(month, whole, _rounded(whole), why, tuple(levels.problems))


def _levels(rows: Sequence[crossing.Reached], converter: Converter) -> _Levels:
    found = _Levels()
    for row in rows:
        reviewed = {"": "unreviewed", "rejected": "rejected"}.get(row.review)
        for name, amount in (
            ("measured", row.measured),
            (reviewed, row.measured if reviewed else None),
            ("validated", row.validated),
            ("banked", row.banked),
        ):
            if amount is None or name is None:
                continue
            converted = converter.convert(amount, row.currency, row.month, ACTUAL)
            if converted.amount is None:
                found.problems[converted.reason] = None
            else:
                found.amounts[name] = EXACT.add(found.amounts[name], converted.amount)
    return found


def _factors(
    month: dt.date,
    promise: _Promise,
    measured: Sequence[crossing.Reached],
    used: Decimal | None,
    converter: Converter,
) -> tuple[factoring.Factors, str]:
    """Give the factors of a month, or the sentence that says why the walk has none."""
    if promise.plan is None:
        return factoring.NONE, "The business case names no factor of the bridge."
    if not measured:
        return factoring.NONE, "No hard benefit was measured in the month."
    if len(measured) > 1:
        names = ", ".join(row.benefit for row in measured)
        return factoring.NONE, f"Several hard benefits were measured: {names}."
    row = measured[0]
    found = factoring.factors_of(
        promise.plan.factors,
        ramp=promise.ramp,
        inputs=row.inputs,
        adoption=used,
        effect_in_minutes=promise.plan.effect_in_minutes,
    )
    if not found.planned:
        return found, "The business case names no effect, price or volume."
    planned = _price(found.planned, promise.plan.currency, month, PLAN, converter)
    actual = _price(found.actual, row.currency, month, ACTUAL, converter)
    if planned is None or actual is None:
        return factoring.NONE, "A price has no exchange rate in the month."
    return factoring.Factors(planned, actual), ""


def _price(
    factors: Mapping[str, Decimal], currency: str, month: dt.date, kind: str, converter: Converter
) -> dict[str, Decimal] | None:
    """Turn the price among some factors into the reporting currency."""
    converted = converter.convert(factors["price"], currency, month, kind).amount
    return None if converted is None else {**factors, "price": converted}


def _rounded(whole: sums.Crossing) -> tuple[sums.Step, ...]:
    """Round the factor steps to the ledger; scope and timing takes what rounding leaves."""
    steps = sums.cross(whole)
    level, found = whole.promised, []
    for step in steps:
        after = round_to_ledger(step.after)
        found.append(sums.Step(step.name, EXACT.subtract(after, level), after))
        level = after
    return tuple(found)
