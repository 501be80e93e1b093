"""The board: its sittings, the agenda, and the minutes."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.gates import selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.requests import MARKS
from portfolio.web.governance.trying import attempt


@page("view")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List sittings and what waits for one; call the next."""
    viewer = viewer_of(request)
    if request.method == "POST":
        return _call(request)
    waiting = selectors.requests(viewer=viewer).filter(
        state="in_review", verdict__steps__contains=[{"who": "gate.decide"}]
    )
    context = {
        "tab": "board",
        "today": timezone.localdate(),
        "meetings": selectors.meetings(viewer=viewer)[:50],
        "waiting": waiting.order_by("submitted_at", "pk")[:100],
        "waiting_count": waiting.count(),
        "may_call": access.can_anywhere(viewer, "gate.decide"),
    }
    return render(request, "governance/board.html", context)


@page("view")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, meeting_id: uuid.UUID) -> HttpResponse:
    """Show a sitting with its agenda; write its minutes."""
    viewer = viewer_of(request)
    row = found(selectors.meeting(viewer=viewer, meeting_id=meeting_id))
    if request.method == "POST":
        return _act(request, row)
    context = {
        "tab": "board",
        "row": row,
        "items": [{"item": item, "mark": MARKS[item.request.state]} for item in row.agenda],
        "may_write": access.can(viewer, "gate.decide", row) and row.held_at is None,
    }
    return render(request, "governance/meeting.html", context)


def _call(request: HttpRequest) -> HttpResponse:
    viewer, asked = viewer_of(request), request.POST

    def act() -> str:
        made = services.call_meeting(
            node=people.organisation(),  # type: ignore[arg-type]
            on=fields.needed_day(asked.get("on", ""), "On"),
            title=asked.get("title", ""),
            by=viewer,
        )
        return worded("Called “{made}”.", made=made)

    return attempt(request, act, back=reverse("gate-board"))


def _act(request: HttpRequest, row: Any) -> HttpResponse:
    viewer, asked = viewer_of(request), request.POST
    verb = asked.get("do", "")

    def act() -> str:
        if verb == "fill":
            count = services.fill_agenda(meeting=row, by=viewer)
            return worded("{count} more on the agenda.", count=count)
        if verb == "minute":
            item = found(next((i for i in row.agenda if str(i.pk) == asked.get("item", "")), None))
            services.minute(item=item, text=asked.get("text", ""), by=viewer)
            return worded("Wrote the minute of {request}.", request=item.request)
        services.close_meeting(
            meeting=row, minutes=asked.get("minutes", ""), by=viewer,
            version=fields.version(asked),
        )  # fmt: skip
        return worded("The minutes of “{row}” are closed.", row=row)

    return attempt(request, act, back=reverse("gate-meeting", args=[row.pk]))
