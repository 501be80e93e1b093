"""The page Returns: every return on every rung, of a place, in a currency, as of a day."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import selectors as people
from governance_app.rollups import selectors as rollups
from portfolio.charts.wording import said, worded
from portfolio.web.access import found, page, viewer_of

RUNGS = {
    "promised": phrase("Promised"),
    "claimed": phrase("Claimed"),
    "measured": phrase("Measured"),
    "validated": phrase("Validated"),
    "banked": phrase("Banked"),
}
#: Label, slug of the passport, field of the returns, how it is written.
FIGURES = (
    (phrase("Net benefit"), "net", "net_benefit", "money"),
    ("ROI", "roi", "roi_ratio", "percent"),
    (phrase("Net present value"), "npv", "npv", "money"),
    (phrase("Internal rate of return"), "irr", "irr_ratio", "percent"),
    (phrase("Payback, months"), "payback", "payback_months", "number"),
    (phrase("Discounted payback, months"), "dpayback", "discounted_payback_months", "number"),
    (phrase("Benefit-cost ratio"), "bcr", "bcr", "ratio"),
    (phrase("Profitability index"), "pi", "pi", "ratio"),
)
#: Label, slug behind ``togo_``, what it says.
TO_GO = (
    (phrase("Spent so far"), "sunk_cost", phrase("sunk: shown, in none of the figures beside it")),
    (phrase("Cost to go"), "cost", phrase("as the case plans it, exit included")),
    (phrase("Benefit to go"), "benefit", phrase("as the case promises it")),
    (phrase("Worth of going on"), "npv", phrase("discounted")),
    (phrase("Losses of priced risks"), "loss", phrase("expected, with the chances of its stages")),
    (phrase("With the chances of its stages"), "rnpv", phrase("what is decided on at a gate")),
)


@page("money.view")
@require_GET
def returns(request: HttpRequest) -> HttpResponse:
    """Show what a place returns."""
    viewer = viewer_of(request)
    asked = request.GET.get("of", "")
    initiative = node = None
    name, subject = worded("Everything you may see"), "portfolio"
    if asked.upper().startswith("AI-"):
        initiative = found(initiatives.initiative(viewer=viewer, key=asked.upper()))
        name, subject = f"{initiative.key} {initiative.name}", initiative.key
    elif asked:
        node = found(next((u for u in people.units(viewer=viewer) if str(u.pk) == asked), None))
        name, subject = node.name, str(node.pk)
    at = rollups.moment(now=timezone.now(), as_of=_day(request.GET.get("as_of", "")))
    known = rollups.currencies(on=at.on)
    currency = request.GET.get("currency", viewer.currency)
    currency = currency if currency in known else at.currency
    told = rollups.returns_of(
        viewer=viewer, as_of=at, initiative=initiative, node=node, currency=currency
    )
    is_kept = currency == at.currency
    context = {
        "name": name,
        "asked": asked,
        "at": at,
        "as_of": request.GET.get("as_of", ""),
        "currency": currency,
        "currencies": known,
        "units": [unit for unit in people.units(viewer=viewer) if unit.depth <= 2],
        "programmes": list(rollups.programmes(viewer=viewer)),
        "told": told,
        "rungs": RUNGS.values(),
        "lines": _lines(told, subject, is_kept, at) if told else [],
        "to_go": _to_go(told, subject, is_kept, at) if told else [],
        "windows": _windows(told) if told else [],
        "completion": _completion(told, subject, is_kept, at) if told else [],
        "unit_lines": _unit(told) if told and told.unit else [],
    }
    return render(request, "value/returns.html", context)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _passport(figure: str, subject: str, is_kept: bool, at: Any) -> str:
    """Give the address of a passport; figures in another currency are opened in the kept one."""
    if not is_kept:
        return ""
    address = reverse("passport", args=[figure, subject])
    return f"{address}?as_of={at.on.isoformat()}" if at.note else address


def _lines(told: Any, subject: str, is_kept: bool, at: Any) -> list[dict[str, Any]]:
    lines = []
    for label, slug, field, look in FIGURES:
        cells = []
        for rung, words in RUNGS.items():
            own = told.rungs.get(rung)
            value: Any = None if own is None else getattr(own, field)
            reason = told.reasons.get(rung, "")
            warnings: tuple[str, ...] = ()
            if hasattr(value, "reason"):
                value, reason, warnings = value.value, value.reason, value.warnings
            cells.append(
                {
                    "rung": words,
                    "value": value,
                    "reason": reason,
                    "warnings": " ".join(said(warning) for warning in warnings),
                    "passport": _passport(f"{slug}_{rung}", subject, is_kept, at),
                }
            )
        lines.append({"label": label, "look": look, "cells": cells})
    return lines


def _to_go(told: Any, subject: str, is_kept: bool, at: Any) -> list[dict[str, Any]]:
    lines = []
    for label, slug, words in TO_GO:
        figure = told.to_go.get(slug)
        lines.append(
            {
                "label": label,
                "words": words,
                "value": figure.value if figure else None,
                "reason": figure.reason if figure else worded("Nothing is recorded."),
                "warnings": figure.warnings if figure else (),
                "passport": _passport(f"togo_{slug}", subject, is_kept, at),
            }
        )
    return lines


def _windows(told: Any) -> list[dict[str, Any]]:
    return [
        {
            "window": window,
            "cells": [
                {"rung": words, "value": window.covers[rung].value,
                 "reason": window.covers[rung].reason}
                for rung, words in RUNGS.items()
            ],
        }
        for window in told.windows
    ]  # fmt: skip


def _completion(told: Any, subject: str, is_kept: bool, at: Any) -> list[dict[str, Any]]:
    done = told.completion
    return [
        {
            "label": label,
            "look": look,
            "value": figure.value,
            "reason": figure.reason,
            "passport": _passport(f"completion_{slug}", subject, is_kept, at),
        }
        for label, slug, look, figure in (
            (worded("Realisation"), "realisation", "percent", done.realisation),
            (worded("Cost at completion"), "cost", "money", done.cost),
            (worded("Benefit at completion"), "benefit", "money", done.benefit),
        )
    ]


def _unit(told: Any) -> list[dict[str, Any]]:
    unit = told.unit
    return [
        {"label": worded("Cost of an accepted outcome"), "look": "money", **_told(unit.cost)},
        {"label": worded("Worth of an accepted outcome"), "look": "money", **_told(unit.worth)},
        {"label": worded("Outcomes that break even"), "look": "count", **_told(unit.break_even)},
    ]


def _told(figure: Any) -> dict[str, Any]:
    return {"value": figure.value, "reason": figure.reason}
