"""One assessment: its questions by section, evidence behind answers, handing in and deciding."""

from collections.abc import Callable
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
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.compliance.common import answers_of, kept, lines_of
from portfolio.web.posted import act_of, posted

RESULTS = {
    "met": phrase("Met"),
    "partly": phrase("In part"),
    "gap": phrase("Gap"),
    "na": phrase("Does not apply"),
}


@page("view")
@require_http_methods(["GET", "POST"])
def assessment(request: HttpRequest, key: str, assessment_id: str) -> HttpResponse:
    """Show an assessment; answer, hand in, decide, or add evidence to it."""
    viewer = viewer_of(request)
    row = found(initiatives.initiative(viewer=viewer, key=key))
    one = found(selectors.assessment(viewer=viewer, assessment_id=assessment_id))
    if one.initiative_id != row.pk:
        found(None)
    done = posted(request, lambda: act_of(request, _ACTS)(request, one))
    if done.answer is not None:
        messages.info(request, done.answer)
        return redirect("assessment", row.key, one.pk)
    content = content_of(one.library)
    is_draft = one.state == "draft"
    answers, notes = dict(one.answers), dict(one.notes)
    if done.error and request.POST.get("do") in ("save", "submit"):
        typed, said = answers_of(request, content.tree.questions)
        answers, notes = {**answers, **typed}, {**notes, **said}
    facts = facts_of(row) if is_draft else one.facts
    counted, asked = sums.shown(content.tree, answers=answers, facts=facts)
    proofs: dict[str, list[Any]] = {}
    for link in one.evidence_links.all():
        proofs.setdefault(link.question, []).append(link.evidence)
    context = {
        "row": row,
        "one": one,
        "is_draft": is_draft,
        "sections": lines_of(
            asked,
            answers,
            notes,
            proofs=proofs,
            result={
                name: RESULTS.get(value, phrase("Unknown")) for name, value in one.results.items()
            },
        ),
        "answered": len(counted),
        "asked": len(asked),
        "tier": next((t.name for t in content.tree.tiers if t.slug == one.tier), ""),
        "gaps": one.gaps.select_related("owner").order_by("due_on", "pk"),
        "today": timezone.localdate(),
        "error": done.error,
        "may_edit": access.can(viewer, "compliance.edit", row),
        "may_review": access.can(viewer, "compliance.review", row),
        "is_own": viewer.pk in (one.submitted_by_id, one.begun_by_id),
    }
    return render(request, "compliance/assessment.html", context, status=done.status)


def _save(request: HttpRequest, one: Any) -> str:
    answers, notes = answers_of(request, content_of(one.library).tree.questions)
    services.answer(
        assessment=one,
        answers=answers,
        notes=notes,
        version=fields.version(request.POST),
        by=viewer_of(request),
    )
    return worded("Answers kept.")


def _submit(request: HttpRequest, one: Any) -> str:
    _save(request, one)
    services.submit_assessment(assessment=one, on=timezone.localdate(), by=viewer_of(request))
    return worded("Handed in. Somebody else decides.")


def _decide(request: HttpRequest, one: Any) -> str:
    is_approved = request.POST.get("verdict") == "approve"
    decided = services.decide_assessment(
        assessment=one,
        is_approved=is_approved,
        reason=request.POST.get("reason", ""),
        version=fields.version(request.POST),
        on=timezone.localdate(),
        by=viewer_of(request),
    )
    if not is_approved:
        return worded("Returned.")
    return worded(
        "Approved until {valid_until}; gaps became actions.", valid_until=str(decided.valid_until)
    )


def _prove(request: HttpRequest, one: Any) -> str:
    today = timezone.localdate()
    made = services.add_evidence(
        initiative=one.initiative,
        title=request.POST.get("title", ""),
        url=request.POST.get("url", ""),
        file=kept(request),
        collected_on=fields.day(request.POST.get("collected_on", ""), "Day") or today,
        valid_until=fields.day(request.POST.get("valid_until", ""), "Counts until"),
        assessment=one,
        question=request.POST.get("question", ""),
        on=today,
        by=viewer_of(request),
    )
    return worded(
        "“{made}” stands behind the answer until {valid_until}.",
        made=made,
        valid_until=str(made.valid_until),
    )


_ACTS: dict[str, Callable[[HttpRequest, Any], str]] = {
    "save": _save,
    "submit": _submit,
    "decide": _decide,
    "prove": _prove,
}
