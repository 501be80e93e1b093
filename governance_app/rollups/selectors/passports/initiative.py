"""Passports of one initiative: a month's inputs, sums of months, returns, KPIs, risk."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from governance_app.domain import roi
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import months_between
from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.domain.risk import CATEGORIES, level_name
from governance_app.initiatives.models import Initiative
from governance_app.risk.models import Risk
from governance_app.rollups import cash
from governance_app.rollups.models import InitiativeMonth, InitiativeNow
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import catalogue, cells, flows
from governance_app.rollups.selectors.passports.papers import Line, Passport, inside
from governance_app.rollups.selectors.passports.sources import Sources
from governance_app.rollups.selectors.passports.subjects import (
    FOREVER,
    NoPassport,
    Subject,
    name_of,
    window,
)
from governance_app.rollups.selectors.returns import kept_flows
from governance_app.value.models import BusinessCase, Kpi


def passport_of(figure: str, about: Subject, initiative: Initiative, at: Moment) -> Passport:
    spec = catalogue.sum_of(figure)
    if spec is not None and not spec.window:
        return _month(figure, spec, about, initiative, at)
    now = InitiativeNow.objects.known_at(at.known_at).filter(initiative=initiative).first()
    if now is None:
        raise NoPassport(f"No figures have been worked out for {initiative.key} yet.")
    base = Passport(
        figure=figure,
        subject=about.text,
        title="",
        about=about.name,
        formula="",
        value=None,
        kind="money",
        currency=now.currency,
        known_from=now.known_from,
        note=at.note,
    )
    if spec is not None:
        return _sum(base, spec, about, now, at)
    returned = catalogue.return_of(figure)
    if returned is not None:
        return _return(base, *returned, about, now, at)
    maker = {
        "efficiency_gain": _efficiency,
        "risk_level": _risk,
        "to_go": _to_go,
        "awaiting_validation": _awaiting,
        "awaiting_avoided": _awaiting,
    }.get(figure)
    if maker is None:
        raise NoPassport(f"{catalogue.OTHERS[figure][0]} is a figure of the portfolio.")
    title, formula = catalogue.OTHERS[figure]
    return maker(replace(base, title=title, formula=formula), about, now, at)


def _month(
    figure: str, spec: catalogue.Sum, about: Subject, initiative: Initiative, at: Moment
) -> Passport:
    """The inputs of one cell: loads, rules, rates, case lines, benefits."""
    month = about.month or at.through
    row = (
        InitiativeMonth.objects.known_at(at.known_at)
        .filter(initiative=initiative, month=month)
        .first()
    )
    value = getattr(row, spec.column) if row else None
    sources = Sources.of([row.made_from] if row else [])
    lines = cells.lines(row, spec.column, sources) if row else []
    reason = row.reasons.get(spec.column, "") if row else ""
    unknown = sum(line.value is None for line in lines)
    return Passport(
        figure=figure,
        subject=about.at_month(month),
        title=in_a_row(",", [spec.title, month_words(month)]),
        about=about.name,
        formula=spec.formula,
        value=value,
        kind="money",
        currency=row.currency if row else "",
        reason=reason
        or ("" if value is not None else phrase("Nothing is recorded for the month.")),
        lines=tuple(lines),
        left_out=tuple(dict.fromkeys(line.reason for line in lines if line.reason)),
        completeness=(
            phrase("{known} of {count} inputs known", known=len(lines) - unknown, count=len(lines))
            if lines
            else ""
        ),
        confidence=cells.confidence(row, spec.column, sources) if row else "",
        known_from=row.known_from if row else None,
        note=at.note,
    )


def _sum(
    base: Passport, spec: catalogue.Sum, about: Subject, now: InitiativeNow, at: Moment
) -> Passport:
    """A sum lists its months; each opens its own passport."""
    first, last = window(spec.window, now.through, at)
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        initiative=now.initiative_id, month__lte=last
    )
    if first is not None:
        rows = rows.filter(month__gte=first)
    name = name_of(spec.column)
    lines = []
    rows = rows.order_by("month")
    for row in rows:
        value, reason = getattr(row, spec.column), row.reasons.get(spec.column, "")
        if value is None and not reason:
            continue
        lines.append(
            Line(
                label=month_words(row.month),
                value=value,
                currency=row.currency,
                figure=name,
                subject=about.at_month(row.month),
                reason=reason,
            )
        )
    value = getattr(now, base.figure, None)
    if not hasattr(now, base.figure) and lines:
        # A part of the cost has no sum of its own to stand in a table: its months are the sum.
        value = None if any(line.reason for line in lines) else _added(lines)
    known = sum(line.value is not None for line in lines)
    if spec.column == "cost":
        lines += _parts_of_spend(spec, about, rows)
    left_out = tuple(
        phrase("{what}: {reason}", what=line.label, reason=inside(line.reason))
        for line in lines
        if line.reason
    )
    return replace(
        base,
        title=spec.words,
        formula=phrase(
            "{formula}; summed over months to {month}",
            formula=spec.formula,
            month=month_words(last),
        )
        if last != FOREVER
        else phrase(
            "{formula}; summed over the months after {month}",
            formula=spec.formula,
            month=month_words(now.through),
        ),
        value=value,
        reason=now.reasons.get(base.figure, ""),
        lines=tuple(lines),
        left_out=left_out,
        completeness=(
            phrase("{known} of {count} months known", known=known, count=len(lines))
            if lines
            else ""
        ),
        stale=_stale(now, at) if spec.column.startswith("measured") else "",
    )


def _added(lines: list[Line]) -> Decimal:
    return exact_sum(line.value for line in lines if isinstance(line.value, Decimal))


def _parts_of_spend(
    spec: catalogue.Sum, about: Subject, rows: QuerySet[InitiativeMonth]
) -> list[Line]:
    """Give what of a total came from bills, people and so on, where it came from several."""
    lines = []
    for figure, part in catalogue.PARTS_OF_SPEND.items():
        column = catalogue.COLUMNS[figure][0]
        amounts = [getattr(row, column) for row in rows if getattr(row, column) is not None]
        if amounts:
            lines.append(
                Line(
                    phrase("Of it: {part}", part=part), exact_sum(amounts),
                    currency=rows[0].currency, figure=f"{figure}_{spec.window}",
                    subject=about.text.partition("@")[0], is_part=False,
                )
            )  # fmt: skip
    return lines if len(lines) > 1 else []


def _stale(now: InitiativeNow, at: Moment) -> str:
    if not now.is_stale(at.on) or now.stale_from_on is None:
        return ""
    if now.stale_from_on.year < 2000:
        return phrase("A KPI was never read.")
    return phrase("A KPI has been overdue since {day}.", day=now.stale_from_on)


def _return(
    base: Passport, name: str, rung: str, about: Subject, now: InitiativeNow, at: Moment
) -> Passport:
    title, formula, kind = catalogue.RETURNS[name]
    found: dict[str, Any] = now.returns[rung][catalogue.RETURN_KEYS[name]]
    value = found["value"]
    if rung == "promised":
        cost_figure, benefit_figure, through = (
            "planned_cost", "promised", phrase("over its whole life")
        )  # fmt: skip
    else:
        cost_figure, benefit_figure = "spend_to_date", f"{rung}_to_date"
        through = phrase("to {month}", month=month_words(now.through))
    benefit = getattr(now, f"{rung}_to_date")
    lines: list[Line] = []
    if rung == "promised":
        months = InitiativeMonth.objects.known_at(now.known_from).filter(
            initiative=now.initiative_id
        )
        cost, benefit = (
            sum((v for v in months.values_list(column, flat=True) if v is not None), Decimal(0))
            for column in ("promised_cost", "promised")
        )
    else:
        cost = now.spend_to_date
    subject = about.text.partition("@")[0]
    has_own = rung != "promised"
    for label, amount, figure in (
        (
            phrase("Benefit, {rung}, {through}", rung=phrase(rung), through=through),
            benefit,
            benefit_figure,
        ),
        (phrase("Cost {through}", through=through), cost, cost_figure),
    ):
        lines.append(
            Line(
                label, amount, currency=now.currency, is_part=False,
                figure=figure if has_own else "", subject=subject if has_own else "",
            )
        )  # fmt: skip
    paid = now.returns[rung].get("paid", {}).get("value")
    is_cash = has_own and name != "roi" and paid is not None
    if is_cash:
        lines.append(
            Line(
                phrase("Paid {through}", through=through),
                Decimal(paid),
                currency=now.currency,
                is_part=False,
                where=cash.WORDS,
            )
        )
        formula = flows.as_paid(formula)
    case = now.made_from.get("case")
    if name != "roi" and not found["reason"]:
        told = _flows(rung, about, now, at)
        start = told.valuation_month or now.through
        out = flows.COST if rung == "promised" else flows.PAID
        lines += [flows.rate(told.annual_rate), flows.starts(start)]
        lines += flows.months(told, now.currency, out)
    return replace(
        base,
        title=phrase("{figure} on {rung} benefit", figure=title, rung=phrase(rung)),
        formula=formula,
        value=Decimal(value) if isinstance(value, str) else value,
        kind=kind,
        reason=found["reason"],
        warnings=tuple(found["warnings"]),
        lines=tuple(lines),
        completeness=(
            phrase("Business case {number}", number=str(case[1]))
            if case and rung == "promised"
            else phrase("Paid is {what}", what=cash.WORDS)
            if is_cash
            else phrase(
                "Cost is what bills charge it (effective), costs typed in, people and open accruals"
            )
        ),
    )


def _flows(rung: str, about: Subject, now: InitiativeNow, at: Moment) -> roi.Returns:
    """Work the months out again that a kept return was worked out from."""
    assert about.initiative is not None
    case = _case(now)
    return roi.returns(
        kept_flows(initiative=about.initiative, rung=rung, as_of=at),
        annual_rate=_rate(now),
        valuation_month=case.valuation_month if case and rung == "promised" else None,
    )


def _case(now: InitiativeNow) -> BusinessCase | None:
    """Give the version of the case that figures were made from; it is frozen."""
    made_from = now.made_from.get("case")
    return BusinessCase.objects.get(pk=made_from[0]) if made_from else None


def _rate(now: InitiativeNow) -> Decimal:
    case = _case(now)
    return case.annual_rate if case else Decimal(now.made_from["annual_rate"])


def _to_go(base: Passport, about: Subject, now: InitiativeNow, at: Moment) -> Passport:
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        initiative=now.initiative_id, month__gt=now.through
    )
    lines = []
    for row in rows.order_by("month"):
        if row.promised is None and row.promised_cost is None:
            continue
        amount = (row.promised or Decimal(0)) - (row.promised_cost or Decimal(0))
        lines.append(
            Line(
                phrase("{month}, undiscounted", month=month_words(row.month)),
                amount,
                currency=row.currency,
                is_part=False,
                where=f"t = {months_between(now.through, row.month)}",
                figure="promised",
                subject=about.at_month(row.month),
            )
        )
    if lines:
        lines = [flows.rate(_rate(now)), flows.starts(now.through), *lines]
    return replace(base, value=now.to_go, reason=now.reasons.get("to_go", ""), lines=tuple(lines))


def _awaiting(base: Passport, about: Subject, now: InitiativeNow, at: Moment) -> Passport:
    count = now.pending_months
    is_hard = base.figure == "awaiting_validation"
    value = now.pending_benefit if is_hard else now.pending_avoided
    return replace(
        base,
        value=value,
        reason="" if value is not None else phrase("Nothing of this type waits for finance."),
        completeness=counted(
            "{count} benefit month of any type not reviewed",
            "{count} benefit months of any type not reviewed",
            count=count,
        ),
    )


def _efficiency(base: Passport, about: Subject, now: InitiativeNow, at: Moment) -> Passport:
    lines = []
    ids = [entry[2] for entry in now.made_from.get("series", [])]
    for kpi in Kpi.objects.filter(pk__in=ids).select_related("series").order_by("created_at"):
        point = (
            kpi.series.points.filter(known_to=None)
            .select_related("recorded_by")
            .order_by("-period_on")
            .first()
        )
        lines.append(
            Line(
                phrase("{kpi}, baseline", kpi=kpi.name),
                kpi.baseline,
                "number",
                kpi.unit,
                kpi.baseline_evidence,
                is_part=False,
                reason="" if kpi.baseline is not None else phrase("No baseline."),
            )
        )
        where: str = ""
        if point is not None:
            where = phrase(
                "read {day} by {person}", day=point.period_on, person=point.recorded_by.name
            )
            where = in_a_row(",", [where, *filter(None, [point.source_ref])])
        read = (
            phrase("{kpi}, newest reading", kpi=kpi.name)
            if kpi.name == now.efficiency_kpi
            else phrase("{kpi}, newest reading (not used)", kpi=kpi.name)
        )
        lines.append(
            Line(
                read, point.value if point else None, "number", kpi.unit, where,
                is_part=False, reason="" if point else phrase("No reading yet."),
            )
        )  # fmt: skip
    return replace(
        base,
        value=now.efficiency_gain,
        kind="percent",
        reason=now.reasons.get("efficiency_gain", ""),
        lines=tuple(lines),
        stale=_stale(now, at),
    )


def _risk(base: Passport, about: Subject, now: InitiativeNow, at: Moment) -> Passport:
    ids = [pk for pk, _ in now.made_from.get("risks", [])]
    rows = Risk.objects.filter(pk__in=ids).select_related("owner")
    lines = [
        Line(
            phrase("{what}: {words}", what=phrase(CATEGORIES[row.category]), words=row.title),
            phrase(level_name(row.residual)),
            kind="level",
            where=phrase(
                "owner {person}, reviewed {day}, confidence {confidence}",
                person=row.owner.name if row.owner else phrase("nobody"),
                day=str(row.reviewed_on) if row.reviewed_on else phrase("never"),
                confidence=phrase(row.confidence),
            ),
            is_part=False,
        )
        for row in sorted(rows, key=lambda row: (-(row.residual or 4.5), row.title))
    ]
    return replace(
        base,
        value=phrase(level_name(now.risk_level)) if now.risk_level is not None else None,
        kind="level",
        currency="",
        reason=now.reasons.get("risk_level", ""),
        lines=tuple(lines),
        confidence=now.risk_confidence,
        completeness=phrase(
            "{count} of {total} risks assessed",
            count=now.risk_count - now.risk_not_assessed,
            total=now.risk_count,
        ),
    )
