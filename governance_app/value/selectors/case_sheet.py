"""One version of a business case laid out by period, with what it returns as promised."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from governance_app.domain import periods, roi
from governance_app.domain.money import EXACT, exact_sum
from governance_app.people.models import User
from governance_app.value import choices
from governance_app.value.models import BusinessCase, CaseLine
from governance_app.value.selectors.months import MONEY_TYPES

#: How the months of a case may be put together.
SPANS = {"month": "Months", "quarter": "Quarters", "year": "Fiscal years"}
#: Low counts benefits at their low and costs at their high, high the other way round; a line
#: without a range counts as likely in all of them.
SCENARIOS = {"low": "Low", "likely": "Likely", "high": "High"}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One category: an amount per period, None where the case has no line; and their sum."""

    side: str
    category: str
    amounts: tuple[Decimal | None, ...]
    total: Decimal
    counts: bool = True


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """
    A case by category and period, in its own currency.

    ``costs``, ``benefits`` and ``net`` are sums by period; avoided, soft and qualitative
    benefits stand in ``rows`` and count in none of them, nor in ``returns``. ``running`` adds
    ``net`` up.
    """

    periods: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    costs: SheetRow
    benefits: SheetRow
    net: tuple[Decimal, ...]
    running: tuple[Decimal, ...]
    returns: roi.Returns


def case_lines(*, case: BusinessCase, viewer: User) -> QuerySet[CaseLine]:
    """Give the lines of a version by side, category and month."""
    found = CaseLine.objects.visible_to(viewer, "money.view").filter(case=case)
    return found.order_by("-side", "category", "month", "pk")


def case_sheet(
    *,
    case: BusinessCase,
    viewer: User,
    span: str = "quarter",
    fiscal_start_month: int = 1,
    scenario: str = "likely",
) -> CaseSheet:
    """
    Lay out a version, every period between its first and its last line included.

    Args:
        span: a key of ``SPANS``.
        fiscal_start_month: where quarters and years begin.
        scenario: a key of ``SCENARIOS``.

    Returns:
        Exact sums. The returns count what counts in the promise: costs against hard
        benefits, at the rate and from the month that the case names.
    """
    lines = list(case_lines(case=case, viewer=viewer))
    for line in lines:
        line.amount = amount_in(line, scenario)
    name = _namer(span, fiscal_start_month)
    months = [line.month for line in lines]
    every = periods.month_range(min(months), max(months)) if months else []
    labels = tuple(dict.fromkeys(name(month) for month in every))
    order = [("cost", slug) for slug in choices.COST_CATEGORIES]
    order += [("benefit", slug) for slug in choices.BENEFIT_TYPES]
    rows = []
    for side, category in order:
        own = [line for line in lines if line.side == side and line.category == category]
        if own:
            counts = side == "cost" or category in MONEY_TYPES
            rows.append(_row(side, category, own, labels, name, counts=counts))
    costs = _total("cost", rows, labels)
    benefits = _total("benefit", rows, labels)
    net = tuple(
        EXACT.subtract(gain or Decimal(0), cost or Decimal(0))
        for gain, cost in zip(benefits.amounts, costs.amounts, strict=True)
    )
    return CaseSheet(
        periods=labels,
        rows=tuple(rows),
        costs=costs,
        benefits=benefits,
        net=net,
        running=tuple(exact_sum(net[: place + 1]) for place in range(len(net))),
        returns=_returns(case, lines),
    )


def amount_in(line: CaseLine, scenario: str) -> Decimal:
    """Give what a line counts in a scenario; never saved."""
    if scenario == "likely":
        return line.amount
    end = line.low if (scenario == "low") == (line.side == "benefit") else line.high
    return line.amount if end is None else end


def _namer(span: str, start: int) -> Callable[[dt.date], str]:
    """Give how a month is put into its period, in words."""

    def label(month: dt.date) -> str:
        if span == "month":
            return f"{month:%b %Y}"
        year = periods.fiscal_year(month, start_month=start)
        words = periods.fiscal_label(year, start_month=start)
        if span == "year":
            return words
        return f"Q{(month.month - start) % 12 // 3 + 1} {words}"

    return label


def _row(
    side: str,
    category: str,
    lines: list[CaseLine],
    labels: tuple[str, ...],
    name: Callable[[dt.date], str],
    *,
    counts: bool,
) -> SheetRow:
    cells: dict[str, list[Decimal]] = {}
    for line in lines:
        cells.setdefault(name(line.month), []).append(line.amount)
    amounts = tuple(exact_sum(cells[label]) if label in cells else None for label in labels)
    return SheetRow(side, category, amounts, exact_sum(line.amount for line in lines), counts)


def _total(side: str, rows: list[SheetRow], labels: tuple[str, ...]) -> SheetRow:
    own = [row for row in rows if row.side == side and row.counts]
    sums = []
    for place in range(len(labels)):
        known = [amount for row in own if (amount := row.amounts[place]) is not None]
        sums.append(exact_sum(known) if known else None)
    return SheetRow(side, "", tuple(sums), exact_sum(row.total for row in own))


def _returns(case: BusinessCase, lines: list[CaseLine]) -> roi.Returns:
    nothing = Decimal(0)
    flows = [
        roi.MonthFlow(
            line.month,
            line.amount if line.side == "cost" else nothing,
            line.amount if line.category in MONEY_TYPES else nothing,
        )
        for line in lines
    ]
    return roi.returns(
        flows,
        annual_rate=case.annual_rate,
        valuation_month=case.valuation_month,
        go_live_month=case.go_live_month,
    )
