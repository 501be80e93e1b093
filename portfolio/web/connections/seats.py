"""Seats of AI assistants: bought, given out, used, and what idle ones would give back."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance_app.connectors import selectors
from governance_app.people import access
from portfolio.web.access import page, viewer_of
from portfolio.web.connections.common import tabs


@page("connection.view")
@require_GET
def seats(request: HttpRequest) -> HttpResponse:
    """List the newest count of each product."""
    viewer = viewer_of(request)
    rows = selectors.seats(viewer=viewer)
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.comes_back is not None:
            currency = row.count.currency
            sums[currency] = sums.get(currency, Decimal(0)) + row.comes_back
    context = {
        **tabs(request, "connections-seats"),
        "rows": [
            {
                "row": row,
                "shares": [each[2] for each in row.history if each[2] is not None],
            }
            for row in rows
        ],
        "sums": sorted(sums.items()),
        "idle": sum(row.idle or 0 for row in rows),
        "paid": sum(
            row.count.assigned if row.count.bought is None else row.count.bought for row in rows
        ),
        "unknown_prices": sum(1 for row in rows if row.count.price is None and row.idle),
        "sees_money": access.can_anywhere(viewer, "money.view"),
        "may_edit": access.can(viewer, "connection.edit"),
    }
    return render(request, "connections/seats.html", context)
