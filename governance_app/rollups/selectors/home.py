"""The headline of the home page and the picture of the year."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import pandas as pd
from django.db.models import Count, Max, Q, Sum

from governance_app.domain import forecast as forecasts
from governance_app.domain import roi
from governance_app.domain.figures import Figure
from governance_app.domain.frames import conform
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months, last_day, month_range, months_between
from governance_app.initiatives.models import StageMove
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.present import last_complete_month
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.scope import MonthSums, Roots

WHOLE = "portfolio"


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A figure as a headline shows it.

    ``figure`` and ``subject`` open its passport. ``before`` is the same figure at the day that
    changes are counted from. ``left_out``: initiatives it does not hold, for the reason that
    their passports tell.
    """

    figure: str
    subject: str
    value: Decimal | float | int | None
    before: Decimal | float | int | None = None
    reason: str = ""
    left_out: int = 0

    @property
    def change(self) -> Decimal | float | int | None:
        """What it moved by since then; None when either end is unknown."""
        if self.value is None or self.before is None:
            return None
        return self.value - self.before  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class MoneyHeadline:
    """
    The money of the headline: year to date unless its name says otherwise.

    Benefits are hard; what was avoided stands beside them in figures of its own. ``months``:
    what all of it was summed from.
    """

    currency: str
    promised: Shown
    measured: Shown
    validated: Shown
    banked: Shown
    promised_full_year: Shown
    promised_ahead: Shown
    measured_avoided: Shown
    validated_avoided: Shown
    banked_avoided: Shown
    promised_avoided: Shown
    awaiting_validation: Shown
    spend: Shown
    spend_month: Shown
    spend_unallocated: Shown
    budget: Shown
    budget_full_year: Shown
    forecast_full_year: Shown
    forecast_low: Decimal | None
    forecast_high: Decimal | None
    forecast_error_ratio: float | None
    spend_gap: Decimal | None
    validated_ratio: float | None
    roi_validated: Shown
    since_month: dt.date | None
    reviewed_to: dt.date | None
    is_whole: bool
    months: tuple[MonthSums, ...]


@dataclass(frozen=True, slots=True)
class Headline:
    """What the home page says first. ``money`` is None for those who may not see money."""

    at: Moment
    since: dt.date
    year_label: str
    through: dt.date
    money: MoneyHeadline | None
    initiatives: int
    in_production: int
    in_production_before: int
    pilots: int
    past_time_box: int
    stale: int
    known_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Year:
    """The picture of a fiscal year: its frame and the words around it."""

    frame: pd.DataFrame
    currency: str
    as_of: dt.date
    year_label: str
    reviewed_to: dt.date | None
    method: str


def home_headline(
    *, viewer: User, as_of: Moment, since: dt.date, node: ScopeNode | None = None
) -> Headline:
    """
    Give what the home page says first, with the change since a day.

    Args:
        since: figures "before" count the months that were over on this day.
        node: only this part of the tree; everything the viewer sees when None.
    """
    within = scope.roots(viewer=viewer, permission="view", node=node)
    counts = within.initiatives_within().aggregate(
        all=Count("pk"),
        production=Count("pk", filter=Q(stage__slug="production")),
        pilots=Count("pk", filter=Q(stage__slug="pilot")),
        past_time_box=Count("pk", filter=Q(stage__slug="pilot", time_box_on__lt=as_of.on)),
    )
    rows = InitiativeNow.objects.known_at(as_of.known_at).filter(
        within.holds("initiative__node__path")
    )
    figures = rows.aggregate(
        newest=Max("known_from"),
        stale=Count(
            "pk",
            filter=Q(stale_from_on__lte=as_of.on) & ~Q(initiative__stage__is_final=True),
        ),
    )
    return Headline(
        at=as_of,
        since=since,
        year_label=as_of.year_label,
        through=as_of.through,
        money=_money(viewer, as_of, since, node),
        initiatives=counts["all"],
        in_production=counts["production"],
        in_production_before=counts["production"] - _entered_production(within, since, as_of.on),
        pilots=counts["pilots"],
        past_time_box=counts["past_time_box"],
        stale=figures["stale"],
        known_at=figures["newest"],
    )


