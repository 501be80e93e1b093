"""Versions of a business case: scenarios, assumptions, comparison, and the workbook."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse

from governance_app.books import selectors as books
from governance_app.domain.phrases import phrase
from governance_app.value import choices, services
from governance_app.value import selectors as value
from portfolio.charts.wording import worded
from portfolio.web.access import viewer_of

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Label, the field of the returns, how it is written.
RETURNS = (
    (phrase("Benefit less cost"), "net_benefit", "money"),
    ("ROI", "roi_ratio", "percent"),
    (phrase("Net present value"), "npv", "money"),
    (phrase("Internal rate of return"), "irr_ratio", "percent"),
    (phrase("Payback, months"), "payback_months", "number"),
    (phrase("Discounted payback, months"), "discounted_payback_months", "number"),
    (phrase("Benefit-cost ratio"), "bcr", "ratio"),
    (phrase("Profitability index"), "pi", "ratio"),
)


def about(request: HttpRequest, chosen: Any, versions: list[Any], today: dt.date) -> dict[str, Any]:
    """Give what stands below the sheet of a version."""
    viewer = viewer_of(request)
    rows = value.assumptions(case=chosen, viewer=viewer)
    return {
        "scenarios": _scenarios(chosen, viewer, today),
        "rests_on": [_assumption(row) for row in rows],
        "original": value.original_case(case=chosen, viewer=viewer),
        "comparison": _comparison(request, chosen, versions),
        "others": [case for case in versions if case.pk != chosen.pk],
    }


def _assumption(row: Any) -> dict[str, Any]:
    return {"row": row, "factor": choices.FACTORS[row.factor] if row.factor else ""}


def _scenarios(chosen: Any, viewer: Any, today: dt.date) -> dict[str, Any] | None:
    """Give every return in every scenario; None where no line has a range."""
    sheets = value.scenario_sheets(
        case=chosen, viewer=viewer, fiscal_start_month=books.fiscal_start_month(on=today)
    )
    if not sheets:
        return None
    return {
        "heads": list(value.SCENARIOS.values()),
        "lines": [
            {
                "label": label,
                "look": look,
                "cells": [_cell(getattr(sheet.returns, name)) for sheet in sheets.values()],
            }
            for label, name, look in RETURNS
        ],
    }


def _cell(figure: Any) -> dict[str, Any]:
    """Give a figure, or an exact sum, as value and reason."""
    if hasattr(figure, "reason"):
        return {"value": figure.value, "reason": figure.reason}
    return {"value": figure, "reason": ""}


def _comparison(request: HttpRequest, chosen: Any, versions: list[Any]) -> dict[str, Any] | None:
    asked = request.GET.get("against", "")
    other = next(
        (
            case
            for case in versions
            if asked.isdigit() and case.number == int(asked) and case.pk != chosen.pk
        ),
        None,
    )
    if other is None:
        return None
    found = value.compare(one=chosen, other=other, viewer=viewer_of(request))
    return {
        "found": found,
        "lines": [
            {
                "side": choices.SIDES[line.side],
                "label": _words(line.side, line.category),
                "line": line,
            }
            for line in found.lines
        ],
        "returns": [
            {
                "label": label,
                "look": look,
                "before": _cell(getattr(found.returns_before, name)),
                "after": _cell(getattr(found.returns_after, name)),
            }
            for label, name, look in RETURNS
        ],
        "moved": [each for each in found.assumptions if each.is_changed],
    }


def _words(side: str, category: str) -> str:
    words = choices.COST_CATEGORIES if side == "cost" else choices.BENEFIT_TYPES
    return words[category].split(":")[0]


def workbook(request: HttpRequest, row: Any, case: Any) -> HttpResponse:
    """Give a version as a workbook to keep, change and upload again."""
    content = value.case_book(case=case, viewer=viewer_of(request))
    response = HttpResponse(content, content_type=WORKBOOK)
    name = f"{row.key}-business-case-{case.number}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def rebaseline(request: HttpRequest, case: Any) -> str:
    """Begin the next version as a copy; give the sentence to show in passing."""
    draft = services.rebaseline(case=case, by=viewer_of(request))
    return worded(
        "{draft} begun as a copy of {case}, which stays as it is.",
        draft=draft,
        case=case,
    )
