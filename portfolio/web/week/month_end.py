"""The month's end: status, commentary and forecast of everything one keeps, sent in one go."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_range
from governance_app.initiatives import choices, selectors, services
from governance_app.people import access
from governance_app.spend import selectors as spend
from governance_app.spend import services as spend_services
from portfolio.charts import spelling
from portfolio.web import fields
from portfolio.web.access import page, viewer_of
from portfolio.web.htmx import go
from portfolio.web.week.proposing import proposals

TEMPLATE = "week/month-end.html"
MOST = 100
_CENT = Decimal("0.01")


@page("initiative.update")
def month_end(request: HttpRequest) -> HttpResponse:
    """Show the grid, or send every line that says something: all of them, or none."""
    viewer = viewer_of(request)
    rows = list(selectors.mine(viewer=viewer).for_reading().order_by("number")[:MOST])
    open_round = _open_round(viewer)
    error, typed = "", {}
    if request.method == "POST":
        typed = request.POST.dict()
        try:
            sent = _send(request, rows, open_round)
        except access.Refused:
            raise
        except Sentence as refusal:
            error = str(refusal)
        else:
            return go(request, f"{reverse('month-end')}?sent={sent}")
    context = {
        "round": open_round,
        "months": _months(open_round),
        "statuses": choices.STATUSES,
        "lines": _lines(rows, viewer, open_round, typed),
        "error": error,
        "sent": request.GET.get("sent", "") if request.GET.get("sent", "").isdigit() else "",
        "most": MOST,
        "is_cut": len(rows) == MOST,
    }
    return render(request, TEMPLATE, context, status=422 if error else 200)


def _open_round(viewer: Any) -> Any:
    """Give the newest forecast round that is not locked, for those who may submit to it."""
    if not access.can_anywhere(viewer, "forecast.submit"):
        return None
    rounds = spend.forecast_rounds(viewer=viewer)
    return next((each for each in rounds[:5] if not each.is_locked), None)


def _months(open_round: Any) -> str:
    if open_round is None:
        return ""
    first, last = open_round.first_month, open_round.last_month
    return f"{spelling.month(first)} to {spelling.month(last)}"


def _lines(
    rows: Sequence[Any], viewer: Any, open_round: Any, typed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    today = timezone.localdate()
    proposed, _standings = proposals(rows=rows, viewer=viewer, today=today)
    submitted: dict[Any, Any] = {}
    if open_round is not None:
        sent = spend.current_submissions(viewer=viewer, forecast_round=open_round)
        submitted = {each.node_id: each for each in sent}
    return [
        {
            "row": row,
            "proposal": proposed[row.pk].sentence,
            "chosen": typed.get(f"status-{row.key}")
            or proposed[row.pk].status
            or row.status
            or "on_track",
            "sentence": typed.get(f"sentence-{row.key}", ""),
            "submitted": submitted.get(row.node_id),
            "forecast": typed.get(f"forecast-{row.key}", ""),
            "may_forecast": open_round is not None
            and bool(access.can(viewer, "forecast.submit", row.node))
            and access.sees_money(viewer, row.node),
        }
        for row in rows
    ]


def _send(request: HttpRequest, rows: Sequence[Any], open_round: Any) -> int:
    """Post every commentary and submit every forecast in one transaction; give how many rows."""
    viewer = viewer_of(request)
    post = request.POST
    lines = [
        services.StatusLine(
            row,
            post.get(f"status-{row.key}", ""),
            post.get(f"sentence-{row.key}", ""),
            int(seen) if (seen := post.get(f"version-{row.key}", "")).isdigit() else None,
        )
        for row in rows
        if post.get(f"sentence-{row.key}", "").strip()
    ]
    forecasts = {
        row: amount
        for row in rows
        if (amount := fields.number(post.get(f"forecast-{row.key}", ""), f"Forecast of {row.key}"))
        is not None
    }
    touched = {line.initiative.key for line in lines} | {row.key for row in forecasts}
    if not touched:
        raise Sentence("Nothing is written yet. A line with a commentary or a forecast is sent.")
    if forecasts and open_round is None:
        raise Sentence("No forecast round is open; leave the forecasts blank.")
    with transaction.atomic():
        if lines:
            services.post_statuses(lines=lines, by=viewer)
        for row, amount in forecasts.items():
            spend_services.submit_forecast(
                forecast_round=open_round,
                node=row.node,
                months=_spread(amount, open_round),
                by=viewer,
                note=post.get(f"sentence-{row.key}", ""),
            )
    return len(touched)


def _spread(amount: Decimal, open_round: Any) -> dict[Any, Decimal]:
    """Split a sum evenly over the months of a round, to the cent; the last takes what is left."""
    months = month_range(open_round.first_month, open_round.last_month)
    each = (amount / len(months)).quantize(_CENT)
    parts = dict.fromkeys(months, each)
    parts[months[-1]] = amount - each * (len(months) - 1)
    return parts
