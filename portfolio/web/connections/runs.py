"""Running a connection: now, as a rehearsal, for a range of days; and what a rehearsal found."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.connectors import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.connections.pages import RUN_STATES, list_page
from portfolio.web.htmx import wants_fragment


@page("connection.run")
@require_POST
def run(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Put a run into the queue and show it."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    services.request_sync(connection=standing.connection, by=viewer)
    if wants_fragment(request) and request.POST.get("from") == "list":
        return list_page(request)
    return redirect("connection", connection_id)


@page("connection.run")
@require_POST
def rehearse(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Put a rehearsal into the queue: what a run would change, and nothing changed."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    services.request_rehearsal(connection=standing.connection, by=viewer)
    return redirect("connection", connection_id)


@page("connection.run")
@require_POST
def backfill(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Read a range of days anew."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    services.request_backfill(
        connection=standing.connection,
        since=_day(request, "since"),
        until=_day(request, "until"),
        by=viewer,
        now=timezone.now(),
    )
    return redirect("connection", connection_id)


@page("connection.view")
@require_GET
def one_run(request: HttpRequest, connection_id: str, run_id: str) -> HttpResponse:
    """Show one run; of a rehearsal what it found, row by row."""
    viewer = viewer_of(request)
    row = found(selectors.run(run_id=run_id, viewer=viewer))
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    if row.connection_id != standing.connection.pk:
        found(None)
    is_newest = standing.rehearsal is not None and standing.rehearsal.pk == row.pk
    context = {
        "run": row,
        "mark": RUN_STATES[row.state],
        "standing": standing,
        "findings": row.findings,
        "may_see_money": access.sees_money(viewer, row.scope_node),
        "may_edit": access.can(viewer, "connection.edit", row),
        "can_accept": is_newest and row.state in ("done", "partial"),
    }
    return render(request, "connections/run.html", context)


@page("connection.edit")
@require_POST
def accept(request: HttpRequest, connection_id: str, run_id: str) -> HttpResponse:
    """Let a connection do what its rehearsal showed."""
    viewer = viewer_of(request)
    row = found(selectors.run(run_id=run_id, viewer=viewer))
    services.accept_rehearsal(run=row, by=viewer)
    messages.info(
        request,
        worded(
            "{connection} is accepted. It runs now, and then by itself.", connection=row.connection
        ),
    )
    return redirect("connection", connection_id)


def _day(request: HttpRequest, name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise Sentence("Choose the first and the last day of the backfill.") from None
