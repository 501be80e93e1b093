"""Policies: the versions, one in words with its examples, and what differs between two."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from governance_app.gates import selectors, services
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt
from portfolio.web.governance.wording import places, rules_in_words

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
        "places": places(viewer),
    }
    return render(request, "governance/policies.html", context)


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
        "rules": rules_in_words(row),
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
            return worded("Threw “{row}” away.", row=row)

        return attempt(request, discard, back=reverse("gate-policies"))

    def activate() -> str:
        done = services.activate_policy(policy=row, by=viewer, version=fields.version(request.POST))
        return worded("“{done}” is in force.", done=done)

    return attempt(request, activate, back=back)
