"""Where a number comes from: the fragment a figure opens, and the page behind its address."""

import datetime as dt
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone

from governance_app.domain.phrases import Phrase
from governance_app.rollups import selectors
from governance_app.rollups.selectors import passports
from governance_app.scenarios import passports as scenarios
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web.access import page
from portfolio.web.htmx import wants_fragment


@page("view")
def passport(request: HttpRequest, figure: str, subject: str) -> HttpResponse:
    """Show the formula of a figure, its inputs and where each came from."""
    at = selectors.moment(now=timezone.now(), as_of=_day(request.GET.get("as_of", "")))
    try:
        opened = scenarios.passport if scenarios.has_passport(figure=figure) else passports.passport
        found = opened(figure=figure, subject=subject, viewer=cast(Any, request.user), as_of=at)
    except passports.NoPassport as missing:
        raise Http404(str(missing)) from missing
    context = {
        "passport": found,
        "about": said(found.about) if isinstance(found.about, Phrase) else found.about,
        "reading": _written(found.value, found.kind, found.currency),
        "lines": [
            {
                "line": line,
                "text": _written(line.value, line.kind, line.currency),
                "url": _deeper(line, request),
            }
            for line in found.lines
        ],
        "sum": _written(found.parts_sum, found.kind, found.currency) if found.is_total else "",
    }
    name = "components/passport.html" if wants_fragment(request) else "passport.html"
    return render(request, name, context)


def _deeper(line: passports.Line, request: HttpRequest) -> str:
    """Give the address of a part's own passport, as of the same day."""
    if not line.figure:
        return ""
    address = reverse("passport", args=[line.figure, line.subject])
    day = request.GET.get("as_of", "")
    return f"{address}?as_of={day}" if _day(day) else address


def _written(value: Any, kind: str, currency: str) -> str:
    """Write a value in full: a passport is where precision is looked for."""
    if value is None:
        return ""
    if kind == "money":
        return spelling.money_exact(value, currency)
    if kind == "percent":
        return spelling.percent(value, 1, plus=True)
    if kind == "months":
        return worded("{months} months", months=spelling.plain(value, 1))
    if kind == "number":
        return f"{spelling.plain(value, 2)} {currency}".strip()
    return said(value) if isinstance(value, Phrase) else str(value)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


urlpatterns = [
    path("passports/<str:figure>/<str:subject>/", passport, name="passport"),
]
