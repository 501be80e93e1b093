"""The trail: who did what, when, to what."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from governance_app.audit import selectors, sentences
from governance_app.people import selectors as people
from portfolio.web.access import page, viewer_of

PAGE_SIZE = 50
OPS = {
    "INSERT": "added",
    "UPDATE": "changed",
    "DELETE": "deleted",
    "sign-in": "signed in",
    "sign-out": "signed out",
    "refused": "refused",
    "export": "exported",
}


@page("trail.view")
def trail(request: HttpRequest) -> HttpResponse:
    """List events, newest first; filters stand in the address."""
    wanted = {name: request.GET.get(name, "").strip() for name in ("op", "who", "day")}
    events = selectors.events(
        op=wanted["op"] if wanted["op"] in OPS else "", **_span(wanted["day"])
    )
    if wanted["who"]:
        found = people.people(viewer=viewer_of(request), search=wanted["who"])
        events = events.filter(actor__in=[person.pk for person in found[:200]])
    shown = Paginator(events, PAGE_SIZE).get_page(request.GET.get("page"))
    names = people.names(ids=[str(event.actor) for event in shown if event.actor])
    context: dict[str, Any] = {
        "page": shown,
        "rows": [_row(event, names) for event in shown],
        "wanted": wanted,
        "ops": OPS,
        "is_filtered": any(wanted.values()),
        "unknown_writes": selectors.unknown_writes(),
    }
    return render(request, "trail/list.html", context)


def _span(day: str) -> dict[str, Any]:
    try:
        start = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    except ValueError:
        return {}
    return {"since": start, "until": start + dt.timedelta(days=1)}


def _row(event: Any, names: dict[str, str]) -> dict[str, Any]:
    is_note = event.op not in sentences.VERBS
    return {
        "at": event.at,
        "who": names.get(str(event.actor), "unknown") if event.actor else "nobody named",
        "is_unknown": event.actor is None,
        "what": event.sentence
        or sentences.sentence(event.op, event.table, event.before, event.after),
        "via": event.via,
        "request": event.request,
        "differences": [] if is_note else sentences.differences(event.before, event.after),
    }


urlpatterns = [path("trail/", trail, name="trail")]
