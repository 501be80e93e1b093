"""What of the close waits for a second person, and what became of the rest."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from governance_app.domain.errors import Sentence
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import page, viewer_of
from portfolio.web.close.common import chosen

SHOWN = 100
LOOK = {"waiting": "warn", "done": "ok", "rejected": "fail"}


@page("money.view")
@require_http_methods(["GET", "POST"])
def second_looks(request: HttpRequest) -> HttpResponse:
    """List what waits and what was decided; POST approves or rejects."""
    viewer = viewer_of(request)
    rows = selectors.second_looks(viewer=viewer)
    if request.method == "POST":
        data = request.POST
        if data.get("do") not in ("approve", "reject"):
            raise Sentence("Approve it or reject it.")
        look = services.decide_second_look(
            look=chosen(rows, data.get("look")), is_approved=data["do"] == "approve",
            reason=data.get("reason", ""), version=fields.version(data), by=viewer,
            now=database_now(),
        )  # fmt: skip
        messages.info(
            request,
            worded(
                "{look}: {state}.",
                look=look,
                state=said(look.get_state_display().lower()),
            ),
        )
        return redirect("close-second-looks")
    context = {
        "waiting": [
            {"one": one, "is_own": one.asked_by_id == viewer.pk} for one in
            rows.filter(state="waiting")
        ],
        "decided": [
            {"one": one, "look": LOOK[one.state]} for one in rows.exclude(state="waiting")[:SHOWN]
        ],
        "may": access.can(viewer, "close.prepare"),
    }  # fmt: skip
    return render(request, "close/second-looks.html", context)


def told(request: HttpRequest, look: Any) -> None:
    """Say that something waits; nothing is said of what was done at once."""
    if look is not None:
        messages.info(request, worded("{look} waits for a second person.", look=look))


urlpatterns = [path("spend/second-looks/", second_looks, name="close-second-looks")]
