"""What a unit of work costs: a million tokens, a request, an accepted outcome."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from governance_app.domain.phrases import phrase
from governance_app.spend import selectors
from governance_app.spend.selectors import UnitCost
from portfolio.charts.wording import called
from portfolio.web.access import page, viewer_of
from portfolio.web.spend.asked import read

MONTHS = 6
BY = (
    ("model", phrase("Model")),
    ("initiative", phrase("Initiative")),
    ("service", phrase("Service")),
)


@page("money.view")
@require_GET
def unit_costs(request: HttpRequest) -> HttpResponse:
    """Show unit costs by month, newest last, of what the address narrows spend to."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    by = request.GET.get("by", "model")
    if by not in dict(BY):
        by = "model"
    found = selectors.unit_costs(viewer=viewer, chosen=asked.chosen, by=by)
    months = sorted({one.month for one in found})[-MONTHS:]
    outcomes = selectors.outcome_costs(viewer=viewer, chosen=asked.chosen)
    outcome_months = sorted({one.month for one in outcomes})[-MONTHS:]
    context = {
        "asked": asked,
        "by": by,
        "choices": BY,
        "months": months,
        "outcome_months": outcome_months,
        "tokens": _table([one for one in found if one.what == "tokens"], months),
        "requests": _table([one for one in found if one.what == "requests"], months),
        "outcomes": _table(outcomes, outcome_months),
    }
    return render(request, "spend/unit_costs.html", context)


def _table(costs: Sequence[UnitCost], months: Sequence[dt.date]) -> list[dict[str, Any]]:
    """Give a row a subject and currency, with a cell a month; dearest of the last month first."""
    rows: dict[tuple[str, str], dict[dt.date, UnitCost]] = {}
    for one in costs:
        rows.setdefault((one.subject, one.currency), {})[one.month] = one
    found = [
        {
            "subject": called(subject),
            "currency": currency,
            "cells": [by_month.get(month) for month in months],
            "cost": sum((one.cost for one in by_month.values()), Decimal(0)),
        }
        for (subject, currency), by_month in rows.items()
        if any(month in by_month for month in months)
    ]
    return sorted(found, key=lambda row: (-row["cost"], row["subject"]))[:100]  # type: ignore[operator]


urlpatterns = [path("spend/unit-costs/", unit_costs, name="spend-unit-costs")]
