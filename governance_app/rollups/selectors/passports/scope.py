"""Passports of a part of the tree: totals by month, months by place, what nobody bears."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from governance_app.domain.periods import add_months
from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeMonth, InitiativeNow, PortfolioMonth
from governance_app.rollups.selectors import home, scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import catalogue, cells
from governance_app.rollups.selectors.passports.papers import (
    Line,
    Passport,
    inside,
    sentence_list,
)
from governance_app.rollups.selectors.passports.sources import Sources
from governance_app.rollups.selectors.passports.subjects import (
    NoPassport,
    Subject,
    name_of,
    window,
)


def passport_of(figure: str, about: Subject, viewer: User, at: Moment) -> Passport:
    permission = "money.view" if catalogue.is_money(figure) else "view"
    within = scope.roots(viewer=viewer, permission=permission, node=about.node)
    if within.is_empty:
        raise NoPassport(f"There is nothing in {about.name} that you may see.")
    rows = scope.months(within=within, at=at)
    spec = catalogue.sum_of(figure)
    if spec is not None:
        if not spec.window or about.month is not None:
            return _scope_month(figure, spec, about, within, at)
        return _scope_sum(figure, spec, about, within, rows, at)
    if figure == "roi_validated":
        return _scope_roi(figure, about, within, rows, at)
    if figure == "forecast_full_year":
        return _scope_forecast(figure, about, viewer, rows, at)
    if figure == "spend_unallocated":
        return _scope_unallocated(figure, about, within, at)
    if figure in ("awaiting_validation", "awaiting_avoided"):
        return _scope_awaiting(figure, about, within, at)
    raise NoPassport(f"{figure} is a figure of an initiative; open one.")


def _paper(figure: str, about: Subject, title: str, formula: str, at: Moment) -> Passport:
    return Passport(
        figure=figure,
        subject=about.text,
        title=title,
        about=about.name,
        formula=formula,
        value=None,
        kind="money",
        currency=at.currency,
        note=at.note,
    )


def _left_out(
    within: scope.Roots, column: str, first: dt.date | None, last: dt.date, at: Moment
) -> tuple[str, ...]:
    """Name the initiatives that a column leaves out, by reason."""
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        initiative__in=within.initiatives_within(), reasons__has_key=column, month__lte=last
    )
    if first is not None:
        rows = rows.filter(month__gte=first)
    by_reason: dict[str, list[str]] = {}
    found = rows.order_by("initiative__number").values_list("initiative__key", "reasons")
    for key, reasons in found:
        keys = by_reason.setdefault(reasons[column], [])
        if key not in keys:
            keys.append(key)
    return tuple(
        phrase("{what}: {reason}", what=sentence_list(keys), reason=inside(reason))
        for reason, keys in by_reason.items()
    )


def _scope_sum(
    figure: str,
    spec: catalogue.Sum,
    about: Subject,
    within: scope.Roots,
    rows: list[scope.MonthSums],
    at: Moment,
) -> Passport:
    """A total lists its months, and for spend what nobody bears beside what initiatives do."""
    first, last = window(spec.window, at.through, at)
    column = "spend" if spec.column == "cost" else spec.column
    name = name_of(spec.column)
    lines = [
        Line(
            month_words(row.month), amount, currency="", figure=name,
            subject=about.at_month(row.month),
        )
        for row in rows
        if (first is None or row.month >= first) and row.month <= last
        if (amount := row.amount(column)) is not None
    ]  # fmt: skip
    if column == "spend":
        lines += _parts_of_spend(spec, about, rows, first, last)
    found = scope.total(rows, column, first, last)
    formula = phrase("{formula}; summed over months.", formula=spec.formula)
    if column == "spend":
        formula = phrase("{formula} Unallocated spend is in it.", formula=formula)
    paper = _paper(figure, about, spec.words, formula, at)
    return replace(
        paper,
        value=found.value,
        reason=found.reason,
        lines=tuple(replace(line, currency=paper.currency) for line in lines),
        left_out=_left_out(within, spec.column, first, last, at),
        completeness=_count(within.initiatives_within().count()),
        known_from=_newest(within, at),
    )


def _parts_of_spend(
    spec: catalogue.Sum,
    about: Subject,
    rows: list[scope.MonthSums],
    first: dt.date | None,
    last: dt.date,
) -> list[Line]:
    """Give what of a total came from bills, people and so on, where it came from several."""
    lines = []
    for figure, part in catalogue.PARTS_OF_SPEND.items():
        column = catalogue.COLUMNS[figure][0]
        value = scope.total(rows, column, first, last).value
        if value is not None:
            label = phrase("Of it, to initiatives: {part}", part=part)
            lines.append(
                Line(
                    label, value, figure=f"{figure}_{spec.window}",
                    subject=about.text.partition("@")[0], is_part=False,
                )
            )  # fmt: skip
    return lines if len(lines) > 1 else []


def _scope_month(
    figure: str, spec: catalogue.Sum, about: Subject, within: scope.Roots, at: Moment
) -> Passport:
    """A month of a part of the tree lists its units, or its initiatives where it has no units."""
    month = about.month or at.through
    column = "spend" if spec.column == "cost" else spec.column
    lines = _by_place(spec.column, within, month, at)
    sums = scope.months(within=within, at=at, first=month, last=month)
    found = scope.total(sums, column, month, month)
    own = sum((line.value for line in lines if isinstance(line.value, Decimal)), Decimal(0))
    paper = _paper(figure, about, in_a_row(",", [spec.title, month_words(month)]), spec.formula, at)
    if found.value is not None and found.value != own and spec.column == "budget":
        lines = [*lines, Line(phrase("Set for the unit itself"), found.value - own)]
    return replace(
        paper,
        subject=about.at_month(month),
        value=found.value,
        reason=found.reason,
        lines=tuple(replace(line, currency=paper.currency) for line in lines),
        left_out=_left_out(within, spec.column, month, month, at),
        known_from=_newest(within, at),
    )


def _by_place(column: str, within: scope.Roots, month: dt.date, at: Moment) -> list[Line]:
    name = name_of(column)
    lines: list[Line] = []
    singles: list[str] = list(within.initiatives)
    for root in within.nodes:
        for child in ScopeNode.objects.filter(parent=root).order_by("name", "pk"):
            if child.kind == ScopeNode.Kind.INITIATIVE:
                singles.append(child.path)
                continue
            row = _portfolio_row(child, month, "allocated", at)
            amount = getattr(row, column) if row else None
            if amount is not None:
                lines.append(
                    Line(child.name, amount, figure=name, subject=f"{child.pk}@{month:%Y-%m}")
                )
        nobody = _portfolio_row(root, month, "unallocated", at) if column == "cost" else None
        if nobody is not None and nobody.cost is not None:
            lines.append(
                Line(
                    phrase("Unallocated"), nobody.cost, figure="spend_unallocated",
                    subject=f"{root.pk}@{month:%Y-%m}",
                )
            )  # fmt: skip
    own = InitiativeMonth.objects.known_at(at.known_at).filter(
        month=month, initiative__node__path__in=singles
    )
    for figures in own.select_related("initiative").order_by("initiative__number"):
        amount = getattr(figures, column)
        if amount is not None:
            lines.append(
                Line(
                    str(figures.initiative), amount, figure=name,
                    subject=f"{figures.initiative.key}@{month:%Y-%m}",
                )
            )  # fmt: skip
    return lines


def _portfolio_row(node: ScopeNode, month: dt.date, part: str, at: Moment) -> PortfolioMonth | None:
    rows = PortfolioMonth.objects.known_at(at.known_at)
    return rows.filter(node=node, month=month, part=part).first()


def _scope_roi(
    figure: str, about: Subject, within: scope.Roots, rows: list[scope.MonthSums], at: Moment
) -> Passport:
    title, formula, kind = catalogue.RETURNS["roi"]
    benefit = scope.total(rows, "validated", None, at.through)
    cost = scope.total(rows, "spend", None, at.through)
    found = home.roi_to(rows, at.through)
    paper = _paper(
        figure,
        about,
        phrase("{figure} on {rung} benefit", figure=title, rung=phrase("validated")),
        formula,
        at,
    )
    subject = about.text.partition("@")[0]
    return replace(
        paper,
        formula=phrase(
            "{formula}, since the start; stopped initiatives and unallocated cost included",
            formula=formula,
        ),
        value=found.value,
        kind=kind,
        reason=found.reason,
        lines=(
            Line(
                phrase("Validated benefit"), benefit.value, currency=paper.currency, is_part=False,
                figure="validated_to_date", subject=subject, reason=benefit.reason,
            ),
            Line(
                phrase("Cost"), cost.value, currency=paper.currency, is_part=False,
                figure="spend_to_date", subject=subject, reason=cost.reason,
            ),
        ),
        left_out=_left_out(within, "cost", None, at.through, at)
        + _left_out(within, "validated", None, at.through, at),
        known_from=_newest(within, at),
    )  # fmt: skip


def _scope_forecast(
    figure: str, about: Subject, viewer: User, rows: list[scope.MonthSums], at: Moment
) -> Passport:
    title, formula = catalogue.OTHERS[figure]
    window = at.window
    spent = scope.total(rows, "spend", window.year_first, window.through)
    expected, low, high, error = home.full_year(rows, at, spent.value)
    ahead = home.rest_of_year(rows, at).value
    paper = _paper(figure, about, title, formula, at)
    subject = about.text.partition("@")[0]
    lines = [
        Line(phrase("Spend to date"), spent.value, figure="spend_year", subject=subject),
    ]
    for place, month in enumerate(ahead.months if ahead else (), start=1):
        label = phrase("{month}, forecast", month=month_words(add_months(window.through, place)))
        lines.append(Line(label, month.expected))
    return replace(
        paper,
        value=expected.value,
        reason=expected.reason,
        lines=tuple(replace(line, currency=paper.currency) for line in lines),
        confidence=_band(low, high, error, ahead),
    )


def _band(low: Any, high: Any, error: float | None, ahead: Any) -> str:
    """Say how sure a forecast is, how it was tested and by which method it was made."""
    told: str = phrase("Too few earlier months for a band")
    if low is not None and high is not None:
        told = phrase("80 % band {low} to {high}", low=f"{low:,.0f}", high=f"{high:,.0f}")
        if error is not None:
            tested = phrase("mean error in the backtest {share}", share=f"{error:.1%}")
            told = in_a_row(",", [told, tested])
    if ahead is None:
        return told
    return phrase(
        "{band}. {method}. {why}", band=told, method=inside(ahead.method), why=inside(ahead.why)
    )


def _count(initiatives: int) -> str:
    return counted("{count} initiative", "{count} initiatives", count=initiatives)


def _scope_unallocated(figure: str, about: Subject, within: scope.Roots, at: Moment) -> Passport:
    title, formula = catalogue.OTHERS[figure]
    first, last = (about.month, about.month) if about.month else (at.window.year_first, at.through)
    rows = list(
        PortfolioMonth.objects.known_at(at.known_at)
        .filter(node__in=within.nodes, part="unallocated", month__range=(first, last))
        .order_by("month")
    )
    sources = Sources.of(row.made_from for row in rows)
    lines = [
        replace(
            line,
            label=phrase("{what}: {words}", what=f"{row.month:%b %Y}", words=inside(line.label)),
        )
        for row in rows
        for line in cells.lines(row, "cost", sources)
    ]
    known = [row.cost for row in rows if row.cost is not None]
    paper = _paper(figure, about, title, formula, at)
    return replace(
        paper,
        value=sum(known, Decimal(0)) if known else None,
        reason="" if known else phrase("No rule leaves anything unallocated here."),
        lines=tuple(lines),
        left_out=tuple(dict.fromkeys(row.reasons["cost"] for row in rows if "cost" in row.reasons)),
        known_from=max((row.known_from for row in rows), default=None),
    )


def _scope_awaiting(figure: str, about: Subject, within: scope.Roots, at: Moment) -> Passport:
    title, formula = catalogue.OTHERS[figure]
    column = "pending_benefit" if figure == "awaiting_validation" else "pending_avoided"
    rows = (
        InitiativeNow.objects.known_at(at.known_at)
        .filter(initiative__in=within.initiatives_within(), **{f"{column}__isnull": False})
        .select_related("initiative")
        .order_by(f"-{column}", "initiative__number")
    )
    paper = _paper(figure, about, title, formula, at)
    lines = tuple(
        Line(
            str(row.initiative), getattr(row, column), currency=paper.currency, figure=figure,
            subject=row.initiative.key,
        )
        for row in rows
    )  # fmt: skip
    known = [line.value for line in lines if isinstance(line.value, Decimal)]
    return replace(
        paper,
        value=sum(known, Decimal(0)) if known else None,
        reason="" if known else phrase("Nothing waits for finance."),
        lines=lines,
        completeness=_count(len(lines)),
    )


def _newest(within: scope.Roots, at: Moment) -> dt.datetime | None:
    rows = PortfolioMonth.objects.known_at(at.known_at).filter(node__in=within.nodes)
    return rows.order_by("-known_from").values_list("known_from", flat=True).first()