def cumulative_year(
    *,
    viewer: User,
    as_of: Moment,
    node: ScopeNode | None = None,
    months: Sequence[MonthSums] | None = None,
) -> Year | None:
    """
    Give the months of the fiscal year for the home chart, with the forecast of its rest.

    Args:
        months: those of a headline of the same viewer, moment and node, when there is one.

    Returns:
        None for those who may not see money. The frame ``year_months`` has every month of the
        year; what is not over yet has plans and forecast only.
    """
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    if within.is_empty:
        return None
    window = as_of.window
    if months is None:
        months = scope.months(within=within, at=as_of)
    sums = {row.month: row for row in months}
    ahead = rest_of_year(list(sums.values()), as_of).value
    rows = []
    for month in month_range(window.year_first, window.year_last):
        row = sums.get(month, MonthSums(month))
        is_over = month <= window.through
        guess = None
        if ahead is not None and not is_over:
            guess = ahead.months[months_between(window.through, month) - 1]
        rows.append(
            {
                "month": month,
                "promised": row.amount("promised"),
                "budget": row.amount("budget"),
                "spend": row.spend if is_over else None,
                "measured": row.amount("measured") if is_over else None,
                "validated": row.amount("validated") if is_over else None,
                "banked": row.amount("banked") if is_over else None,
                "forecast": guess.expected if guess else None,
                "forecast_low": guess.low if guess else None,
                "forecast_high": guess.high if guess else None,
            }
        )
    return Year(
        frame=conform("year_months", rows),
        currency=as_of.currency,
        as_of=last_day(window.through),
        year_label=as_of.year_label,
        reviewed_to=_reviewed_to(list(sums.values()), as_of),
        method=ahead.method if ahead else "",
    )


def rest_of_year(rows: list[MonthSums], at: Moment) -> Figure[forecasts.Forecast]:
    """Forecast the rest of the fiscal year from the complete months, gaps counting as nothing."""
    window = at.window
    spent = {row.month: row.spend for row in rows if row.month <= window.through}
    first = min((month for month, amount in spent.items() if amount is not None), default=None)
    history = []
    if first is not None:
        for month in month_range(first, window.through):
            history.append(spent.get(month) or Decimal(0))
    return _forecast(tuple(history), months_between(window.through, window.year_last))


@lru_cache(maxsize=64)
def _forecast(history: tuple[Decimal, ...], ahead: int) -> Figure[forecasts.Forecast]:
    """Forecast a history once: the figure and the picture of each viewer ask for the same."""
    return forecasts.statistical(history, ahead=ahead)


def _money(
    viewer: User, at: Moment, since: dt.date, node: ScopeNode | None
) -> MoneyHeadline | None:
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    if within.is_empty:
        return None
    rows = scope.months(within=within, at=at)
    window, before = at.window, last_complete_month(since)
    subject = str(node.pk) if node is not None else WHOLE

    def year(figure: str, column: str, last: dt.date = window.through) -> Shown:
        found = scope.total(rows, column, window.year_first, last)
        then = scope.total(rows, column, window.year_first, min(before, last))
        counted = "cost" if column == "spend" else column
        out = _left_out(rows, within, at, counted, window.year_first, last)
        return Shown(figure, subject, found.value, then.value, found.reason, out)

    spend, budget = year("spend_year", "spend"), year("budget_year", "budget")
    full_budget = year("budget_full_year", "budget", window.year_last)
    promised, validated = year("promised_year", "promised"), year("validated_year", "validated")
    month = scope.total(rows, "spend", window.through, window.through)
    month_before = add_months(window.through, -1)
    last_month = scope.total(rows, "spend", month_before, month_before)
    ahead = scope.total(rows, "promised", add_months(window.through, 1), None)
    nobody = [
        row.unallocated
        for row in rows
        if row.unallocated is not None and window.year_first <= row.month <= window.through
    ]
    expected, low, high, error = full_year(rows, at, spend.value)
    return MoneyHeadline(
        currency=at.currency,
        promised=promised,
        measured=year("measured_year", "measured"),
        validated=validated,
        banked=year("banked_year", "banked"),
        promised_full_year=year("promised_full_year", "promised", window.year_last),
        promised_ahead=Shown("promised_ahead", subject, ahead.value, reason=ahead.reason),
        measured_avoided=year("measured_avoided_year", "measured_avoided"),
        validated_avoided=year("validated_avoided_year", "validated_avoided"),
        banked_avoided=year("banked_avoided_year", "banked_avoided"),
        promised_avoided=year("promised_avoided_year", "promised_avoided"),
        awaiting_validation=_awaiting(within, at, subject),
        spend=spend,
        spend_month=Shown(
            "spend_month", subject, month.value, last_month.value, month.reason
        ),
        spend_unallocated=Shown(
            "spend_unallocated", subject, sum(nobody, Decimal(0)) if nobody else None,
            reason="" if nobody else "No rule leaves anything unallocated here.",
        ),
        budget=budget,
        budget_full_year=full_budget,
        forecast_full_year=Shown(
            "forecast_full_year", subject, expected.value, reason=expected.reason
        ),
        forecast_low=low,
        forecast_high=high,
        forecast_error_ratio=error,
        spend_gap=_gap(spend.value, budget.value),
        validated_ratio=(
            roi.ratio(validated.value, promised.value)
            if isinstance(validated.value, Decimal)
            and isinstance(promised.value, Decimal)
            and promised.value
            else None
        ),
        roi_validated=_roi(rows, window.through, before, subject),
        since_month=rows[0].month if rows else None,
        reviewed_to=_reviewed_to(rows, at),
        is_whole=any(each.kind == ScopeNode.Kind.ORGANISATION for each in within.nodes),
        months=tuple(rows),
    )  # fmt: skip


