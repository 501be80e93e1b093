"""Allocation rules: what they say, in the order they are asked."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.spend import selectors, services
from portfolio.web.access import found, page, viewer_of

ALLOCATE = "governance_app.spend.tasks.reallocate"
LOOKS_AT = ("tag", *selectors.RULE_DIMENSIONS)


@page("money.view")
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules; POST adds one, by which a job allocates."""
    viewer = viewer_of(request)
    if request.method == "POST":
        made = _add(request, viewer)
        messages.info(request, f"{made.rule} is asked from now on. The ledger is allocated anew.")
        return redirect("spend-rules")
    today = timezone.localdate()
    run = selectors.last_run(viewer=viewer)
    context = {
        "rows": [_row(version, today) for version in selectors.rules(viewer=viewer)],
        "dimensions": LOOKS_AT,
        "may_edit": access.can(viewer, "spend.rules"),
        "run": run,
        "balances": selectors.balances_of(run=run, basis="billed")[:60] if run else [],
    }
    return render(request, "spend/rules.html", context)


@page("spend.rules")
@require_POST
def end(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let a rule end with a month."""
    viewer = viewer_of(request)
    rule = found(selectors.rule(viewer=viewer, rule_id=rule_id))
    version = request.POST.get("version", "")
    services.end_rule(
        rule=rule,
        until_month=_month(request.POST.get("until", "")),
        version=int(version) if version.isdigit() else None,
        by=viewer,
    )
    messages.info(request, f"{rule} ends. The ledger is allocated anew.")
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def allocate(request: HttpRequest) -> HttpResponse:
    """Allocate the ledger anew, as a job."""
    job = jobs.receive(
        kind=ALLOCATE, title="Allocate the ledger", payload={}, by=viewer_of(request), key=ALLOCATE
    )
    return redirect("job", job.pk)


def _add(request: HttpRequest, viewer: Any) -> Any:
    asked = request.POST
    target = None
    if asked.get("target") != "value":
        key = asked.get("initiative", "").strip().split(" ")[0].upper()
        target = initiatives.initiative(viewer=viewer, key=key)
        if target is None:
            raise Sentence(
                f"There is no initiative {key or 'without a key'}; write its key, such as AI-142."
            )
    position = asked.get("position", "")
    since = asked.get("from", "")
    return services.add_rule(
        name=asked.get("name", "")[:200],
        dimension=asked.get("dimension", ""),
        tag=asked.get("tag", "")[:200] if asked.get("dimension") == "tag" else "",
        value=asked.get("value", "")[:500],
        initiative=target,
        position=int(position) if position.isdigit() and int(position) else None,
        from_month=_month(since) if since else selectors.ALWAYS,
        by=viewer,
    )


def _row(version: Any, today: dt.date) -> dict[str, Any]:
    (condition,) = version.conditions
    what = f"tag {condition['tag']}" if condition["dimension"] == "tag" else condition["dimension"]
    if version.takes_key:
        says = f"{what} is the key of an initiative"
    else:
        says = f"{what} is {condition['value']}"
    is_over = version.until_month is not None and version.until_month <= today.replace(day=1)
    return {
        "version": version,
        "says": says,
        "is_over": is_over,
        "is_always": version.from_month == selectors.ALWAYS,
    }


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text[:7]}-01")
    except ValueError as error:
        raise Sentence(f"{text!r} is not a month such as 2026-11.") from error


urlpatterns = [
    path("spend/rules/", rules, name="spend-rules"),
    path("spend/rules/allocate/", allocate, name="spend-allocate"),
    path("spend/rules/<uuid:rule_id>/end/", end, name="spend-rule-end"),
]
