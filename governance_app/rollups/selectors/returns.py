"""
Every return of METHOD section 4 on every rung: of an initiative, a programme, a unit, or all.

Figures come from the months that are kept, so they can be read as of any day and in any currency
that has a rate for every month they need. A total over a unit holds the full cost, unallocated
included.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet

from governance_app.books import selectors as books
from governance_app.domain import phrases, roi
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import (
    fiscal_label,
    fiscal_months,
    fiscal_year,
    last_day,
    month_of,
)
from governance_app.domain.phrases import counted, phrase
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.readings.models import Point
from governance_app.rollups.gather.rates import ACTUAL, PLAN, Converter
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.spend.models import ForecastMonth, ForecastRound
from governance_app.spend.selectors.plan import current_submissions
from governance_app.spend.selectors.watched import OUTCOMES
from governance_app.value import selectors as value
from governance_app.value.models import BenefitMonth

RUNGS = ("promised", "claimed", "measured", "validated", "banked")
ZERO = Decimal(0)
#: Columns whose amounts are plans, converted at the budget rate of their month.
_PLANS = ("promised", "promised_cost")


@dataclass(frozen=True, slots=True)
class Window:
    """Benefit against cost in one fiscal year to date, on each rung; never called ROI."""

    label: str
    first: dt.date
    last: dt.date
    cost: Decimal
    covers: dict[str, Figure[float]]


@dataclass(frozen=True, slots=True)
class Completion:
    """
    Where cost and benefit end: actual plus the owners' estimate; validated plus what remains of
    the promise at the realisation so far. ``until`` is the last month the estimates hold;
    ``made_from`` what they are worked out from, None where there is no estimate.
    """

    realisation: Figure[float]
    cost: Figure[Decimal]
    benefit: Figure[Decimal]
    until: dt.date | None
    made_from: dict[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class Unit:
    """What one accepted outcome costs and is worth, and how many pay what was spent before."""

    outcomes: Decimal
    cost: Figure[Decimal]
    worth: Figure[Decimal]
    break_even: Figure[Decimal]


@dataclass(frozen=True, slots=True)
class Returns:
    """
    Everything a place returns, in one currency, to the end of ``through``.

    ``rungs``: rung -> its returns; a rung that was not reached has none and says why in
    ``reasons``. ``to_go`` holds figures of ``rollups.ahead``; ``ahead`` the months to come of one
    initiative's case: month, benefit, cost. ``problems`` are sentences about what is left out.
    """

    currency: str
    through: dt.date
    annual_rate: Decimal
    rungs: dict[str, roi.Returns]
    reasons: dict[str, str]
    to_go: dict[str, Figure[Decimal]]
    windows: tuple[Window, ...]
    completion: Completion
    unit: Unit | None
    initiatives: int
    ahead: tuple[tuple[dt.date, Decimal, Decimal], ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Month:
    """One month of a place in the asked currency; a missing column has nothing in it."""

    month: dt.date
    amounts: dict[str, Decimal] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    is_reviewed: bool = False


def currencies(*, on: dt.date) -> list[str]:
    """Give the currencies that figures can be shown in: those with a rate, and the one kept."""
    own = books.reporting_currency(on=on)
    return sorted({own, *(base for base, _, _ in books.rates_into(quote=own))})


def programmes(*, viewer: User) -> QuerySet[Initiative]:
    """Give what has initiatives under it and whose money the viewer may see, by name."""
    found = Initiative.objects.visible_to(viewer, "money.view").filter(
        kind__in=("programme", "portfolio")
    )
    return found.order_by("name", "pk")


def returns_of(
    *,
    viewer: User,
    as_of: Moment,
    initiative: Initiative | None = None,
    node: ScopeNode | None = None,
    currency: str = "",
) -> Returns | None:
    """
    Work out the returns of a place; of everything the viewer sees when none is named.

    Args:
        initiative: alone, or a programme or portfolio with everything under it.
        currency: to show them in; by default the reporting currency.

    Returns:
        None for those who see no money there.
    """
    within = place_of(viewer=viewer, initiative=initiative, node=node)
    if within.is_empty:
        return None
    wanted = currency or as_of.currency
    problems: dict[str, None] = {}
    months = _months(within, as_of, wanted, problems)
    through = as_of.window.through
    alone = initiative if initiative is not None and initiative.kind == "initiative" else None
    case = value.case_in_force(initiative=alone, viewer=viewer) if alone else None
    rate = (
        case.annual_rate
        if case
        else Decimal(
            str(
                books.setting(
                    key="discount_rate", on=as_of.on, node=node or (alone.node if alone else None)
                )
            )
        )
    )
    rungs: dict[str, roi.Returns] = {}
    reasons: dict[str, str] = {}
    for rung in RUNGS:
        flows = _flows(months, rung, through)
        if not any(flow.benefit for flow in flows) and not _reached(months, rung, through):
            reasons[rung] = _missing(months, rung, through) or _NOT_REACHED[rung]
            continue
        if told := _missing(months, rung, through):
            reasons[rung] = told
            continue
        rungs[rung] = roi.returns(
            flows,
            annual_rate=rate,
            valuation_month=case.valuation_month if case and rung == "promised" else None,
            go_live_month=case.go_live_month if case else None,
        )
        if alone is None:
            several = Null("Several initiatives go live in different months.")
            rungs[rung] = replace(rungs[rung], pi=several)
    now = InitiativeNow.objects.known_at(as_of.known_at).filter(
        within.holds("initiative__node__path")
    )
    return Returns(
        currency=wanted,
        through=through,
        annual_rate=rate,
        rungs=rungs,
        reasons=reasons,
        to_go=_to_go(now, as_of, wanted, problems),
        windows=_windows(months, as_of),
        completion=_completion(months, within, viewer, through, wanted, problems),
        unit=_unit(alone, months, through, case) if alone else None,
        initiatives=now.count(),
        ahead=_ahead(months, through) if case else (),
        problems=tuple(problems),
    )


def kept_flows(*, initiative: Initiative, rung: str, as_of: Moment) -> list[roi.MonthFlow]:
    """Give the months that a return of one initiative is worked out from, as they are kept."""
    own = scope.Roots((), (initiative.node.path,))
    problems: dict[str, None] = {}
    return _flows(_months(own, as_of, as_of.currency, problems), rung, as_of.window.through)


def place_of(
    *, viewer: User, initiative: Initiative | None = None, node: ScopeNode | None = None
) -> scope.Roots:
    """Give what counts: an initiative, a programme with all that stands under it, or a node."""
    if initiative is None:
        return scope.roots(viewer=viewer, permission="money.view", node=node)
    own = scope.roots(viewer=viewer, permission="money.view", node=initiative.node)
    if initiative.kind == "initiative":
        return own
    paths = [initiative.node.path] if not own.is_empty else []
    level: Iterable[uuid.UUID] = [initiative.pk]
    while level:
        below = Initiative.objects.visible_to(viewer, "money.view").filter(parent__in=level)
        found = list(below.values_list("pk", "node__path"))
        paths += [path for _, path in found]
        level = [pk for pk, _ in found]
    return scope.Roots((), tuple(paths))


_NOT_REACHED = {
    "promised": phrase("No business case has been approved."),
    "claimed": phrase("No benefit has been claimed yet."),
    "measured": phrase("No benefit has been measured yet."),
    "validated": phrase("Finance has not validated any benefit yet."),
    "banked": phrase("No benefit is in the budget or the books yet."),
}


def _months(
    within: scope.Roots, at: Moment, currency: str, problems: dict[str, None]
) -> list[_Month]:
    """Read the months of a place and turn them into the asked currency."""
    converter = Converter(currency)
    found = []
    for row in scope.months(within=within, at=at):
        month = _Month(row.month, is_reviewed=bool(row.reviewed))
        for column in ("spend", "paid", "promised_cost", *RUNGS):
            amount = row.amount(column)
            if amount is None:
                continue
            kind = PLAN if column in _PLANS else ACTUAL
            converted = converter.convert(amount, at.currency, row.month, kind)
            if converted.amount is None:
                month.missing[column] = converted.reason
                problems[converted.reason] = None
            else:
                month.amounts[column] = converted.amount
        for column, count in row.left_out.items():
            if column in (*RUNGS, "cost"):
                problems[_left_out(row.month, column, count)] = None
        found.append(month)
    return found


def _flows(months: Sequence[_Month], rung: str, through: dt.date) -> list[roi.MonthFlow]:
    if rung == "promised":
        return [
            roi.MonthFlow(
                row.month, row.amounts.get("promised_cost", ZERO), row.amounts.get(rung, ZERO)
            )
            for row in months
        ]
    return [
        roi.MonthFlow(
            row.month,
            row.amounts.get("spend", ZERO),
            row.amounts.get(rung, ZERO),
            paid=row.amounts.get("paid", ZERO),
        )
        for row in months
        if row.month <= through
    ]


def _missing(months: Sequence[_Month], rung: str, through: dt.date) -> str:
    """Give why an amount that a rung needs could not be converted; empty when all could."""
    columns = _PLANS if rung == "promised" else (rung, "spend", "paid")
    for row in months:
        if rung != "promised" and row.month > through:
            continue
        for column in columns:
            if column in row.missing:
                return row.missing[column]
    return ""


def _reached(months: Sequence[_Month], rung: str, through: dt.date) -> bool:
    if rung == "promised":
        return any({*row.amounts} & {*_PLANS} for row in months)
    return any(rung in row.amounts for row in months if row.month <= through)


def _ahead(
    months: Sequence[_Month], through: dt.date
) -> tuple[tuple[dt.date, Decimal, Decimal], ...]:
    """Give the months to come that a case plans, in their order."""
    return tuple(
        (row.month, row.amounts.get("promised", ZERO), row.amounts.get("promised_cost", ZERO))
        for row in months
        if row.month > through and {*row.amounts} & {*_PLANS}
    )


def _to_go(
    now: Any, at: Moment, currency: str, problems: dict[str, None]
) -> dict[str, Figure[Decimal]]:
    """Sum what going on is worth over initiatives, at the budget rate of the last month."""
    sums: dict[str, list[Decimal]] = {}
    missing: dict[str, dict[str, int]] = {}
    for told in now.values_list("returns__to_go", flat=True):
        for name, figure in (told or {}).items():
            if figure["value"] is None:
                counts = missing.setdefault(name, {})
                counts[figure["reason"]] = counts.get(figure["reason"], 0) + 1
            else:
                sums.setdefault(name, []).append(Decimal(figure["value"]))
    converter = Converter(currency)
    found: dict[str, Figure[Decimal]] = {}
    for name in {*sums, *missing}:
        reasons = missing.get(name, {})
        if name not in sums:
            found[name] = Null(max(reasons, key=lambda reason: reasons[reason]))
            continue
        total = exact_sum(sums[name])
        converted = converter.convert(total, at.currency, at.through, PLAN)
        if converted.amount is None:
            found[name] = Null(converted.reason)
            problems[converted.reason] = None
            continue
        warnings = tuple(
            phrase("Leaves out {count}: {reason}", count=count, reason=phrase(reason))
            for reason, count in reasons.items()
        )
        found[name] = Figure(converted.amount, "", warnings)
    return found


def _left_out(on: dt.date, column: str, count: int) -> str:
    return counted(
        "{month}, {column}: {count} initiative left out.",
        "{month}, {column}: {count} initiatives left out.",
        month=phrases.month(on), column=phrase(column), count=count,
    )  # fmt: skip


def _windows(months: Sequence[_Month], at: Moment) -> tuple[Window, ...]:
    """Cover by fiscal year: the one of the last month, and the two before it."""
    start = books.fiscal_start_month(on=at.on)
    newest = fiscal_year(at.through, start_month=start)
    found = []
    for year in (newest, newest - 1, newest - 2):
        own = fiscal_months(year, start_month=start)
        first, last = own[0], min(own[-1], at.through)
        rows = [row for row in months if first <= row.month <= last]
        if not rows:
            continue
        cost = exact_sum(row.amounts.get("spend", ZERO) for row in rows)
        covers = {
            rung: roi.benefit_cover(exact_sum(row.amounts.get(rung, ZERO) for row in rows), cost)
            for rung in RUNGS
        }
        found.append(Window(fiscal_label(year, start_month=start), first, last, cost, covers))
    return tuple(found)


def _completion(
    months: Sequence[_Month],
    within: scope.Roots,
    viewer: User,
    through: dt.date,
    currency: str,
    problems: dict[str, None],
) -> Completion:
    past = [row for row in months if row.month <= through]
    reviewed = [row for row in past if row.is_reviewed]
    looked_at = {
        rung: exact_sum(row.amounts.get(rung, ZERO) for row in reviewed)
        for rung in ("validated", "promised")
    }
    realised = roi.realisation(
        looked_at["validated"], looked_at["promised"], months_reviewed=len(reviewed)
    )
    actual = exact_sum(row.amounts.get("spend", ZERO) for row in past)
    validated = exact_sum(row.amounts.get("validated", ZERO) for row in past)
    remaining = exact_sum(
        row.amounts.get("promised", ZERO) for row in months if row.month > through
    )
    estimate, until = _estimate(within, viewer, through, currency, problems)
    return Completion(
        realisation=realised,
        cost=roi.cost_at_completion(actual, estimate),
        benefit=roi.benefit_at_completion(validated, remaining, realised),
        until=until,
        made_from={
            "spent": actual,
            "estimate": estimate,
            "validated": validated,
            "remaining": remaining,
            "reviewed_validated": looked_at["validated"],
            "reviewed_promised": looked_at["promised"],
        },
    )


def _estimate(
    within: scope.Roots, viewer: User, through: dt.date, currency: str, problems: dict[str, None]
) -> tuple[Decimal | None, dt.date | None]:
    """Sum the owners' estimates of the newest round for the months still to come."""
    newest = ForecastRound.objects.order_by("-first_month", "-created_at").first()
    if newest is None or newest.last_month <= through:
        return None, None
    sent = current_submissions(viewer=viewer, forecast_round=newest).filter(
        within.holds("node__path")
    )
    kept: list[Any] = []
    for one in sorted(sent, key=lambda each: each.node.path):
        if not any(one.node.path.startswith(above.node.path) for above in kept):
            kept.append(one)
    rows = ForecastMonth.objects.filter(Q(submission__in=kept), month__gt=through).annotate(
        code=F("submission__currency")
    )
    converter = Converter(currency)
    total = ZERO
    for row in rows:
        converted = converter.convert(row.amount, row.code, row.month, PLAN)
        if converted.amount is None:
            problems[converted.reason] = None
            return None, newest.last_month
        total = EXACT.add(total, converted.amount)
    return (total if kept else None), newest.last_month


