"""Proposals: proposed signed in or by a link, and decided on with what they look like beside."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.people.services import system_user
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment

TEMPLATE = "intake/intake.html"
LINK_DAYS = 30


@page("view")
def intake(request: HttpRequest) -> HttpResponse:
    """Show what waits to be decided, the links, and what one proposed oneself."""
    return _shown(request)


def _shown(
    request: HttpRequest, *, error: str = "", link: str = "", attempt: fields.Attempt | None = None
) -> HttpResponse:
    viewer = viewer_of(request)
    tried = attempt or fields.Attempt()
    waiting = list(selectors.intake_requests(viewer=viewer)[:100])
    places = list(people.units(viewer=viewer))
    context: dict[str, Any] = {
        "today": timezone.localdate(),
        "waiting": waiting,
        "own": list(selectors.own_requests(viewer=viewer)[:20]),
        "links": list(selectors.intake_links(viewer=viewer)[:50]),
        "may_add": access.can_anywhere(viewer, "initiative.add"),
        "units": places,
        "link_units": [u for u in places if access.can(viewer, "initiative.add", u)],
        "link_until": timezone.localdate() + dt.timedelta(days=LINK_DAYS),
        "new_link": link,
        "propose": tried.of("propose"),
        "error": error or tried.stray,
    }
    return render(request, TEMPLATE, context, status=422 if error or attempt else 200)


@page("view")
def alike(request: HttpRequest) -> HttpResponse:
    """Say what a name that is being typed looks like."""
    name = request.GET.get("name", "")[:500]
    purpose = request.GET.get("purpose", "")[:5000]
    shown = []
    if len(name.strip()) > 3:
        shown = list(selectors.looks_like(viewer=viewer_of(request), name=name, purpose=purpose))
    return render_fragment(request, "intake/alike.html", "alike", {"alike": shown})


@page("view")
@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose an initiative for a unit one sees."""
    viewer = viewer_of(request)
    post = request.POST
    unit = _unit(viewer, post.get("unit", ""))
    try:
        services.propose(
            name=post.get("name", ""),
            purpose=post.get("purpose", ""),
            benefit=post.get("benefit", ""),
            vendor=post.get("vendor", ""),
            unit=unit,
            by=viewer,
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, attempt=fields.refused("propose", refusal, post))
    return go(request, reverse("intake"))


@page("initiative.add")
@require_POST
def decide(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take a proposal up, join it to an initiative there is, or decline it."""
    viewer = viewer_of(request)
    row = found(selectors.intake_request(viewer=viewer, request_id=request_id))
    what = request.POST.get("what", "")
    try:
        if what == "take":
            made = services.take_up(request=row, by=viewer)
            return go(request, reverse("initiative", args=[made.key]))
        if what == "join":
            key = request.POST.get("key", "").strip().split(" ")[0]
            other = selectors.initiative(viewer=viewer, key=key)
            if other is None:
                raise Sentence("Name the initiative it is by its key, such as AI-142.")
            services.join(request=row, initiative=other, by=viewer)
        else:
            services.decline(request=row, reason=request.POST.get("reason", ""), by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, error=str(refusal))
    return go(request, reverse("intake"))


@page("initiative.add")
@require_POST
def link_open(request: HttpRequest) -> HttpResponse:
    """Open a link for people without an account; its address is shown once."""
    viewer = viewer_of(request)
    unit = _unit(viewer, request.POST.get("unit", ""))
    try:
        if unit is None:
            raise Sentence("Choose the unit the link is for.")
        _link, token = services.open_link(
            name=request.POST.get("name", ""),
            unit=unit,
            expires_on=fields.needed_day(request.POST.get("expires_on", ""), "Ends"),
            by=viewer,
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, error=str(refusal))
    return _shown(request, link=request.build_absolute_uri(reverse("intake-door", args=[token])))


@page("initiative.add")
@require_POST
def link_close(request: HttpRequest, link_id: uuid.UUID) -> HttpResponse:
    """Shut a link."""
    viewer = viewer_of(request)
    link = found(selectors.intake_link(viewer=viewer, link_id=link_id))
    services.close_link(link=link, by=viewer)
    return go(request, reverse("intake"))


def door(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever holds a link propose, without an account; show nothing of what is inside."""
    name = selectors.link_name(token=token)
    context: dict[str, Any] = {"name": name, "typed": {}, "error": "", "is_sent": False}
    if name is None:
        return render(request, "intake/door.html", context, status=404)
    if request.method == "POST":
        post = request.POST
        try:
            services.propose(
                name=post.get("name", ""),
                purpose=post.get("purpose", ""),
                benefit=post.get("benefit", ""),
                vendor=post.get("vendor", ""),
                token=token,
                proposer_name=post.get("proposer_name", ""),
                proposer_email=post.get("proposer_email", ""),
                by=system_user("intake"),
            )
        except Sentence as refusal:
            context |= {"error": str(refusal), "typed": post.dict()}
            return render(request, "intake/door.html", context, status=422)
        context["is_sent"] = True
    return render(request, "intake/door.html", context)


def _unit(viewer: Any, text: str) -> Any:
    """Give a unit the viewer may see by its id, or None."""
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return None
    return people.units(viewer=viewer).filter(pk=wanted).first()


urlpatterns = [
    path("intake/", intake, name="intake"),
    path("intake/alike/", alike, name="intake-alike"),
    path("intake/propose/", propose, name="intake-propose"),
    path("intake/links/", link_open, name="intake-link-open"),
    path("intake/links/<uuid:link_id>/close/", link_close, name="intake-link-close"),
    path("intake/<uuid:request_id>/decide/", decide, name="intake-decide"),
    path("intake/by-link/<str:token>/", door, name="intake-door"),
]
