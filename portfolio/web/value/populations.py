"""The paid hours of the people that benefits touch: what the hours guard holds claims against."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.people import access
from governance_app.value import selectors as value
from governance_app.value import services
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import page, viewer_of


@page("money.view")
@require_http_methods(["GET", "POST"])
def populations(request: HttpRequest) -> HttpResponse:
    """List paid hours, and set those of a population from a month on."""
    if request.method == "GET":
        return render(request, "value/populations.html", _context(request))
    asked = request.POST
    try:
        row = services.set_paid_hours(
            population=asked.get("population", "")[:300],
            from_month=fields.needed_month(asked.get("from_month", ""), "From"),
            paid_hours=fields.needed_number(asked.get("paid_hours", ""), "Paid hours a month"),
            source=asked.get("source", "")[:300],
            by=viewer_of(request),
        )
    except access.Refused:
        raise
    except Sentence as error:
        context = _context(request, error=str(error), typed=asked.dict())
        return render(request, "value/populations.html", context, status=422)
    messages.info(request, worded("{row}: kept.", row=row))
    return redirect("value-populations")


def _context(
    request: HttpRequest, *, error: str = "", typed: dict[str, Any] | None = None
) -> dict[str, Any]:
    viewer, today = viewer_of(request), timezone.localdate()
    return {
        "rows": value.paid_hours(viewer=viewer),
        "missing": value.populations_without_hours(viewer=viewer, on=today),
        "share": books.setting(key="freed_hours_ratio", on=today),
        "may_set": access.can(viewer, "value.validate"),
        "error": error,
        "typed": typed or {},
    }
