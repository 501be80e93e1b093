"""The bridge of each initiative, month by month: METHOD section 5, hard benefits only."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain import bridge as sums
from governance_app.domain import factoring
from governance_app.domain.cashflow import PRECISE
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.phrases import phrase
from governance_app.rollups.gather import crossing
from governance_app.rollups.gather.rates import ACTUAL, PLAN, Converter, round_to_ledger

ZERO = Decimal(0)
_LEVELS = ("measured", "unreviewed", "rejected", "validated", "banked")


@dataclass(frozen=True, slots=True)
class Part:
    """One hard benefit of a month whose factors are known, with its share of the promise."""

    benefit: str
    crossing: sums.Crossing


@dataclass(frozen=True, slots=True)
class MonthBridge:
    """
    One initiative in one month: what crosses, step by step, in the currency of the converter.

    ``why`` says in a sentence why no factor is known; ``problems`` what could not be converted.
    ``parts``: the benefits whose factors explain the steps from promised to measured.
    """

    month: dt.date
    crossing: sums.Crossing
    steps: tuple[sums.Step, ...]
    why: str = ""
    problems: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


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
    parts, why = _parts(month, promise, rows, used, converter)
    steps = _rounded(whole, [part.crossing for part in parts])
    return MonthBridge(month, whole, steps, why, tuple(levels.problems), parts)


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


def _parts(
    month: dt.date,
    promise: _Promise,
    rows: Sequence[crossing.Reached],
    used: Decimal | None,
    converter: Converter,
) -> tuple[tuple[Part, ...], str]:
    """
    Give the benefits whose factors the case and the readings know, or why there is none.

    A case names its factors once. Where several benefits were measured in a month, the promise
    and the planned use are shared over those that the factors fit, as their measured amounts
    are (evenly where these cannot say); what others brought is scope.
    """
    if promise.plan is None:
        return (), phrase("The business case names no factor of the bridge.")
    measured = [row for row in rows if row.measured is not None]
    if not measured:
        return (), phrase("No hard benefit was measured in the month.")
    fitting = []
    for row in measured:
        assert row.measured is not None
        amount = converter.convert(row.measured, row.currency, row.month, ACTUAL).amount
        fits = _factors_of(row, promise, used, Decimal(1)).planned
        if amount is not None and fits:
            fitting.append((row, amount))
    if not fitting:
        return (), phrase("The business case names no effect, price or volume that fits.")
    shares = _shares([amount for _, amount in fitting])
    found, left = [], promise.amount
    for place, ((row, amount), share) in enumerate(zip(fitting, shares, strict=True)):
        own = left
        if place < len(fitting) - 1:
            own = round_to_ledger(PRECISE.multiply(promise.amount, share))
            left = EXACT.subtract(left, own)
        factors = _factors_of(row, promise, used, share)
        planned = _price(factors.planned, promise.plan.currency, month, PLAN, converter)
        actual = _price(factors.actual, row.currency, month, ACTUAL, converter)
        if planned is None or actual is None:
            return (), phrase("A price has no exchange rate in the month.")
        zero = dict.fromkeys(("unreviewed", "rejected", "validated", "banked"), ZERO)
        part = sums.Crossing(promised=own, measured=amount, planned=planned, actual=actual, **zero)
        found.append(Part(row.benefit, part))
    return tuple(found), ""


def _factors_of(
    row: crossing.Reached, promise: _Promise, used: Decimal | None, share: Decimal
) -> factoring.Factors:
    assert promise.plan is not None
    return factoring.factors_of(
        promise.plan.factors,
        ramp=PRECISE.multiply(promise.ramp, share),
        inputs=row.inputs,
        adoption=PRECISE.multiply(used, share) if used else None,
        effect_in_minutes=promise.plan.effect_in_minutes,
    )


def _shares(amounts: Sequence[Decimal]) -> list[Decimal]:
    """
    Give the share of each in a sum; even ones where an amount is below zero or all are zero.

    >>> _shares([Decimal(3), Decimal(1)]), _shares([Decimal(-3), Decimal(1)])
    ([Decimal('0.75'), Decimal('0.25')], [Decimal('0.5'), Decimal('0.5')])
    """
    whole = exact_sum(amounts)
    if whole <= 0 or any(amount < 0 for amount in amounts):
        return [PRECISE.divide(Decimal(1), Decimal(len(amounts)))] * len(amounts)
    return [PRECISE.divide(amount, whole) for amount in amounts]


def _price(
    factors: Mapping[str, Decimal], currency: str, month: dt.date, kind: str, converter: Converter
) -> dict[str, Decimal] | None:
    """Turn the price among some factors into the reporting currency."""
    converted = converter.convert(factors["price"], currency, month, kind).amount
    return None if converted is None else {**factors, "price": converted}


def _rounded(whole: sums.Crossing, parts: Sequence[sums.Crossing]) -> tuple[sums.Step, ...]:
    """Round the factor steps to the ledger; scope and timing takes what rounding leaves."""
    steps = sums.cross(whole, parts)
    level, found = whole.promised, []
    for step in steps:
        after = round_to_ledger(step.after)
        found.append(sums.Step(step.name, EXACT.subtract(after, level), after))
        level = after
    return tuple(found)
