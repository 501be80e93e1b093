"""Allocation rules: what they say, in the order they are asked, and what a change would move."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend import selectors, services
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.spend import rule_form

ALLOCATE = "governance_app.spend.tasks.reallocate"


@page("money.view")
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """List the rules in the order they are asked, with what waits for approval."""
    viewer = viewer_of(request)
    today = timezone.localdate()
    run = selectors.last_run(viewer=viewer)
    rows = [_row(rule, today) for rule in selectors.rules_in_order(viewer=viewer)]
    context = {
        "asked_of_keys": [row for row in rows if not row["from_pool"]],
        "asked_of_pools": [row for row in rows if row["from_pool"]],
        "may_edit": access.can(viewer, "spend.rules"),
        "proposals": selectors.proposals(viewer=viewer, state="waiting")[:50],
        "pools": selectors.pools(viewer=viewer),
        "synonyms": selectors.synonyms(viewer=viewer),
        "viewer": viewer,
        "run": run,
        "balances": selectors.balances_of(run=run, basis="billed")[:60] if run else [],
    }
    return render(request, "spend/rules.html", context)


@page("spend.rules")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Write a rule; it is applied, or waits for a second person."""
    viewer = viewer_of(request)
    if request.method == "POST":
        return _write(request, viewer, "add", None)
    return _editor(request, viewer, rule_form.from_query(request.GET), rule=None)


@page("spend.rules")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let a rule say something else from a month on."""
    viewer = viewer_of(request)
    rule = found(selectors.rule(viewer=viewer, rule_id=rule_id))
    if request.method == "POST":
        return _write(request, viewer, "change", rule)
    versions = selectors.rule_versions(rule=rule)
    return _editor(request, viewer, rule_form.from_version(versions[0]), rule=rule)


@page("spend.rules")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Say what the rule in the form would move; nothing is changed."""
    viewer = viewer_of(request)
    rule = None
    if rule_id := request.POST.get("rule", ""):
        rule = found(selectors.rule(viewer=viewer, rule_id=rule_id))
    context: dict[str, Any]
    try:
        asked = rule_form.asked(request.POST)
        effect = services.preview_rule(
            action="change" if rule else "add", asked=asked, rule=rule, by=viewer
        )
        context = {"effect": effect}
    except Sentence as error:
        context = {"problem": str(error)}
    return render(request, "spend/rule_effect.html", context)


