"""The home of governance: what waits for you, how units decide, what the rounds found."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.audit import kept
from governance_app.gates import selectors as gates
from governance_app.initiatives import selectors as initiatives
from governance_app.oversight import selectors as oversight
from governance_app.oversight import services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt

SHOWN = 12


@page("view")
@require_GET
@kept.one_state()
def home(request: HttpRequest) -> HttpResponse:
    """Answer what waits for the viewer, how units decide, and what is not in order."""
    viewer, today = viewer_of(request), timezone.localdate()
    queue = oversight.queue(viewer=viewer, on=today)
    units = kept.answer(
        ("unit standings", today, access.scope_paths(viewer, "view")),
        lambda: gates.unit_standings(viewer=viewer, on=today),
    )
    breaches = gates.breaches(viewer=viewer)
    policies = list(gates.in_force(viewer=viewer))
    waiting = gates.requests(viewer=viewer).filter(state="in_review")
    everything = request.GET.get("all") == "1"
    context: dict[str, Any] = {
        "tab": "home",
        "today": today,
        "queue": queue,
        "lines": queue.lines if everything else queue.lines[:SHOWN],
        "is_cut": not everything and queue.total > SHOWN,
        "waiting": waiting.count(),
        "late": waiting.filter(due_on__lt=today).count(),
        "breaches": gates.reasons(breaches=breaches[:SHOWN], policies=policies),
        "breach_count": breaches.count(),
        "emergency_count": gates.emergencies(viewer=viewer, is_open=True).count(),
        "probations": gates.probations(viewer=viewer, on=today),
        "live": sum(each.live for each in units if each.unit.depth == 1),
        "green": sum(each.green for each in units if each.unit.depth == 1),
        "distributed": sum(each.mode.mode == "distributed" for each in units),
        "unit_count": len(units),
        "kinds": oversight.counts_by_kind(viewer=viewer),
        "round": oversight.last_round(viewer=viewer),
        "decided": gates.decided_by(viewer=viewer)[:8],
        "policies": policies,
        "may_write": access.can_anywhere(viewer, "gate.policy"),
        "may_ask": access.can_anywhere(viewer, "gate.ask"),
    }
    return render(request, "governance/home.html", context)


@page("oversight.act")
@require_POST
def add_action(request: HttpRequest, key: str) -> HttpResponse:
    """Write down something that should be done about an initiative."""
    viewer, asked = viewer_of(request), request.POST
    row = found(initiatives.initiative(viewer=viewer, key=key))
    owner = asked.get("owner", "")

    def act() -> str:
        made = services.add_action(
            initiative=row,
            title=asked.get("title", ""),
            sentence=asked.get("sentence", ""),
            due_on=fields.needed_day(asked.get("due_on", ""), worded("Due on")),
            owner=found(people.people(viewer=viewer).filter(pk=owner).first()) if owner else None,
            by=viewer,
        )
        return worded(
            "“{made}” is in the queue of {what}.",
            made=made,
            what=made.owner or worded("whoever leads the unit"),
        )

    return attempt(request, act, back=reverse("initiative-gates", args=[row.key]))


@page("view")
@require_POST
def close_action(request: HttpRequest, action_id: str) -> HttpResponse:
    """Say that something a round found is over, and why."""
    viewer = viewer_of(request)
    row = found(oversight.action(viewer=viewer, action_id=action_id))

    def act() -> str:
        services.close_action(action=row, because=request.POST.get("because", ""), by=viewer)
        return worded("Closed “{title}” of {key}.", title=row.title, key=row.initiative.key)

    return attempt(request, act, back=reverse("governance"))
