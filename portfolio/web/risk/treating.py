"""What is done about a risk on the page of its initiative: plans, acceptance, controls, losses."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.compliance import selectors as compliance
from governance_app.risk import selectors as risks
from governance_app.risk import services
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.posted import act_of
from portfolio.web.risk.initiative import attempted, initiative_of


@page("risk.edit")
@require_POST
def treat(request: HttpRequest, key: str) -> HttpResponse:
    """Do what a form about a risk's treatment asks for."""
    row = initiative_of(request, key)
    form = f"{request.POST.get('do', '')}-{request.POST.get('risk', '')}"

    def run() -> str:
        return act_of(request, _ACTS)(request, row, timezone.localdate())

    return attempted(request, row, form, run)


@page("risk.accept")
@require_POST
def accept(request: HttpRequest, key: str, acceptance_id: str) -> HttpResponse:
    """Accept a risk for a time, refuse to, or take an acceptance back."""
    row = initiative_of(request, key)
    viewer, today = viewer_of(request), timezone.localdate()
    rows = risks.acceptances(viewer=viewer, initiative=row)
    one = found(rows.filter(pk=acceptance_id).first())
    reason, verdict = request.POST.get("reason", ""), request.POST.get("verdict", "")

    def run() -> str:
        if verdict == "end":
            services.end_acceptance(acceptance=one, because=reason, on=today, by=viewer)
            return worded("Taken back.")
        made = services.decide_acceptance(
            acceptance=one, is_granted=verdict == "grant", reason=reason, on=today, by=viewer
        )
        return (
            worded("Accepted until {expires_on}.", expires_on=made.expires_on)
            if made.is_granted
            else worded("Not accepted.")
        )

    return attempted(request, row, f"accept-{one.risk_id}", run)


def _risk(request: HttpRequest, row: Any) -> Any:
    wanted = request.POST.get("risk", "")
    rows = risks.risks(viewer=viewer_of(request), initiative=row)
    return found(next((each for each in rows if str(each.pk) == wanted), None))


def _plan(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.plan_step(
        risk=_risk(request, row),
        treatment=request.POST.get("treatment", ""),
        title=request.POST.get("title", ""),
        due_on=fields.needed_day(request.POST.get("due_on", ""), worded("Due")),
        target_residual=fields.whole(request.POST.get("target", ""), "Level aimed at"),
        owner=viewer_of(request) if request.POST.get("mine") else None,
        on=today,
        by=viewer_of(request),
    )
    return worded("“{made}” is due on {due_on}.", made=made, due_on=made.due_on)


def _finish(request: HttpRequest, row: Any, today: dt.date) -> str:
    wanted = request.POST.get("step", "")
    steps = _risk(request, row).treatment_steps.all()
    step = found(next((each for each in steps if str(each.pk) == wanted), None))
    services.finish_step(
        step=step,
        note=request.POST.get("note", ""),
        version=fields.version(request.POST),
        on=today,
        by=viewer_of(request),
    )
    return worded("“{step}” is done.", step=step)


def _ask(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.request_acceptance(
        risk=_risk(request, row),
        reason=request.POST.get("reason", ""),
        expires_on=fields.needed_day(request.POST.get("expires_on", ""), worded("Until")),
        on=today,
        by=viewer_of(request),
    )
    return worded("Asked until {expires_on}. Somebody else decides.", expires_on=made.expires_on)


def _use(request: HttpRequest, row: Any, today: dt.date) -> str:
    wanted = request.POST.get("applied", "")
    rows = compliance.controls(viewer=viewer_of(request), initiative=row)
    applied = found(next((each for each in rows if str(each.pk) == wanted), None))
    made = services.use_control(
        risk=_risk(request, row),
        applied=applied,
        kind=request.POST.get("kind", ""),
        on=today,
        by=viewer_of(request),
    )
    return worded("“{made}” counts with what its tests say.", made=made)


def _loss(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.set_loss(
        risk=_risk(request, row),
        probability=fields.share(request.POST.get("probability", ""), worded("Chance")),
        low=fields.number(request.POST.get("low", ""), "From"),
        high=fields.number(request.POST.get("high", ""), "To"),
        currency=request.POST.get("currency", ""),
        version=fields.version(request.POST),
        by=viewer_of(request),
    )
    return (
        worded("The range is kept.")
        if made.loss_low is not None
        else worded("The range is taken away.")
    )


_ACTS: dict[str, Callable[[HttpRequest, Any, dt.date], str]] = {
    "plan": _plan,
    "finish": _finish,
    "ask": _ask,
    "use": _use,
    "loss": _loss,
}
