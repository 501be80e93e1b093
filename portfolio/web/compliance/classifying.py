"""The questions that say what a law takes an initiative for, and the second person's answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.compliance import selectors, services
from governance_app.compliance.facts import facts_of
from governance_app.compliance.reading import content_of
from governance_app.domain import questions as sums
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from portfolio.charts.wording import said as worded_of
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.compliance.common import answers_of, lines_of


@page("view")
@require_http_methods(["GET", "POST"])
def classify(request: HttpRequest, key: str, scheme: str) -> HttpResponse:
    """Answer the questions of a scheme; a preview says what they come to before they are sent."""
    viewer, today = viewer_of(request), timezone.localdate()
    row = found(initiatives.initiative(viewer=viewer, key=key))
    libraries = selectors.libraries(viewer=viewer, kind="classification")
    library = found(libraries.filter(key=scheme).first())
    content = content_of(library)
    history = selectors.classifications(viewer=viewer, initiative=row, scheme=scheme)
    last = history.first()
    answers: dict[str, Any] = dict(last.answers) if last else {}
    notes: dict[str, str] = dict(last.notes) if last else {}
    error, status = "", 200
    if request.method == "POST":
        answers, notes = answers_of(request, content.tree.questions)
        if request.POST.get("do") == "classify":
            try:
                made = services.classify(
                    initiative=row,
                    scheme=scheme,
                    answers=answers,
                    notes=notes,
                    override_tier=request.POST.get("override_tier", ""),
                    override_reason=request.POST.get("override_reason", ""),
                    on=today,
                    by=viewer,
                )
            except access.Refused:
                raise
            except Sentence as refused:
                error, status = str(refused), 422
            else:
                names = {tier.slug: tier.name for tier in content.tree.tiers}
                tier = worded_of(names.get(made.tier, "Unknown").lower())
                messages.info(
                    request, worded("Classified: {tier}. A second person confirms it.", tier=tier)
                )
                return redirect("initiative-compliance", row.key)
    said = {name: value for name, value in answers.items() if value}
    facts = facts_of(row)
    _, asked = sums.shown(content.tree, answers=said, facts=facts)
    outcome = sums.judge(content.tree, answers=said, facts=facts)
    names = {tier.slug: tier.name for tier in content.tree.tiers}
    context = {
        "row": row,
        "library": library,
        "sections": lines_of(asked, answers, notes),
        "outcome": outcome,
        "verdict": names.get(outcome.tier, phrase("Unknown")),
        "ceiling": names.get(outcome.ceiling or "", ""),
        "flags": [flag.name for flag in content.tree.flags if flag.slug in outcome.flags],
        "left": sum(1 for question in asked if question.key not in said),
        "asked": len(asked),
        "tiers": content.tree.tiers,
        "override_tier": request.POST.get("override_tier", ""),
        "override_reason": request.POST.get("override_reason", ""),
        "error": error,
        "history": history,
        "may_edit": access.can(viewer, "compliance.edit", row),
    }
    return render(request, "compliance/classify.html", context, status=status)