@page("money.view")
@require_GET
def history(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Show what a rule has said since when, and who asked for which change of it."""
    viewer = viewer_of(request)
    rule = found(selectors.rule(viewer=viewer, rule_id=rule_id))
    today = timezone.localdate()
    context = {
        "rule": rule,
        "versions": [_version(one, today) for one in selectors.rule_versions(rule=rule)],
        "proposals": selectors.proposals(viewer=viewer).filter(rule=rule)[:100],
        "may_edit": access.can(viewer, "spend.rules", rule),
    }
    return render(request, "spend/rule.html", context)


@page("spend.rules")
@require_POST
def end(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let a rule end with a month."""
    return _change(request, rule_id, "end", {"until_month": request.POST.get("until", "")})


@page("spend.rules")
@require_POST
def restore(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Let an ended rule go on."""
    return _change(request, rule_id, "restore", {})


@page("spend.rules")
@require_POST
def move(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Ask a rule earlier or later."""
    position = request.POST.get("position", "")
    if not position.isdigit():
        raise Sentence("Say at which place the rule is asked, counting from 1.")
    return _change(request, rule_id, "move", {"position": int(position)})


@page("spend.rules")
@require_POST
def decide(request: HttpRequest, proposal_id: str) -> HttpResponse:
    """Approve or reject a proposed change."""
    viewer = viewer_of(request)
    proposal = found(selectors.proposal(viewer=viewer, proposal_id=proposal_id))
    is_approved = request.POST.get("decision") == "approve"
    services.decide_proposal(
        proposal=proposal,
        is_approved=is_approved,
        reason=request.POST.get("reason", "")[:2000],
        by=viewer,
    )
    messages.info(
        request,
        worded("{proposal} is applied; the ledger is allocated anew.", proposal=proposal)
        if is_approved
        else worded("{proposal} is rejected.", proposal=proposal),
    )
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def add_pool(request: HttpRequest) -> HttpResponse:
    """Add a shared-cost pool."""
    made = services.add_pool(
        name=request.POST.get("name", "")[:200], owner=viewer_of(request), by=viewer_of(request)
    )
    messages.info(
        request, worded("The pool {made} steps down last. Rules fill it and pass it on.", made=made)
    )
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def order_pools(request: HttpRequest) -> HttpResponse:
    """Let a pool step down one place earlier or later."""
    viewer = viewer_of(request)
    names = [pool.name for pool in selectors.pools(viewer=viewer)]
    name = request.POST.get("name", "")
    if name not in names:
        raise Sentence(f"There is no pool {name!r}.")
    at = names.index(name)
    to = at + (1 if request.POST.get("do") == "later" else -1)
    if not 0 <= to < len(names):
        raise Sentence(f"{name} steps down {'first' if to < 0 else 'last'} already.")
    names[at], names[to] = names[to], names[at]
    services.order_pools(names=names, by=viewer)
    messages.info(
        request, worded("Pools step down in another order. The ledger is allocated anew.")
    )
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def end_synonym(request: HttpRequest, synonym_id: str) -> HttpResponse:
    """Let a spelling count no longer."""
    viewer = viewer_of(request)
    synonym = found(selectors.synonyms(viewer=viewer).filter(pk=synonym_id).first())
    services.end_synonym(
        synonym=synonym, until_month=rule_form.month(request.POST.get("until", "")), by=viewer
    )
    messages.info(
        request, worded("{synonym}: no longer. The ledger is allocated anew.", synonym=synonym)
    )
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def add_synonym(request: HttpRequest) -> HttpResponse:
    """Let another spelling of a tag or of its value count."""
    since = request.POST.get("from", "")
    made = services.add_synonym(
        tag=request.POST.get("tag", "")[:200],
        written=request.POST.get("written", "")[:500],
        means=request.POST.get("means", "")[:500],
        from_month=rule_form.month(since) if since else selectors.ALWAYS,
        by=viewer_of(request),
    )
    messages.info(request, worded("{made}. The ledger is allocated anew.", made=made))
    return redirect("spend-rules")


@page("spend.rules")
@require_POST
def allocate(request: HttpRequest) -> HttpResponse:
    """Allocate the whole ledger anew, as a job."""
    job = jobs.receive(
        kind=ALLOCATE, title="Allocate the ledger", payload={"is_full": True},
        by=viewer_of(request), key=ALLOCATE,
    )  # fmt: skip
    return redirect("job", job.pk)


def _write(request: HttpRequest, viewer: Any, action: str, rule: Any) -> HttpResponse:
    form = request.POST
    try:
        asked = rule_form.asked(form)
        proposal = services.propose_rule(
            action=action, asked=asked, rule=rule, reason=form.get("reason", "")[:2000], by=viewer
        )
    except Sentence as error:
        return _editor(
            request, viewer, rule_form.from_post(form), rule=rule, problem=str(error), status=422
        )
    messages.info(request, _told(proposal))
    return redirect("spend-rules")


def _change(
    request: HttpRequest, rule_id: str, action: str, asked: Mapping[str, Any]
) -> HttpResponse:
    viewer = viewer_of(request)
    rule = found(selectors.rule(viewer=viewer, rule_id=rule_id))
    version = request.POST.get("version", "")
    proposal = services.propose_rule(
        action=action,
        asked={**asked, **({"version": int(version)} if version.isdigit() else {})},
        rule=rule,
        by=viewer,
    )
    messages.info(request, _told(proposal))
    return redirect("spend-rules")


def _told(proposal: Any) -> str:
    if proposal.state == "waiting":
        return worded("{proposal} waits for a second pair of eyes.", proposal=proposal)
    return worded("{proposal}: done. The ledger is allocated anew.", proposal=proposal)


def _editor(
    request: HttpRequest,
    viewer: Any,
    form: rule_form.RuleForm,
    *,
    rule: Any,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "rule": rule,
        "problem": problem,
        "dimensions": ("tag", *selectors.RULE_DIMENSIONS),
        "pools": selectors.pools(viewer=viewer),
        "units": people.units(viewer=viewer),
        "action": reverse("spend-rule-edit", args=[rule.pk]) if rule else reverse("spend-rule-add"),
    }
    return render(request, "spend/rule_editor.html", context, status=status)


def _row(rule: Any, today: dt.date) -> dict[str, Any]:
    versions = sorted(rule.versions.all(), key=lambda one: -one.number)
    latest = versions[0]
    return {
        **_version(latest, today),
        "rule": rule,
        "place": rule.place,
        "count": len(versions),
        "from_pool": latest.from_pool,
    }


def _version(version: Any, today: dt.date) -> dict[str, Any]:
    says, whom = selectors.words_of(version=version)
    first = today.replace(day=1)
    return {
        "version": version,
        "says": says,
        "whom": whom,
        "is_over": version.until_month is not None and version.until_month <= first,
        "is_always": version.from_month == selectors.ALWAYS,
    }


urlpatterns = [
    path("spend/rules/", rules, name="spend-rules"),
    path("spend/rules/add/", add, name="spend-rule-add"),
    path("spend/rules/preview/", preview, name="spend-rule-preview"),
    path("spend/rules/allocate/", allocate, name="spend-allocate"),
    path("spend/rules/pools/", add_pool, name="spend-pool-add"),
    path("spend/rules/pools/order/", order_pools, name="spend-pools-order"),
    path("spend/rules/synonyms/", add_synonym, name="spend-synonym-add"),
    path("spend/rules/synonyms/<uuid:synonym_id>/end/", end_synonym, name="spend-synonym-end"),
    path("spend/rules/proposals/<uuid:proposal_id>/", decide, name="spend-proposal-decide"),
    path("spend/rules/<uuid:rule_id>/", history, name="spend-rule"),
    path("spend/rules/<uuid:rule_id>/edit/", edit, name="spend-rule-edit"),
    path("spend/rules/<uuid:rule_id>/end/", end, name="spend-rule-end"),
    path("spend/rules/<uuid:rule_id>/restore/", restore, name="spend-rule-restore"),
    path("spend/rules/<uuid:rule_id>/move/", move, name="spend-rule-move"),
]
