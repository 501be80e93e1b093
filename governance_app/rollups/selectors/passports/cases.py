"""Passports of business cases: sums by fiscal year, discounted returns by month."""

import uuid
from typing import Any

from governance_app.books import selectors as books
from governance_app.domain.figures import Figure
from governance_app.domain.phrases import in_a_row, phrase
from governance_app.people import access
from governance_app.people.models import User
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import flows
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.returns import NAMES
from governance_app.rollups.selectors.passports.sources import case_words
from governance_app.rollups.selectors.passports.subjects import NoPassport
from governance_app.value import selectors as value

_PREFIX = "case_"
_SUMS = {
    "cost": (phrase("Cost of the case"), "costs"),
    "benefit": (phrase("Hard benefit of the case"), "benefits"),
}


def is_known(figure: str) -> bool:
    """Tell whether a slug names a figure of a version of a business case."""
    name = figure.removeprefix(_PREFIX)
    return figure.startswith(_PREFIX) and (name in NAMES or name in _SUMS)


def passport_of(figure: str, subject: str, viewer: User, at: Moment) -> Passport:
    """Give what a figure of one version is made of: its lines by fiscal year."""
    try:
        case = value.case(viewer=viewer, case_id=uuid.UUID(subject))
    except ValueError:
        case = None
    if case is None:
        raise NoPassport(f"There is no business case {subject!r} that you may see.")
    access.require(viewer, "money.view", case.initiative)
    start = books.fiscal_start_month(on=at.on)
    sheet = value.case_sheet(case=case, viewer=viewer, span="year", fiscal_start_month=start)
    name = figure.removeprefix(_PREFIX)
    if name in _SUMS:
        title, rows = _SUMS[name]
        whole = getattr(sheet, rows)
        return Passport(
            figure=figure,
            subject=subject,
            title=title,
            about=in_a_row(",", [str(case.initiative), case_words(case)]),
            formula=phrase("Sum of its lines by fiscal year"),
            value=whole.total,
            kind="money",
            currency=case.currency,
            note=at.note,
            confidence=case.get_state_display(),
            lines=tuple(
                Line(
                    period,
                    amount,
                    currency=case.currency,
                    where=phrase("version {number}", number=str(case.number)),
                )
                for period, amount in zip(sheet.periods, whole.amounts, strict=True)
                if amount is not None
            ),
        )
    title, formula, kind, field = NAMES[name]
    told: Any = getattr(sheet.returns, field)
    found: Figure[Any] = told if isinstance(told, Figure) else Figure(told)
    is_sum = name == "net"
    lines = [
        Line(period, amount, currency=case.currency, where=phrase("benefit − cost"))
        for period, amount in zip(sheet.periods, sheet.net, strict=True)
        if is_sum
    ]
    beside = [
        *(
            Line(
                label, total, currency=case.currency, is_part=False, figure=made_of,
                subject=subject,
            )
            for label, total, made_of in (
                (phrase("Hard benefit"), sheet.benefits.total, "case_benefit"),
                (phrase("Cost"), sheet.costs.total, "case_cost"),
            )
        ),
        flows.rate(case.annual_rate),
        flows.starts(case.valuation_month),
    ]  # fmt: skip
    if case.go_live_month is not None:
        beside.append(flows.lives(case.go_live_month))
    if name not in ("net", "roi"):
        beside += flows.months(sheet.returns, case.currency, flows.COST)
    return Passport(
        figure=figure,
        subject=subject,
        title=phrase("{figure} of the case", figure=title),
        about=in_a_row(",", [str(case.initiative), case_words(case)]),
        formula=formula,
        value=found.value,
        kind=kind,
        currency=case.currency if kind == "money" else "",
        reason=found.reason,
        warnings=found.warnings,
        lines=(*lines, *beside),
        note=at.note,
        confidence=case.get_state_display(),
    )
