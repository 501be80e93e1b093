"""The trail: who did what, when, to what."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path

from governance_app.audit import selectors, sentences
from governance_app.audit.sealing import proof as proofs
from governance_app.people import selectors as people
from portfolio.web.access import found, page, viewer_of

PAGE_SIZE = 50
#: An event that waits longer than this to be sealed is an alarm.
SEAL_LATE_SECONDS = 300.0
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
        by = people.people(viewer=viewer_of(request), search=wanted["who"])
        events = events.filter(actor__in=[person.pk for person in by[:200]])
    shown = Paginator(events, PAGE_SIZE).get_page(request.GET.get("page"))
    names = people.names(ids=[str(event.actor) for event in shown if event.actor])
    sealed = proofs.standing()
    context: dict[str, Any] = {
        "sealed": sealed,
        "is_sealing_late": sealed.lag_seconds > SEAL_LATE_SECONDS,
        "page": shown,
        "rows": [_row(event, names) for event in shown],
        "wanted": wanted,
        "ops": OPS,
        "is_filtered": any(wanted.values()),
        "unknown_writes": selectors.unknown_writes(),
    }
    return render(request, "trail/list.html", context)


@page("trail.view")
def proof(request: HttpRequest, event_id: int) -> HttpResponse:
    """Show one event with the proof that it is in its seal."""
    event = found(selectors.events().filter(pk=event_id).first())
    names = people.names(ids=[str(event.actor)] if event.actor else [])
    context = {
        "event": event,
        "row": _row(event, names),
        "proof": found(proofs.prove(event_id)),
        "sealed": proofs.standing(),
    }
    return render(request, "trail/proof.html", context)


@page("trail.view")
def proof_file(request: HttpRequest, event_id: int) -> HttpResponse:
    """Give the proof as a file that can be checked without this installation."""
    told = found(proofs.prove(event_id))
    answer = JsonResponse(told.as_json(), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="event-{event_id}-proof.json"'
    return answer


def _span(day: str) -> dict[str, Any]:
    try:
        start = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    except ValueError:
        return {}
    return {"since": start, "until": start + dt.timedelta(days=1)}


def _row(event: Any, names: dict[str, str]) -> dict[str, Any]:
    is_note = event.op not in sentences.VERBS
    return {
        "id": event.pk,
        "at": event.at,
        "who": names.get(str(event.actor), "unknown") if event.actor else "nobody named",
        "is_unknown": event.actor is None,
        "what": event.sentence
        or sentences.sentence(event.op, event.table, event.before, event.after),
        "via": event.via,
        "request": event.request,
        "differences": [] if is_note else sentences.differences(event.before, event.after),
    }


urlpatterns = [
    path("trail/", trail, name="trail"),
    path("trail/<int:event_id>/", proof, name="trail-event"),
    path("trail/<int:event_id>/proof.json", proof_file, name="trail-proof"),
]
