"""Duties: what a person answers for and decided, who stands in, and handing over."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.gates import selectors, services
from governance_app.oversight import selectors as oversight
from governance_app.oversight import services as oversight_services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt


@page("view")
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Show a person's duties and decisions: one's own, or of somebody looked up."""
    viewer, today = viewer_of(request), timezone.localdate()
    wanted = request.GET.get("person", "")
    person: Any = viewer
    if wanted:
        person = found(_person(viewer, wanted))
    may_manage = access.can_anywhere(viewer, "people.edit")
    context = {
        "tab": "duties",
        "today": today,
        "person": person,
        "is_own": person.pk == viewer.pk,
        "duties": selectors.duties(viewer=viewer, person=person, on=today),
        "owned": oversight.owned(viewer=viewer, person=person),
        "actions": oversight.actions(viewer=viewer).filter(owner=person)[:50],
        "decided": selectors.decided_by(viewer=person)[:50]
        if person.pk == viewer.pk or access.can_anywhere(viewer, "trail.view")
        else [],
        "delegations": selectors.delegations(viewer=viewer, on=today),
        "people": people.people(viewer=viewer).filter(is_active=True)[:2000],
        "places": [
            node
            for node in (people.organisation(), *people.units(viewer=viewer))
            if node is not None
        ],
        "may_manage": may_manage,
        "training": selectors.training_of(person=person, on=today),
        "may_train": person.pk != viewer.pk and bool(access.can(viewer, "gate.policy")),
    }
    return render(request, "governance/duties.html", context)


@page("view")
@require_POST
def delegate(request: HttpRequest) -> HttpResponse:
    """Let somebody stand in for oneself."""
    viewer, asked = viewer_of(request), request.POST

    def act() -> str:
        taker = found(_person(viewer, asked.get("taker", "")))
        root = people.organisation()
        places = [node for node in (root, *people.units(viewer=viewer)) if node is not None]
        node = found(next((n for n in places if str(n.pk) == asked.get("node", "")), None))
        made = services.delegate(
            taker=taker,
            node=node,
            from_on=fields.needed_day(asked.get("from_on", ""), "From"),
            until_on=fields.needed_day(asked.get("until_on", ""), "Until"),
            reason=asked.get("reason", ""),
            by=viewer,
        )
        return worded(
            "{taker} stands in for you in {node} until {until_on}.",
            taker=made.taker,
            node=made.node,
            until_on=made.until_on,
        )

    return attempt(request, act, back=reverse("gate-duties"))


@page("view")
@require_POST
def end_delegation(request: HttpRequest, delegation_id: uuid.UUID) -> HttpResponse:
    """End a delegation at once."""
    viewer = viewer_of(request)
    rows = selectors.delegations(viewer=viewer, on=timezone.localdate())
    row = found(next((each for each in rows if each.pk == delegation_id), None))

    def act() -> str:
        services.end_delegation(delegation=row, by=viewer)
        return worded("{taker} no longer stands in for {giver}.", taker=row.taker, giver=row.giver)

    return attempt(request, act, back=reverse("gate-duties"))


@page("gate.policy")
@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Note that somebody was trained to decide for others."""
    viewer, asked = viewer_of(request), request.POST
    person = found(_person(viewer, asked.get("person", "")))

    def act() -> str:
        services.note_training(
            person=person,
            trained_on=fields.needed_day(asked.get("trained_on", ""), "Trained on"),
            reference=asked.get("reference", ""),
            by=viewer,
        )
        return worded("That {person} was trained is noted.", person=person)

    return attempt(request, act, back=f"{reverse('gate-duties')}?person={person.pk}")


@page("people.edit")
@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    """Give everything somebody answers for to another."""
    viewer, asked = viewer_of(request), request.POST
    person = found(_person(viewer, asked.get("person", "")))

    def act() -> str:
        successor = found(_person(viewer, asked.get("successor", "")))
        done = oversight_services.hand_over(
            person=person, successor=successor, reason=asked.get("reason", ""), by=viewer
        )
        return done.sentence

    return attempt(request, act, back=f"{reverse('gate-duties')}?person={person.pk}")


def _person(viewer: Any, text: str) -> Any:
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return None
    return people.people(viewer=viewer).filter(pk=wanted).first()
