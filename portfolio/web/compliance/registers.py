"""Inventories as regulators want them, and the register of third parties."""

from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance_app.compliance import selectors
from governance_app.compliance.reading import EU_AI_ACT, OMB, content_of
from governance_app.people import access
from portfolio.charts.wording import said, worded
from portfolio.web.access import page, viewer_of
from portfolio.web.compliance.coverage import TABS

SHOWN = 50
#: scheme -> the sheet that exports it whole.
SHEETS = {EU_AI_ACT: "eu_register", OMB: "omb_inventory"}
#: Columns that the page shows; the export holds all.
ON_PAGE = 8
#: Columns whose cells are words of the program; the others hold names, days and amounts.
WORDS = {"ai_type", "stage", "tier", "is_critical", "has_subcontractors", "substitutability"}


@page("view")
@require_GET
def inventory(request: HttpRequest) -> HttpResponse:
    """Show the inventory of a scheme by tier, the first rows of it, and the way to all of it."""
    viewer = viewer_of(request)
    scheme = request.GET.get("scheme", EU_AI_ACT)
    scheme = scheme if scheme in SHEETS else EU_AI_ACT
    library = selectors.library(viewer=viewer, key=scheme)
    tiers = content_of(library).tree.tiers if library else ()
    counts = selectors.tier_counts(viewer=viewer, scheme=scheme)
    known = {tier.slug for tier in tiers} | {"unknown"}
    tier = request.GET.get("tier", "")
    tier = tier if tier in known else ""
    entries = selectors.inventory(viewer=viewer, scheme=scheme, tier=tier, limit=SHOWN)
    columns = selectors.inventory_columns(viewer=viewer, scheme=scheme)
    places = [
        place
        for place, column in enumerate(columns)
        if column.source
        in ("unit", "ai_type", "stage", "tier", "roles", "owner", "classified_on", "first_duty_on")
    ][:ON_PAGE]
    context = {
        "tabs": TABS,
        "tab": "regulatory-inventory",
        "scheme": scheme,
        "library": library,
        "schemes": [row for row in selectors.libraries(viewer=viewer, kind="classification")
                    if row.key in SHEETS],
        "tier": tier,
        "tiers": [
            *({"slug": each.slug, "name": each.name, "count": counts.get(each.slug, 0)}
              for each in tiers),
            {"slug": "unknown", "name": worded("Unknown"), "count": counts.get("unknown", 0)},
        ],
        "total": sum(counts.values()),
        "titles": [columns[place].title for place in places],
        "lines": [
            {
                "entry": entry,
                "cells": [_cell(columns[place].source, entry.cells[place]) for place in places],
            }
            for entry in islice(entries, SHOWN)
        ],
        "columns": columns,
        "shown": SHOWN,
        "sheet": SHEETS[scheme],
        "may_export": access.can_anywhere(viewer, "export"),
    }  # fmt: skip
    return render(request, "compliance/inventory.html", context)


def _cell(source: str, value: Any) -> Any:
    """Say what a cell holds where its column holds words of the program."""
    if source == "roles":
        return ", ".join(said(role) for role in value.split(", "))
    return said(value) if source in WORDS else value


@page("view")
@require_GET
def third_parties(request: HttpRequest) -> HttpResponse:
    """Show the register of third-party arrangements and the way to the whole of it."""
    viewer = viewer_of(request)
    columns, rows = selectors.third_party_register(viewer=viewer)
    context = {
        "tabs": TABS,
        "tab": "third-parties",
        "titles": [column.title for column in columns],
        "rows": [
            [_cell(column.source, cell) for column, cell in zip(columns, cells, strict=True)]
            for cells in islice(rows, SHOWN)
        ],
        "total": selectors.arrangements(viewer=viewer).count(),
        "shown": SHOWN,
        "may_export": access.can_anywhere(viewer, "export"),
    }
    return render(request, "compliance/third_parties.html", context)
