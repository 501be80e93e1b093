"""The queue: updates due, readings missing, gates to prepare, mentions, proposals."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import choices, selectors, services
from governance_app.oversight import selectors as oversight
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment
from portfolio.web.week.promises import promises
from portfolio.web.week.proposing import proposals

TEMPLATE = "week/week.html"
UPDATES = 25
LINES = 25
#: A time box that ends within these days has a gate to prepare.
AHEAD_DAYS = 30


@page("view")
def week(request: HttpRequest) -> HttpResponse:
    """Show what waits for the viewer, each with the one thing to do about it."""
    viewer = viewer_of(request)
    today = timezone.localdate()
    kept = list(selectors.mine(viewer=viewer).for_reading().order_by("number"))
    due = selectors.updates_due(viewer=viewer, on=today)
    proposed, standings = proposals(rows=kept, viewer=viewer, today=today)
    told = selectors.mentions(viewer=viewer)
    queue = oversight.queue(viewer=viewer, on=today)
    context: dict[str, Any] = {
        "today": today,
        "kept": len(kept),
        "updates": [_quick(row, proposed[row.pk]) for row in due[:UPDATES] if row.pk in proposed],
        "updates_due": len(due),
        "statuses": choices.STATUSES,
        "readings": _readings(kept, standings),
        "gates": _gates(kept, today),
        "mentions": list(told[:LINES]),
        "mentions_open": told.count(),
        "lines": queue.lines[:LINES],
        "lines_total": queue.total,
        "promises": promises(kept, viewer, today),
        "proposals": selectors.intake_requests(viewer=viewer).count(),
    }
    return render(request, TEMPLATE, context)


def _quick(row: Any, proposal: Any) -> dict[str, Any]:
    return {
        "row": row,
        "proposal": proposal.sentence,
        "chosen": proposal.status or row.status or "on_track",
    }


def _readings(rows: Sequence[Any], standings: Any) -> list[dict[str, Any]]:
    """List the KPIs of one's initiatives that have no fresh reading, the longest silent first."""
    missing = [
        {"row": row, "kpi": each.kpi, "latest_on": each.latest_on}
        for row in rows
        for each in standings[row.pk]
        if not each.is_fresh
    ]
    missing.sort(key=lambda each: (each["latest_on"] or dt.date.min, each["row"].number))
    return missing


def _gates(rows: Sequence[Any], today: dt.date) -> list[dict[str, Any]]:
    """List initiatives whose stage is about to be over, or is."""
    last = today + dt.timedelta(days=AHEAD_DAYS)
    found_rows = [
        row
        for row in rows
        if row.time_box_on is not None
        and row.time_box_on <= last
        and row.stage is not None
        and not row.stage.is_final
    ]
    found_rows.sort(key=lambda row: (row.time_box_on, row.number))
    return [{"row": row, "late": (today - row.time_box_on).days} for row in found_rows]


@page("initiative.update")
@require_POST
def quick(request: HttpRequest, key: str) -> HttpResponse:
    """Post an update from the queue; the line says so and the next one is in focus."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    status, sentence = request.POST.get("status", ""), request.POST.get("sentence", "")
    context: dict[str, Any] = {"statuses": choices.STATUSES}
    try:
        services.post_status(
            initiative=row,
            status=status,
            sentence=sentence,
            by=viewer,
            version=fields.version(request.POST),
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        fresh = found(selectors.initiative(viewer=viewer, key=key))
        context["each"] = {
            "row": fresh,
            "proposal": request.POST.get("proposal", ""),
            "chosen": status,
            "typed": sentence,
            "error": str(refusal),
        }
        return render_fragment(request, "week/quick.html", "quick", context, status=422)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("week"))
    context["each"] = {"row": found(selectors.initiative(viewer=viewer, key=key)), "is_done": True}
    return render_fragment(request, "week/quick.html", "quick", context)


@page("view")
@require_POST
def answered(request: HttpRequest, mention_id: uuid.UUID) -> HttpResponse:
    """Say that what one was told of is dealt with."""
    viewer = viewer_of(request)
    row = found(selectors.mention(viewer=viewer, mention_id=mention_id))
    services.answer_mention(mention=row, by=viewer)
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    return go(request, reverse("week"))


@page("view")
def log(request: HttpRequest) -> HttpResponse:
    """Show assumptions, issues and dependencies over everything one keeps."""
    viewer = viewer_of(request)
    kinds = [kind for kind in request.GET.getlist("kind") if kind]
    rows = list(selectors.mine(viewer=viewer).values_list("pk", flat=True))
    context = {
        "today": timezone.localdate(),
        "kinds": kinds,
        "all_kinds": [("assumption", worded("Assumptions")), ("issue", worded("Issues")),
                      ("dependency", worded("Dependencies"))],
        "lines": selectors.log(viewer=viewer, rows=rows, kinds=kinds),
        "kept": len(rows),
    }  # fmt: skip
    return render(request, "week/log.html", context)
