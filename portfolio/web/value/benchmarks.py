"""Benchmarks: where the company stands beside the field, with percentiles of its own."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.rollups import selectors as rollups
from governance_app.value import choices, services
from governance_app.value import selectors as value
from portfolio.charts.wording import named, said, worded
from portfolio.web import fields
from portfolio.web.access import page, viewer_of


@page("money.view")
@require_http_methods(["GET", "POST"])
def benchmarks(request: HttpRequest) -> HttpResponse:
    """Show each figure beside what the field aims at; POST sets an aim with its source."""
    if request.method == "GET":
        return render(request, "value/benchmarks.html", _context(request))
    asked = request.POST
    try:
        low = fields.share(asked.get("low", ""), "At least")
        if low is None:
            raise Sentence("At least: write a percentage.")
        row = services.set_benchmark(
            key=asked.get("key", ""),
            from_on=fields.needed_day(asked.get("from_on", ""), "From"),
            low=low,
            high=fields.share(asked.get("high", ""), "Up to"),
            source=asked.get("source", ""),
            read_on=fields.needed_day(asked.get("read_on", ""), "Day of the source"),
            by=viewer_of(request),
        )
    except access.Refused:
        raise
    except Sentence as error:
        context = _context(request, error=str(error), typed=asked.dict())
        return render(request, "value/benchmarks.html", context, status=422)
    messages.info(request, worded("{what}: kept.", what=said(choices.BENCHMARKS[row.key])))
    return redirect("value-benchmarks")


def _context(
    request: HttpRequest, *, error: str = "", typed: dict[str, Any] | None = None
) -> dict[str, Any]:
    viewer = viewer_of(request)
    at = rollups.moment(now=timezone.now())
    aims = value.field_aims(viewer=viewer, on=at.on)
    standings = rollups.benchmark_standings(viewer=viewer, as_of=at)
    return {
        "at": at,
        "lines": [
            {
                "aim": aims[key],
                "standing": standings[key],
                "told": [each for each in _spreads(standings[key]) if each.p50 is not None],
                "too_few": [each for each in _spreads(standings[key]) if each.p50 is None],
                "passport": reverse("passport", args=[f"benchmark_{key}", "portfolio"]),
                "words": _beside(standings[key].figure.value, float(aims[key].low)),
            }
            for key in choices.BENCHMARKS
        ],
        "enough": rollups.ENOUGH,
        "keys": choices.BENCHMARKS,
        "may_set": access.can(viewer, "settings.edit"),
        "error": error,
        "typed": typed or {},
    }


def _spreads(standing: Any) -> list[Any]:
    return [replace(each, name=named(each.name)) for each in standing.spreads]


def _beside(figure: float | None, low: float) -> str:
    if figure is None:
        return ""
    if figure >= low:
        return phrase("at or above what the field aims at")
    return phrase("below what the field aims at")
