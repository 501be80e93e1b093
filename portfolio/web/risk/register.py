"""The page Risk: where risks stand by likelihood and impact, and the register of all of them."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from governance_app.domain import risk as words
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.risk import scoring
from governance_app.risk import selectors as risks
from portfolio.charts import spelling
from portfolio.charts.wording import said as translated
from portfolio.charts.wording import worded, worded_count
from portfolio.web.access import page, viewer_of
from portfolio.web.htmx import render_fragment

PAGE_SIZE = 50
TEMPLATE = "risk/page.html"
STEPS = range(1, 6)
LIKELIHOODS = {
    1: phrase("rare"), 2: phrase("unlikely"), 3: phrase("possible"), 4: phrase("likely"),
    5: phrase("almost certain"),
}  # fmt: skip
IMPACTS = {
    1: phrase("negligible"), 2: phrase("minor"), 3: phrase("moderate"), 4: phrase("major"),
    5: phrase("severe"),
}  # fmt: skip
UNKNOWN = "unknown"
CONFIDENCES = (phrase("high"), phrase("medium"), phrase("low"))


@page("view")
@require_GET
def register(request: HttpRequest) -> HttpResponse:
    """Show heat map and register; the address holds every filter."""
    viewer, today = viewer_of(request), timezone.localdate()
    every = risks.risks(viewer=viewer)
    if request.GET.get("part") == "units":
        counted = [
            {"unit": each, "worst": words.level_name(each.worst)}
            for each in risks.by_unit(rows=every)
        ]
        exposure = risks.exposure(viewer=viewer, on=today) if access.sees_money(viewer) else None
        return render(request, "risk/units.html", {"by_unit": counted, "exposure": exposure})
    wanted = _wanted(request)
    rows = _narrowed(every, wanted, today)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": shown,
        "lines": lines(list(shown), today),
        "wanted": wanted,
        "chips": _chips(request, wanted),
        "categories": words.CATEGORIES,
        "levels": {str(level): name for level, name in sorted(words.LEVELS.items(), reverse=True)},
        "confidences": CONFIDENCES,
        **_map(every, today, wanted, is_residual=wanted["map"] != "inherent"),
        "counts": risks.counts(rows=every, on=today),
        "waiting": [row for row in risks.acceptances(viewer=viewer)[:20] if row.is_granted is None],
        "signals": risks.signals(viewer=viewer).count(),
        "may_edit": access.can_anywhere(viewer, "risk.edit"),
    }
    fragment = "results" if request.headers.get("HX-Target") == "results" else ""
    return render_fragment(request, TEMPLATE, fragment, context)


def _wanted(request: HttpRequest) -> dict[str, str]:
    """Understand the address; what makes no sense in it is left out, never an error."""
    get = request.GET
    known = {
        "category": words.CATEGORIES,
        "level": {UNKNOWN, *(str(level) for level in words.LEVELS)},
        "confidence": CONFIDENCES,
        "only": {"above", "accepted", "due", "nobody"},
        "map": {"inherent"},
        "likelihood": {str(step) for step in STEPS},
        "impact": {str(step) for step in STEPS},
    }
    found = {
        name: value if (value := get.get(name, "")) in values else ""
        for name, values in known.items()
    }
    if not (found["likelihood"] and found["impact"]):
        found["likelihood"] = found["impact"] = ""
    return {**found, "q": get.get("q", "").strip()[:200]}


def _narrowed(rows: QuerySet[Any], wanted: dict[str, str], today: dt.date) -> QuerySet[Any]:
    if wanted["category"]:
        rows = rows.filter(category=wanted["category"])
    if wanted["level"]:
        is_known = wanted["level"] != UNKNOWN
        rows = rows.filter(residual=int(wanted["level"]) if is_known else None)
    if wanted["confidence"]:
        rows = rows.filter(confidence=wanted["confidence"])
    if wanted["likelihood"]:
        names = risks.STEPS if wanted["map"] else ("likelihood_now", "impact_now")
        cell = (int(wanted["likelihood"]), int(wanted["impact"]))
        rows = rows.filter(**dict(zip(names, cell, strict=True)))
    if wanted["only"] == "above":
        rows = rows.filter(risks.is_above())
    elif wanted["only"] == "accepted":
        rows = rows.filter(risks.is_accepted(on=today))
    elif wanted["only"] == "due":
        rows = rows.filter(risks.is_overdue(on=today))
    elif wanted["only"] == "nobody":
        rows = rows.filter(owner=None)
    for word in wanted["q"].split():
        rows = rows.filter(title__icontains=word) | rows.filter(initiative__name__icontains=word)
    return rows


def lines(rows: list[Any], today: dt.date) -> list[dict[str, Any]]:
    """Write risks as lines of a register."""
    return [
        {
            "risk": row,
            "category": words.CATEGORIES[row.category],
            "inherent": words.level_name(row.inherent),
            "residual": words.level_name(row.residual),
            "appetite": words.LEVELS[row.appetite].lower() if row.appetite else "",
            "is_above": (
                row.residual is not None
                and row.appetite is not None
                and row.residual > row.appetite
            ),
            "due": row.review_due_on,
            "is_late": row.review_due_on is None or row.review_due_on < today,
        }
        for row in rows
    ]


def _map(
    every: QuerySet[Any], today: dt.date, wanted: dict[str, str], *, is_residual: bool
) -> dict[str, Any]:
    """Lay the heat map out: likelihood downwards from 5, impact to the right from 1."""
    counts = risks.heat_map(rows=every, is_residual=is_residual)
    grid = scoring.grid_in_force(today)
    chosen = (wanted["likelihood"], wanted["impact"])
    rows = []
    for likelihood in reversed(STEPS):
        cells = []
        for impact in STEPS:
            level = words.level_of(likelihood, impact, grid)
            cells.append(
                {
                    "likelihood": likelihood,
                    "impact": impact,
                    "level": level,
                    "words": words.LEVELS[level].lower(),
                    "count": counts.get((likelihood, impact), 0),
                    "is_chosen": chosen == (str(likelihood), str(impact)),
                }
            )
        rows.append({"step": likelihood, "label": LIKELIHOODS[likelihood], "cells": cells})
    placed = sum(counts.values())
    high = sum(
        count
        for (likelihood, impact), count in counts.items()
        if words.level_of(likelihood, impact, grid) >= 4
    )
    return {
        "map": rows,
        "impacts": IMPACTS,
        "is_residual": is_residual,
        "placed": placed,
        "map_words": _map_words(placed, high, is_residual=is_residual),
    }


def _map_words(placed: int, high: int, *, is_residual: bool) -> str:
    when = worded("after controls and signals") if is_residual else worded("before controls")
    if not placed:
        return worded("No risk has been assessed yet")
    said = spelling.plural(placed, "assessed risk")
    if not high:
        return worded("None of {said} is high or very high {when}", said=said, when=when)
    return worded_count(
        "{count} of {said} is high or very high {when}",
        "{count} of {said} are high or very high {when}",
        count=high,
        said=said,
        when=when,
    )


def _chips(request: HttpRequest, wanted: dict[str, str]) -> list[dict[str, str]]:
    """Give each filter in words with the address that takes it away."""
    said = {
        "category": words.CATEGORIES.get(wanted["category"], ""),
        "level": worded("not assessed")
        if wanted["level"] == UNKNOWN
        else (
            worded("residual {level}", level=translated(words.LEVELS[int(wanted["level"])]).lower())
            if wanted["level"]
            else ""
        ),
        "confidence": worded("{confidence} confidence", confidence=translated(wanted["confidence"]))
        if wanted["confidence"]
        else "",
        "only": {
            "above": worded("above appetite"),
            "accepted": worded("accepted for a time"),
            "due": worded("review overdue"),
            "nobody": worded("nobody owns it"),
        }.get(wanted["only"], ""),
        "q": f"“{wanted['q']}”" if wanted["q"] else "",
    }
    if wanted["likelihood"]:
        said["likelihood"] = worded(
            "likelihood {likelihood}, impact {impact}",
            likelihood=wanted["likelihood"],
            impact=wanted["impact"],
        )
    chips = []
    for name, text in said.items():
        if text:
            query = request.GET.copy()
            for gone in (name, "page", *(["impact"] if name == "likelihood" else [])):
                query.pop(gone, None)
            chips.append({"words": text, "without": f"?{query.urlencode()}"})
    return chips
