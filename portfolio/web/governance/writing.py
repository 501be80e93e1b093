"""Writing a policy: a form of rules, steps and examples, tried while it is typed; or a document."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance_app.compliance import selectors as compliance
from governance_app.compliance.reading import EU_AI_ACT, content_of
from governance_app.domain.errors import Sentence
from governance_app.gates import selectors, services
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.editing import changing
from portfolio.web.governance.editing.shown import form_of
from portfolio.web.governance.editing.typed import Typed, document_of, from_document, from_post
from portfolio.web.governance.trying import attempt
from portfolio.web.governance.wording import places, rules_in_words
from portfolio.web.htmx import render_fragment

TEMPLATE = "governance/write.html"


@page("gate.policy")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Show the form, do what one of its buttons says, or keep it as a draft."""
    viewer = viewer_of(request)
    node = _node(request)
    if request.method == "GET":
        start = _start(viewer, node)
        typed = from_document(start["document"], start["examples"])
        typed |= {"title": start["title"], "version": start["version"], "reason": ""}
        return _form(request, node, typed)
    wish = request.POST.get("do", "keep")
    if "document" in request.POST:
        return _from_document(request, node, wish)
    typed = from_post(request.POST)
    if wish == "keep":
        return _keep(request, node, typed)
    if wish == "expert":
        return _as_document(request, node, typed)
    error = ""
    if wish == "from":
        error = _take_facts(request, typed)
        wish = f"from:examples.{len(typed['examples']) - 1}"
    else:
        changing.change(typed, wish)
    return _form(request, node, typed, error=error, opened=changing.opened(wish))


@page("gate.policy")
@require_POST
def tried(request: HttpRequest) -> HttpResponse:
    """Say what the draft as it is typed would do; nothing is kept."""
    told = _tried(request, _node(request), from_post(request.POST))
    return render(request, "governance/editor/tried.html", told)


def _form(
    request: HttpRequest, node: Any, typed: Typed, *, error: str = "", opened: str = ""
) -> HttpResponse:
    viewer = viewer_of(request)
    floor = selectors.floor_of(node=node)
    context = {
        "tab": "policies",
        "node": node,
        "error": error,
        "form": form_of(typed, suggestions=_suggestions(viewer), opened=opened),
        "floor": floor,
        "floor_rules": rules_in_words(floor) if floor else [],
        **_tried(request, node, typed),
    }
    status = 422 if error else 200
    return render_fragment(request, TEMPLATE, "editor", context, status=status)


def _expert(request: HttpRequest, node: Any, shown: dict[str, str], error: str) -> HttpResponse:
    context = {
        "tab": "policies",
        "node": node,
        "error": error,
        "expert": True,
        "form": shown,
        "floor": selectors.floor_of(node=node),
        "facts": sorted(selectors.FACTS.values(), key=lambda spec: spec.name),
    }
    return render(request, TEMPLATE, context, status=422 if error else 200)


def _keep(request: HttpRequest, node: Any, typed: Typed) -> HttpResponse:
    try:
        document, examples = document_of(typed, selectors.FACTS)
        kept = _write(request, node, typed, document, examples)
    except access.Refused:
        raise
    except Sentence as refusal:
        return _form(request, node, typed, error=str(refusal))
    return _kept(request, kept)


def _as_document(request: HttpRequest, node: Any, typed: Typed) -> HttpResponse:
    try:
        document, examples = document_of(typed, selectors.FACTS)
    except Sentence as refusal:
        return _form(request, node, typed, error=str(refusal))
    shown = {
        **{name: typed[name] for name in ("title", "reason", "version")},
        "document": json.dumps(document, indent=2),
        "examples": json.dumps(examples, indent=2),
    }
    return _expert(request, node, shown, "")