def _unit(initiative: Initiative, months: Sequence[_Month], through: dt.date, case: Any) -> Unit:
    """
    Work out what an accepted outcome costs and is worth.

    Accepted outcomes are the readings counted in that unit; without one, the uses of labour
    benefits x acceptance. What was spent before going live is fixed; an outcome costs what has
    been spent since, over the outcomes since.
    """
    outcomes = _counted(initiative, through) or _accepted_uses(initiative, through)
    count = exact_sum(outcomes.values())
    past = [row for row in months if row.month <= through]
    cost = exact_sum(row.amounts.get("spend", ZERO) for row in past)
    each_costs = roi.unit_cost(cost, count)
    if not count:
        reason = phrase("No series counts accepted outcomes and no labour benefit counts uses.")
        return Unit(count, Null(reason), Null(reason), Null(reason))
    measured = exact_sum(row.amounts.get("measured", ZERO) for row in past if row.month in outcomes)
    worth: Figure[Decimal] = roi.unit_cost(measured, count)
    if case is None or case.go_live_month is None:
        missing: Figure[Decimal] = Null("No go-live month is planned, so nothing is fixed cost.")
        return Unit(count, each_costs, worth, missing)
    fixed = exact_sum(
        row.amounts.get("spend", ZERO) for row in past if row.month < case.go_live_month
    )
    since = exact_sum(
        row.amounts.get("spend", ZERO) for row in past if row.month >= case.go_live_month
    )
    later = exact_sum(n for month, n in outcomes.items() if month >= case.go_live_month)
    variable = roi.unit_cost(since, later)
    if variable.value is None or worth.value is None:
        return Unit(count, each_costs, worth, Null("No outcome is recorded since going live."))
    return Unit(count, each_costs, worth, roi.break_even_volume(fixed, worth.value, variable.value))


def _counted(initiative: Initiative, through: dt.date) -> dict[dt.date, Decimal]:
    """Sum, by month, the readings of series whose unit is accepted outcomes."""
    points = Point.objects.filter(
        series__initiative=initiative,
        series__unit__in=OUTCOMES,
        known_to=None,
        period_on__lte=last_day(through),
    )
    found: dict[dt.date, Decimal] = {}
    for on, count in points.order_by("period_on").values_list("period_on", "value"):
        month = month_of(on)
        found[month] = EXACT.add(found.get(month, ZERO), count)
    return found


def _accepted_uses(initiative: Initiative, through: dt.date) -> dict[dt.date, Decimal]:
    """Sum, by month, the uses of measured labour benefits that people kept."""
    rows = BenefitMonth.objects.filter(
        initiative=initiative, month__lte=through, measured_from__formula="labour"
    ).exclude(measured=None)
    found: dict[dt.date, Decimal] = {}
    for month, made_from in rows.order_by("month").values_list("month", "measured_from"):
        accepted = EXACT.multiply(Decimal(made_from["uses"]), Decimal(made_from["acceptance"]))
        found[month] = EXACT.add(found.get(month, ZERO), accepted)
    return found