def _left_out(
    rows: list[MonthSums], within: Roots, at: Moment, column: str, first: dt.date, last: dt.date
) -> int:
    """Count initiatives left out, asking only when a month says that there are any."""
    if not any(row.left_out.get(column) for row in rows if first <= row.month <= last):
        return 0
    return scope.left_out(within=within, at=at, column=column, first=first, last=last)


def full_year(
    rows: list[MonthSums], at: Moment, spent: object
) -> tuple[Figure[Decimal], Decimal | None, Decimal | None, float | None]:
    """Give the year's spend as expected with its band: what was spent and the months ahead."""
    found = rest_of_year(rows, at)
    if found.value is None or not isinstance(spent, Decimal):
        reason = found.reason or "No spend is recorded this year."
        return Figure(None, reason), None, None, None
    ahead = found.value
    total = EXACT.add(spent, sum((month.expected for month in ahead.months), Decimal(0)))
    edges: list[Decimal | None] = []
    for side in ("low", "high"):
        parts = [getattr(month, side) for month in ahead.months]
        known = [part for part in parts if part is not None]
        edges.append(sum(known, spent) if len(known) == len(parts) else None)
    return Figure(total), edges[0], edges[1], ahead.error_ratio.value


def _awaiting(within: Roots, at: Moment, subject: str) -> Shown:
    rows = InitiativeNow.objects.known_at(at.known_at).filter(
        within.holds("initiative__node__path"), pending_benefit__isnull=False
    )
    found = rows.aggregate(amount=Sum("pending_benefit"), known=Count("pending_benefit"))
    return Shown(
        "awaiting_validation",
        subject,
        found["amount"],
        reason="" if found["known"] else "Nothing waits for finance.",
    )


def _roi(rows: list[MonthSums], through: dt.date, before: dt.date, subject: str) -> Shown:
    """Return on validated benefit since inception, at full cost: METHOD section 4."""
    found, then = (roi_to(rows, last) for last in (through, before))
    return Shown("roi_validated", subject, found.value, then.value, found.reason)


def roi_to(rows: list[MonthSums], last: dt.date) -> Figure[float]:
    """Give the return on validated benefit since the start to the end of a month, at full cost."""
    cost, benefit = (scope.total(rows, column, None, last) for column in ("spend", "validated"))
    if benefit.value is None:
        return Figure(None, "Finance has not validated any benefit yet.")
    return roi.roi(benefit.value, cost.value or Decimal(0))


def _gap(spend: object, budget: object) -> Decimal | None:
    if not isinstance(spend, Decimal) or not isinstance(budget, Decimal):
        return None
    return EXACT.subtract(spend, budget)


def _reviewed_to(rows: list[MonthSums], at: Moment) -> dt.date | None:
    reviewed = [row.month for row in rows if row.reviewed and row.month <= at.through]
    return max(reviewed, default=None)


def _entered_production(within: Roots, since: dt.date, on: dt.date) -> int:
    """Count how many more entered production than left it after a day."""
    moves = StageMove.objects.filter(
        within.holds("initiative__node__path"), on__gt=since, on__lte=on
    )
    found = moves.aggregate(
        entered=Count("pk", filter=Q(to_stage__slug="production")),
        left=Count("pk", filter=Q(from_stage__slug="production")),
    )
    return int(found["entered"] - found["left"])


def stage_counts(*, viewer: User, node: ScopeNode | None = None) -> dict[str, int]:
    """Count the initiatives a viewer sees by the slug of their stage; "" is unknown."""
    seen = scope.roots(viewer=viewer, permission="view", node=node).initiatives_within()
    found = seen.order_by().values_list("stage__slug").annotate(count=Count("pk"))
    return {slug or "": count for slug, count in found}


__all__ = [
    "Headline",
    "MoneyHeadline",
    "Shown",
    "Year",
    "cumulative_year",
    "home_headline",
    "stage_counts",
]