def _from_document(request: HttpRequest, node: Any, wish: str) -> HttpResponse:
    """Keep what stands in the expert view, or go back to the form with it."""
    names = ("title", "reason", "version", "document", "examples")
    shown = {name: request.POST.get(name, "") for name in names}
    try:
        document = _json(shown["document"], "Policy")
        examples = _json(shown["examples"] or "[]", "Examples")
        if wish != "form":
            return _kept(request, _write(request, node, shown, document, examples))
        # Reading it first says where a document is wrong that the form could not show.
        selectors.tried(viewer=viewer_of(request), node=node, document=document, examples=examples)
    except access.Refused:
        raise
    except Sentence as refusal:
        return _expert(request, node, shown, str(refusal))
    typed = from_document(document, examples)
    return _form(request, node, typed | {name: shown[name] for name in names[:3]})


def _write(request: HttpRequest, node: Any, said: Any, document: Any, examples: Any) -> Any:
    return services.write_policy(
        node=node,
        title=said["title"],
        document=document,
        examples=examples,
        reason=said["reason"],
        version=int(said["version"]) if str(said["version"]).isdigit() else None,
        by=viewer_of(request),
    )


def _kept(request: HttpRequest, kept: Any) -> HttpResponse:
    return attempt(
        request,
        lambda: worded("Kept “{kept}” as a draft; somebody else puts it in force.", kept=kept),
        back=reverse("gate-policy", args=[kept.pk]),
    )


def _tried(request: HttpRequest, node: Any, typed: Typed) -> dict[str, Any]:
    try:
        document, examples = document_of(typed, selectors.FACTS)
        return {
            "tried": selectors.tried(
                viewer=viewer_of(request), node=node, document=document, examples=examples
            )
        }
    except access.Refused:
        raise
    except Sentence as refusal:
        return {"problem": str(refusal)}


def _take_facts(request: HttpRequest, typed: Typed) -> str:
    """Add an example with the facts of an initiative as they are today; gives what is wrong."""
    viewer = viewer_of(request)
    key = request.POST.get("from", "").strip().upper()
    row = initiatives.initiative(viewer=viewer, key=key) if key else None
    if row is None:
        return (
            worded("There is no initiative “{key}” that you may see.", key=key)
            if key
            else worded("Name an initiative.")
        )
    stages = [stage.slug for stage in initiatives.stages()]
    here = row.stage.slug if row.stage else stages[0]
    after = stages[min(stages.index(here) + 1, len(stages) - 1)] if here in stages else here
    outlook = selectors.outlook(viewer=viewer, initiative=row, on=timezone.localdate(), stage=after)
    facts = {name: value for name, value in outlook.judged.facts.items() if value is not None}
    made = from_document({}, [{"title": f"{row.name} today", "facts": facts}])["examples"][0]
    typed["examples"].append(made | {"mode": outlook.judged.mode.mode, "expect": "asks"})
    return ""


def _suggestions(viewer: Any) -> dict[str, list[str]]:
    """Give texts that facts without fixed choices are known to have."""
    stages = [stage.slug for stage in initiatives.stages()]
    law = compliance.library(viewer=viewer, key=EU_AI_ACT)
    tiers = [tier.slug for tier in content_of(law).tree.tiers] if law else []
    return {"from_stage": stages, "to_stage": stages, "eu_tier": tiers}


def _start(viewer: Any, node: Any) -> dict[str, Any]:
    """Give what to begin with: the draft that stands, the version in force, or the starter."""
    rows = selectors.policies(viewer=viewer).filter(node=node)
    row = rows.filter(state="draft").first() or rows.filter(state="active").first()
    if row is not None:
        return {
            "title": row.title,
            "document": row.document,
            "examples": row.examples,
            "version": row.version if row.state == "draft" else "",
        }
    if node.kind == "organisation":
        return {**selectors.starter(), "version": ""}
    empty: dict[str, Any] = {"rules": [], "material": [], "distributed": {}}
    return {"title": f"Gates of {node}", "document": empty, "examples": [], "version": ""}


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise Sentence(f"{what}: line {line} is not JSON.") from error


def _node(request: HttpRequest) -> Any:
    asked = request.POST if request.method == "POST" else request.GET
    rows, text = places(viewer_of(request)), asked.get("node", "")
    return found(next((node for node in rows if str(node.pk) == text), rows[0] if rows else None))
