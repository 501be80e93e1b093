"""Policies: in words, as a document to edit, with examples, and what differs between versions."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.conditions import OPERATORS, words
from governance_app.domain.errors import Sentence
from governance_app.gates import selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt

MARKS = {"draft": "warn", "active": "ok", "retired": "none"}


@page("view")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List versions by place, the newest first."""
    viewer = viewer_of(request)
    rows = [
        {"row": row, "mark": MARKS[row.state]} for row in selectors.policies(viewer=viewer)[:200]
    ]
    context = {
        "tab": "policies",
        "rows": rows,
        "may_write": access.can_anywhere(viewer, "gate.policy"),
        "places": _places(viewer),
    }
    return render(request, "governance/policies.html", context)


@page("gate.policy")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest) -> HttpResponse:
    """Write a draft: try its examples, or keep it."""
    viewer = viewer_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    node = _node(viewer, asked.get("node", ""))
    start = _start(viewer, node)
    typed = {
        "title": asked.get("title") or start["title"],
        "document": asked.get("document") or json.dumps(start["document"], indent=2),
        "examples": asked.get("examples") or json.dumps(start["examples"], indent=2),
        "reason": asked.get("reason", ""),
        "version": asked.get("version", start["version"]),
    }
    error, kept = "", None
    if request.method == "POST":
        try:
            kept = services.write_policy(
                node=node,
                title=typed["title"],
                document=_json(typed["document"], "Policy"),
                examples=_json(typed["examples"], "Examples"),
                reason=typed["reason"],
                version=int(typed["version"]) if str(typed["version"]).isdigit() else None,
                by=viewer,
            )
        except access.Refused:
            raise
        except Sentence as refusal:
            error = str(refusal)
        if kept is not None:
            return attempt(
                request,
                lambda: f"Kept “{kept}” as a draft; somebody else puts it in force.",
                back=reverse("gate-policy", args=[kept.pk]),
            )
    context = {
        "tab": "policies",
        "node": node,
        "typed": typed,
        "error": error,
        "facts": sorted(selectors.FACTS.values(), key=lambda spec: spec.name),
        "operators": OPERATORS,
        "places": _places(viewer),
    }
    return render(request, "governance/write.html", context, status=422 if error else 200)


@page("view")
@require_GET
def one(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Show a version in words, its examples, and what differs from another."""
    viewer = viewer_of(request)
    row = found(selectors.policy(viewer=viewer, policy_id=policy_id))
    others = list(selectors.policies(viewer=viewer).filter(node=row.node).exclude(pk=row.pk))
    against = next(
        (each for each in others if str(each.pk) == request.GET.get("against", "")),
        next((each for each in others if each.number < row.number), None),
    )
    policy = row.document
    context = {
        "tab": "policies",
        "row": row,
        "mark": MARKS[row.state],
        "rules": _rules(row),
        "material": [selectors.FACTS[name].title for name in policy["material"]],
        "distributed": [
            (name.replace("_", " "), value)
            for name, value in policy["distributed"].items()
            if value is not None
        ],
        "examples": selectors.standing_examples(policy=row),
        "others": others,
        "against": against,
        "differences": selectors.differences(old=against, new=row) if against else [],
        "may_write": access.can(viewer, "gate.policy", row),
        "is_own": row.written_by_id == viewer.pk,
    }
    return render(request, "governance/policy.html", context)


@page("gate.policy")
@require_POST
def act(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Put a draft in force, or throw it away."""
    viewer = viewer_of(request)
    row = found(selectors.policy(viewer=viewer, policy_id=policy_id))
    back = reverse("gate-policy", args=[row.pk])
    if request.POST.get("do") == "discard":

        def discard() -> str:
            services.discard_policy(policy=row, by=viewer)
            return f"Threw “{row}” away."

        return attempt(request, discard, back=reverse("gate-policies"))

    def activate() -> str:
        done = services.activate_policy(policy=row, by=viewer, version=fields.version(request.POST))
        return f"“{done}” is in force."

    return attempt(request, activate, back=back)


def _rules(row: Any) -> list[dict[str, Any]]:
    return [
        {
            "rule": rule,
            "when": words(rule.when, selectors.FACTS),
            "checks": [
                {
                    "check": check,
                    "must": words(check.must, selectors.FACTS),
                    "when": ""
                    if not getattr(check.when, "parts", True)
                    else words(check.when, selectors.FACTS),
                }
                for check in rule.checks
            ],
            "steps": [
                {"step": step, "words": selectors.step_words(step=step)} for step in rule.steps
            ],
        }
        for rule in selectors.read(policy=row).rules
    ]


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


def _places(viewer: Any) -> list[Any]:
    root = people.organisation()
    rows = [root] if root else []
    return [
        node
        for node in (*rows, *people.units(viewer=viewer))
        if access.can(viewer, "gate.policy", node)
    ]


def _node(viewer: Any, text: str) -> Any:
    places = _places(viewer)
    return found(
        next((node for node in places if str(node.pk) == text), places[0] if places else None)
    )
