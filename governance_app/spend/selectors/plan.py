"""Budget against actual against two forecasts, which are never mixed. METHOD section 8."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from governance_app.books import selectors as books
from governance_app.domain import forecast as forecasts
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, convert, exact_sum
from governance_app.domain.periods import add_months, fiscal_months, last_day, month_of, month_range
from governance_app.domain.phrases import phrase
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend import beside
from governance_app.spend.models import (
    Budget,
    BudgetAlert,
    BudgetPlan,
    ForecastMonth,
    ForecastRound,
    ForecastSubmission,
)
from governance_app.spend.pricing import MissingDayRate
from governance_app.spend.selectors.converted import amounts_in
from governance_app.spend.selectors.explore import SpendFilter, months_held


@dataclass(frozen=True, slots=True)
class PlanMonth:
    """
    One month of a plan in the reporting currency; None where nothing is known.

    ``expected`` with ``low`` and ``high`` is the statistical forecast, ``submitted`` the owners'.
    """

    month: dt.date
    budget: Decimal | None
    actual: Decimal | None
    submitted: Decimal | None
    expected: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class PlanYear:
    """
    A fiscal year of a place: months, sums, how the forecast was made, and when it passes.

    ``at_completion`` is actual to date + statistical forecast, ``low`` and ``high`` its band;
    ``submitted_at_completion`` actual to date + the owners' estimate of ``round``.
    """

    fiscal_year: int
    currency: str
    through: dt.date
    months: tuple[PlanMonth, ...]
    plan: BudgetPlan | None
    spent: Decimal
    budget: Decimal | None
    budget_to_date: Decimal | None
    forecast: Figure[forecasts.Forecast]
    at_completion: Decimal | None
    low: Decimal | None
    high: Decimal | None
    round: ForecastRound | None
    submitted_at_completion: Figure[Decimal]
    crossing: forecasts.Crossing | None


def last_complete_month(*, on: dt.date) -> dt.date:
    """Give the last month that is over at the end of a day."""
    month = month_of(on)
    return month if on == last_day(month) else add_months(month, -1)


def plan_year(
    *, viewer: User, fiscal_year: int, on: dt.date, node: ScopeNode | None = None
) -> PlanYear:
    """
    Give a fiscal year of a unit, an initiative, or all the viewer sees.

    Raises:
        MissingRate: a budget or a cost in another currency has no rate for its month.
        MissingDayRate: days were worked at a rate that nobody set.
    """
    currency = books.reporting_currency(on=on)
    start = books.fiscal_start_month(on=on)
    year = fiscal_months(fiscal_year, start_month=start)
    through = min(last_complete_month(on=on), year[-1])
    history = actual_months(viewer=viewer, node=node, through=through, currency=currency)
    plan = current_plan(fiscal_year=fiscal_year)
    budgets = _budgets(viewer=viewer, plan=plan, node=node, currency=currency)
    held = month_range(min(history), through) if history else []
    ahead = [month for month in year if month > through]
    found = forecasts.statistical(
        [history.get(month, Decimal(0)) for month in held], ahead=len(ahead)
    )
    guesses = dict(zip(ahead, found.value.months, strict=True)) if found.value else {}
    spent = exact_sum(history.get(month, Decimal(0)) for month in year if month <= through)
    total = exact_sum(budgets.values()) if budgets else None
    latest = _latest_round(fiscal_year, through)
    submitted = _submitted(viewer=viewer, round_=latest, node=node, currency=currency)
    expected = _sum_of(spent, guesses.values(), "expected") if found.value else None
    crossing = None
    if total is not None and found.value is not None:
        crossing = forecasts.crossing(
            to_date=spent, limit=total, months=found.value.months, first=add_months(through, 1)
        )
    return PlanYear(
        fiscal_year=fiscal_year,
        currency=currency,
        through=through,
        months=tuple(
            PlanMonth(
                month=month,
                budget=budgets.get(month),
                actual=history.get(month, Decimal(0)) if month <= through and held else None,
                submitted=submitted.get(month),
                expected=guesses[month].expected if month in guesses else None,
                low=guesses[month].low if month in guesses else None,
                high=guesses[month].high if month in guesses else None,
            )
            for month in year
        ),
        plan=plan,
        spent=spent,
        budget=total,
        budget_to_date=exact_sum(a for m, a in budgets.items() if m <= through)
        if budgets else None,
        forecast=found,
        at_completion=expected,
        low=_sum_of(spent, guesses.values(), "low") if found.value else None,
        high=_sum_of(spent, guesses.values(), "high") if found.value else None,
        round=latest,
        submitted_at_completion=_at_completion(history, year, submitted, latest),
        crossing=crossing,
    )  # fmt: skip


def _sum_of(spent: Decimal, months: Iterable[forecasts.Ahead], part: str) -> Decimal | None:
    amounts = [getattr(month, part) for month in months]
    return None if None in amounts else EXACT.add(spent, exact_sum(amounts))


def _at_completion(
    history: Mapping[dt.date, Decimal],
    year: Sequence[dt.date],
    submitted: Mapping[dt.date, Decimal],
    round_: ForecastRound | None,
) -> Figure[Decimal]:
    if round_ is None:
        return Null("No round of submitted forecasts was opened for this year.")
    if not submitted:
        return Null(phrase("Nobody has submitted an estimate in {round} yet.", round=str(round_)))
    done = exact_sum(history.get(month, Decimal(0)) for month in year if month < round_.first_month)
    return Figure(EXACT.add(done, exact_sum(submitted.values())))


def actual_months(
    *, viewer: User, node: ScopeNode | None, through: dt.date, currency: str
) -> dict[dt.date, Decimal]:
    """
    Give what each charge month up to one actually cost, at its average rate: bills (effective),
    costs typed in, people and open accruals, without tax that comes back.

    Raises:
        MissingRate: a bill or a cost has no rate for its month.
        MissingDayRate: days were worked at a rate that nobody set.
    """
    sums: dict[dt.date, Decimal] = {}
    held = months_held()
    if held is not None and held[0] <= through:
        chosen = of_node(node=node, chosen=SpendFilter(since=held[0], until=through))
        for billed in amounts_in(
            viewer=viewer, by=("month",), chosen=chosen, basis="effective", currency=currency
        ):
            month = dt.date.fromisoformat(f"{billed.codes[0]}-01")
            sums[month] = EXACT.add(sums.get(month, Decimal(0)), billed.amount or Decimal(0))
    costs = beside_bills(viewer=viewer, node=node, until=through)
    pairs = {(one.currency, currency, one.month) for one in costs}
    rates = books.rates_of(pairs=pairs, kind="average") if pairs else {}
    for one in costs:
        amount = EXACT.multiply(one.amount, rates[one.currency, currency, one.month])
        sums[one.month] = EXACT.add(sums.get(one.month, Decimal(0)), amount)
    return sums


@dataclass(frozen=True, slots=True)
class BesideBills:
    """What a month cost beside bills: by place and currency."""

    node_id: uuid.UUID
    month: dt.date
    currency: str
    amount: Decimal


def beside_bills(
    *, viewer: User, until: dt.date, node: ScopeNode | None = None, since: dt.date | None = None
) -> list[BesideBills]:
    """
    Give what the viewer may see of costs beside bills, in sums by place, month and currency.

    Raises:
        MissingDayRate: days were worked at a rate that nobody set.
    """
    paths = access.scope_paths(viewer, "money.view")
    if node is not None and node.kind != ScopeNode.Kind.ORGANISATION:
        above = any(node.path.startswith(path) for path in paths)
        below = tuple(path for path in paths if path.startswith(node.path))
        paths = (node.path,) if above else below
    if not paths:
        return []
    sums: dict[tuple[uuid.UUID, dt.date, str], Decimal] = {}
    for item in beside.items(paths=paths, until=until):
        if since is not None and item.month < since:
            continue
        if item.amount is None:
            raise MissingDayRate(item.reason)
        key = (item.node, item.month, item.currency)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), item.amount)
    return [BesideBills(*key, amount) for key, amount in sums.items()]


def of_node(*, node: ScopeNode | None, chosen: SpendFilter) -> SpendFilter:
    """Narrow a filter to a place; the organisation is all of it."""
    if node is None or node.kind == ScopeNode.Kind.ORGANISATION:
        return chosen
    if node.kind == ScopeNode.Kind.UNIT:
        return replace(chosen, unit=str(node.pk))
    key = Initiative.objects.get(node=node).key
    return replace(chosen, initiative=key)


def current_plan(*, fiscal_year: int) -> BudgetPlan | None:
    """Give the budget in force for a year: its highest version."""
    return BudgetPlan.objects.filter(fiscal_year=fiscal_year).order_by("-number").first()


def budget_plans(*, viewer: User) -> QuerySet[BudgetPlan]:
    """Give every version of every budget, newest year and version first."""
    found = BudgetPlan.objects.visible_to(viewer).select_related("file")
    return found.order_by("-fiscal_year", "-number", "pk")


@dataclass(frozen=True, slots=True)
class Compared:
    """A place and category in two versions of a budget, in one currency."""

    node: ScopeNode
    category: str
    currency: str
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return EXACT.subtract(self.after, self.before)


def compare_plans(*, viewer: User, before: BudgetPlan, after: BudgetPlan) -> list[Compared]:
    """Compare two versions place by place, the largest change first."""
    sums: dict[tuple[uuid.UUID, str, str], list[Decimal]] = {}
    nodes: dict[uuid.UUID, ScopeNode] = {}
    for at, plan in enumerate((before, after)):
        rows = (
            Budget.objects.visible_to(viewer, "money.view")
            .filter(plan=plan)
            .values("node", "category", "currency")
            .annotate(total=Sum("amount"))
            .order_by("node", "category", "currency")
        )
        for row in rows:
            key = (row["node"], row["category"], row["currency"])
            sums.setdefault(key, [Decimal(0), Decimal(0)])[at] = row["total"]
    nodes = ScopeNode.objects.in_bulk({key[0] for key in sums})
    found = [Compared(nodes[key[0]], key[1], key[2], *both) for key, both in sums.items()]
    return sorted(found, key=lambda one: (-abs(one.change), one.node.name, one.category))


def budget_parts(*, viewer: User, plan: BudgetPlan) -> QuerySet[Budget]:
    """Give the lines of a version that the viewer may see, by place and month."""
    found = Budget.objects.visible_to(viewer, "money.view").filter(plan=plan)
    return found.select_related("node").order_by("node__path", "month", "category", "pk")


def _budgets(
    *, viewer: User, plan: BudgetPlan | None, node: ScopeNode | None, currency: str
) -> dict[dt.date, Decimal]:
    """
    Give the budget of a place by month. A unit's own budget holds for everything below it; where
    it has none for a month, those below add up.
    """
    if plan is None:
        return {}
    rows = budget_parts(viewer=viewer, plan=plan)
    if node is not None:
        rows = rows.filter(node__path__startswith=node.path)
    cells = list(
        rows.order_by("node__path", "month", "currency")
        .values_list("node__path", "month", "currency")
        .annotate(total=Sum("amount"))
    )
    pairs = {(code, currency, month) for _path, month, code, _total in cells}
    rates = books.rates_of(pairs=pairs, kind="budget") if pairs else {}
    by_place: dict[tuple[str, dt.date], Decimal] = {}
    for path, month, code, total in cells:
        amount = convert(total, rates[code, currency, month])
        by_place[path, month] = EXACT.add(by_place.get((path, month), Decimal(0)), amount)
    found: dict[dt.date, Decimal] = {}
    for (path, month), amount in by_place.items():
        if not any((above, month) in by_place for above in _above(path)):
            found[month] = EXACT.add(found.get(month, Decimal(0)), amount)
    return found


def _above(path: str) -> Iterator[str]:
    """
    Give the paths of the places above one.

    >>> list(_above("a/b/c/"))
    ['a/', 'a/b/']
    """
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth]) + "/"


def forecast_rounds(*, viewer: User) -> QuerySet[ForecastRound]:
    """Give the rounds of submitted forecasts, newest first."""
    found = ForecastRound.objects.visible_to(viewer).select_related("locked_by")
    return found.order_by("-fiscal_year", "-first_month", "-created_at", "-pk")


def forecast_round(*, viewer: User, round_id: uuid.UUID | str) -> ForecastRound | None:
    """Give one round, or None."""
    return forecast_rounds(viewer=viewer).filter(pk=round_id).first()


def _latest_round(fiscal_year: int, through: dt.date) -> ForecastRound | None:
    rounds = ForecastRound.objects.filter(fiscal_year=fiscal_year)
    return rounds.order_by("-first_month", "-created_at").first()


def current_submissions(
    *, viewer: User, forecast_round: ForecastRound
) -> QuerySet[ForecastSubmission]:
    """Give what counts of a round: the highest number of each place."""
    newest = (
        ForecastSubmission.objects.filter(round=forecast_round, node=OuterRef("node"))
        .order_by("-number")
        .values("pk")[:1]
    )
    return (
        ForecastSubmission.objects.visible_to(viewer, "money.view")
        .filter(round=forecast_round, pk=Subquery(newest))
        .select_related("node", "submitted_by")
        .order_by("node__name", "pk")
    )


def _submitted(
    *, viewer: User, round_: ForecastRound | None, node: ScopeNode | None, currency: str
) -> dict[dt.date, Decimal]:
    """
    Give the owners' estimates by month. A unit's own estimate holds for everything below it.
    """
    if round_ is None:
        return {}
    sent = current_submissions(viewer=viewer, forecast_round=round_)
    if node is not None:
        sent = sent.filter(node__path__startswith=node.path)
    kept: list[ForecastSubmission] = []
    for one in sorted(sent, key=lambda each: each.node.path):
        if not any(one.node.path.startswith(above.node.path) for above in kept):
            kept.append(one)
    rows = ForecastMonth.objects.filter(submission__in=kept).annotate(
        code=F("submission__currency")
    )
    pairs = {(row.code, currency, row.month) for row in rows}
    rates = books.rates_of(pairs=pairs, kind="budget") if pairs else {}
    found: dict[dt.date, Decimal] = {}
    for row in rows:
        amount = convert(row.amount, rates[row.code, currency, row.month])
        found[row.month] = EXACT.add(found.get(row.month, Decimal(0)), amount)
    return found


@dataclass(frozen=True, slots=True)
class Owed:
    """A place that is asked for an estimate in a round, who answers for it, and what came."""

    node: ScopeNode
    key: str
    owner: User | None
    submission: ForecastSubmission | None


def owed_in_round(*, viewer: User, forecast_round: ForecastRound) -> list[Owed]:
    """
    Give who has and who has not submitted: the initiatives and units with a budget in the months
    of the round, by name; those that have not come first.
    """
    plan = current_plan(fiscal_year=forecast_round.fiscal_year)
    sent = {
        one.node_id: one
        for one in current_submissions(viewer=viewer, forecast_round=forecast_round)
    }
    asked = set(sent)
    if plan is not None:
        rows = Budget.objects.visible_to(viewer, "money.view").filter(
            plan=plan, month__gte=forecast_round.first_month
        )
        asked |= set(rows.values_list("node", flat=True))
    nodes = ScopeNode.objects.in_bulk(asked)
    owners = owners_of(nodes=asked)
    found = [
        Owed(node, *owners.get(pk, ("", None)), sent.get(pk))  # type: ignore[arg-type]
        for pk, node in nodes.items()
    ]
    return sorted(found, key=lambda one: (one.submission is not None, one.node.name))


def owners_of(*, nodes: "set[uuid.UUID]") -> dict[uuid.UUID, tuple[str, User | None]]:
    """Give the key of the initiatives among some places, and who answers for their budget."""
    rows = Initiative.objects.filter(node__in=nodes).select_related(
        "business_owner", "technical_owner", "program_manager", "sponsor"
    )
    return {
        row.node_id: (
            row.key,
            row.business_owner or row.program_manager or row.technical_owner or row.sponsor,
        )
        for row in rows
    }


def budget_alerts(*, viewer: User, fiscal_year: int | None = None) -> QuerySet[BudgetAlert]:
    """Give the alerts that were raised, newest first."""
    found = BudgetAlert.objects.visible_to(viewer, "money.view").select_related(
        "node", "owner", "plan"
    )
    if fiscal_year is not None:
        found = found.filter(plan__fiscal_year=fiscal_year)
    return found.order_by("-created_at", "-pk")
