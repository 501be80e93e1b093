"""Unusual spend: what it was, what it usually is, who looks into it, what they found."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend import selectors, services
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of

SHOWN = 200
STATES = (
    ("open", phrase("Open")), ("explained", phrase("Explained")),
    ("dismissed", phrase("Dismissed")), ("gone", phrase("Gone")),
)  # fmt: skip


@page("money.view")
@require_GET
def anomalies(request: HttpRequest) -> HttpResponse:
    """List unusual days and months, newest first."""
    viewer = viewer_of(request)
    state = request.GET.get("state", "open")
    if state not in dict(STATES):
        state = "open"
    rows = [
        {"one": one, "address": _behind(one)}
        for one in selectors.anomalies(viewer=viewer, state=state)[:SHOWN]
    ]
    context = {
        "rows": rows,
        "state": state,
        "states": STATES,
        "may_edit": access.can(viewer, "spend.rules"),
    }
    return render(request, "spend/anomalies.html", context)


@page("spend.rules")
@require_POST
def decide(request: HttpRequest, anomaly_id: str) -> HttpResponse:
    """Explain an anomaly, dismiss it, or open it again."""
    viewer = viewer_of(request)
    anomaly = found(selectors.anomaly(viewer=viewer, anomaly_id=anomaly_id))
    version = request.POST.get("version", "")
    services.decide_anomaly(
        anomaly=anomaly,
        state=request.POST.get("state", ""),
        note=request.POST.get("note", "")[:4000],
        version=int(version) if version.isdigit() else None,
        by=viewer,
    )
    messages.info(request, worded("Noted."))
    return redirect("spend-anomalies")


@page("spend.rules")
@require_POST
def hand(request: HttpRequest, anomaly_id: str) -> HttpResponse:
    """Let somebody else answer for an anomaly; they get word of it."""
    viewer = viewer_of(request)
    anomaly = found(selectors.anomaly(viewer=viewer, anomaly_id=anomaly_id))
    address = request.POST.get("owner", "").strip()
    owner = people.people(viewer=viewer).filter(email__iexact=address, is_active=True).first()
    if owner is None:
        raise Sentence(f"There is nobody with the address {address or 'you left empty'}.")
    services.hand_anomaly(anomaly=anomaly, owner=owner, by=viewer)
    messages.info(request, worded("{owner} answers for it now.", owner=owner))
    return redirect("spend-anomalies")


def _behind(one: Any) -> str:
    month = f"{one.on:%Y-%m}"
    query = f"since={month}&until={month}&by=service&basis=effective&source={one.source_id}"
    if one.grain == "day":
        query += "&grain=day"
    if one.account:
        query += f"&account={one.account}"
    return f"{reverse('spend')}?{query}"


urlpatterns = [
    path("spend/anomalies/", anomalies, name="spend-anomalies"),
    path("spend/anomalies/<uuid:anomaly_id>/", decide, name="spend-anomaly-decide"),
    path("spend/anomalies/<uuid:anomaly_id>/hand/", hand, name="spend-anomaly-hand"),
]
