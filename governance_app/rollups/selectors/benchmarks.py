"""Where the company stands beside the field, with percentiles of its own by unit and type."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from governance_app.books import selectors as books
from governance_app.domain import roi
from governance_app.domain.figures import Figure, Null
from governance_app.domain.periods import last_day
from governance_app.domain.phrases import Phrase, phrase
from governance_app.initiatives.choices import AI_TYPES
from governance_app.people.models import User
from governance_app.readings.models import Point
from governance_app.rollups.gather.rates import ACTUAL, Converter
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.value.models import Kpi

#: Fewer than so many figures have no percentiles: one of them would be somebody's.
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of one group; None with fewer than ``ENOUGH`` figures."""

    name: str
    count: int
    p25: float | None
    p50: float | None
    p75: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """
    One figure of the company, and its spread over all, by unit and by type of AI.

    ``inputs``: initiative, by key, -> what it brings into a median. ``parts``: what a share is of.
    """

    key: str
    figure: Figure[float]
    spreads: tuple[Spread, ...] = ()
    inputs: tuple[tuple[str, float], ...] = ()
    parts: tuple[tuple[str, Decimal], ...] = ()


def benchmark_standings(*, viewer: User, as_of: Moment) -> dict[str, Standing]:
    """Give efficiency gain, AI share of the IT budget and adoption as they stand."""
    return {
        "efficiency_gain": _efficiency(viewer, as_of),
        "ai_share": _ai_share(viewer, as_of),
        "adoption": _adoption(viewer, as_of),
    }


def _efficiency(viewer: User, at: Moment) -> Standing:
    rows = InitiativeNow.objects.visible_to(viewer).known_at(at.known_at)
    kept = [
        (key, gain, unit, _type(kind))
        for key, gain, stale, unit, kind in rows.exclude(efficiency_gain=None).values_list(
            "initiative__key",
            "efficiency_gain",
            "stale_from_on",
            "initiative__unit__name",
            "initiative__ai_type",
        )
        if gain is not None and (stale is None or stale > at.on)
    ]
    return _standing(
        "efficiency_gain", kept, phrase("No KPI that is fresh tells an efficiency gain.")
    )


def _adoption(viewer: User, at: Moment) -> Standing:
    kpis = Kpi.objects.visible_to(viewer).filter(definition__key="adoption")
    facts = {
        series: (unit, key, place, _type(kind))
        for series, unit, key, place, kind in kpis.values_list(
            "series_id",
            "unit",
            "initiative__key",
            "initiative__unit__name",
            "initiative__ai_type",
        )
    }
    newest: dict[uuid.UUID, Decimal] = {}
    points = Point.objects.filter(series__in=list(facts), known_to=None, period_on__lte=at.on)
    for series, value in points.order_by("period_on").values_list("series_id", "value"):
        newest[series] = value
    kept = [
        (
            facts[series][1],
            float(value) / (100 if facts[series][0] == "%" else 1),
            *facts[series][2:],
        )
        for series, value in newest.items()
    ]
    return _standing("adoption", kept, phrase("No KPI of the library reads adoption."))


def _type(kind: str) -> str:
    return Phrase(AI_TYPES[kind]) if kind in AI_TYPES else ""


def _standing(key: str, kept: list[tuple[str, float, str, str]], reason: str) -> Standing:
    if not kept:
        return Standing(key, Null(reason))
    values = [value for _, value, _, _ in kept]
    groups: dict[str, list[float]] = {}
    for _, value, unit, kind in kept:
        for name in (unit, kind):
            if name:
                groups.setdefault(name, []).append(value)
    spreads = [_spread(phrase("All"), values)]
    spreads += [_spread(name, groups[name]) for name in sorted(groups)]
    inputs = tuple(sorted((of, value) for of, value, _, _ in kept))
    return Standing(key, Figure(float(np.median(values))), tuple(spreads), inputs)


def _spread(name: str, values: Iterable[float]) -> Spread:
    told = list(values)
    if len(told) < ENOUGH:
        return Spread(name, len(told), None, None, None)
    p25, p50, p75 = (float(each) for each in np.quantile(told, (0.25, 0.5, 0.75)))
    return Spread(name, len(told), p25, p50, p75)


def _ai_share(viewer: User, at: Moment) -> Standing:
    """Hold the spend of the fiscal year to date against that part of the year's IT budget."""
    within = scope.roots(viewer=viewer, permission="money.view")
    if within.is_empty:
        return Standing("ai_share", Null("You may not see money."))
    if not any(node.kind == node.Kind.ORGANISATION for node in within.nodes):
        return Standing("ai_share", Null("The IT budget is the whole organisation's."))
    budget = books.setting(key="it_budget", on=at.window.year_last)
    if not budget:
        return Standing("ai_share", roi.ai_share_of_it_budget(Decimal(0), None))
    rows = scope.months(within=within, at=at, first=at.window.year_first, last=at.through)
    spend = scope.total(rows, "spend", at.window.year_first, at.through)
    if spend.value is None:
        return Standing("ai_share", Null(spend.reason))
    passed = _months(at.window.year_first, at.through)
    whole = _months(at.window.year_first, at.window.year_last)
    due = Decimal(str(budget["amount"])) * passed / whole
    converted = Converter(at.currency).convert(due, str(budget["currency"]), at.through, ACTUAL)
    if converted.amount is None:
        return Standing("ai_share", Null(converted.reason))
    return Standing(
        "ai_share",
        roi.ai_share_of_it_budget(spend.value, converted.amount),
        parts=(("AI spend", spend.value), ("IT budget of the same months", converted.amount)),
    )


def _months(first: dt.date, last: dt.date) -> int:
    end = last_day(last)
    return (end.year - first.year) * 12 + end.month - first.month + 1
