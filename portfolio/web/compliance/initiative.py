"""Compliance of one initiative: classes and duties, assessments, controls, gaps, evidence."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.compliance import selectors, services
from governance_app.compliance.reading import CONTROLS, content_of
from governance_app.compliance.standing import effect_of, fresh_until
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.risk import services as risk
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.compliance.common import kept, person
from portfolio.web.posted import act_of, posted

SUBJECTS = (
    "model_risk", "impact", "bias", "privacy", "security", "data_quality", "third_party",
)  # fmt: skip
STATES = {
    "planned": phrase("Planned"),
    "in_place": phrase("In place"),
    "not_applicable": phrase("Does not apply"),
}


@page("view")
@require_http_methods(["GET", "POST"])
def page_of(request: HttpRequest, key: str) -> HttpResponse:
    """Show the compliance of one initiative; every form of the page comes back here."""
    viewer, today = viewer_of(request), timezone.localdate()
    row = found(initiatives.initiative(viewer=viewer, key=key))
    done = posted(request, lambda: act_of(request, _ACTS)(request, row, today))
    if isinstance(done.answer, HttpResponse):
        return done.answer
    if done.answer is not None:
        messages.info(request, done.answer)
        return redirect("initiative-compliance", row.key)
    context = {
        "row": row,
        "tab": "compliance",
        "today": today,
        "error": done.error,
        "failed": request.POST.get("do", "") if done.error else "",
        "typed": request.POST if done.error else {},
        "schemes": _schemes(viewer, row),
        "subjects": _subjects(viewer, row, today),
        "bias_audit": selectors.bias_audits(viewer=viewer, initiative=row)
        .filter(withdrawn_on=None)
        .first(),
        "controls": _controls(viewer, row, today),
        "gaps": selectors.gaps(viewer=viewer, initiative=row),
        "evidence": selectors.evidence(viewer=viewer, initiative=row),
        "validations": selectors.validations(viewer=viewer, initiative=row),
        "arrangements": selectors.arrangements(viewer=viewer, initiative=row),
        "frameworks": _frameworks(viewer, row),
        "states": STATES,
        "may_edit": access.can(viewer, "compliance.edit", row),
        "may_review": access.can(viewer, "compliance.review", row),
        "may_validate": access.can(viewer, "model.validate", row),
    }
    return render(request, "compliance/initiative.html", context, status=done.status)


def _schemes(viewer: Any, row: Any) -> list[dict[str, Any]]:
    """Write what counts under each scheme, what it rests on, and what follows from it."""
    now = selectors.tiers_now(viewer=viewer, initiative=row)
    lines = []
    for library in selectors.libraries(viewer=viewer, kind="classification"):
        content = content_of(library)
        names = {tier.slug: tier.name for tier in content.tree.tiers}
        flags = {flag.slug: flag.name for flag in content.tree.flags}
        held = now.get(library.key)
        judged = (held.proposed or held.confirmed) if held else None
        lines.append(
            {
                "library": library,
                "held": held,
                "tier": names.get(held.tier, phrase("Unknown"))
                if held
                else phrase("Not classified"),
                "slug": held.tier if held else "unknown",
                "judged": judged,
                "judged_tier": names.get(judged.tier, phrase("Unknown")) if judged else "",
                "flags": [
                    flags[flag] for flag in (judged.flags if judged else ()) if flag in flags
                ],
                "duties": [
                    {
                        **duty,
                        "from": dt.date.fromisoformat(duty["applies_from"])
                        if duty["applies_from"]
                        else None,
                    }
                    for duty in (judged.duties if judged else ())
                ],
                "is_outdated": bool(judged and judged.library.number < library.number),
                "is_own": bool(judged and judged.classified_by_id == viewer.pk),
            }
        )
    return lines


def _subjects(viewer: Any, row: Any, today: dt.date) -> list[dict[str, Any]]:
    """Write the newest assessment of each subject, begun or not."""
    every: dict[str, list[Any]] = {}
    for one in selectors.assessments(viewer=viewer, initiative=row):
        every.setdefault(one.subject, []).append(one)
    lines = []
    for library in selectors.libraries(viewer=viewer, kind="assessment"):
        found_here = every.get(library.subject, [])
        approved = next((one for one in found_here if one.state == "approved"), None)
        lines.append(
            {
                "library": library,
                "newest": found_here[0] if found_here else None,
                "approved": approved,
                "tier": _tier(approved),
                "is_fresh": bool(
                    approved and approved.valid_until and approved.valid_until >= today
                ),
            }
        )
    order = {subject: place for place, subject in enumerate(SUBJECTS)}
    return sorted(lines, key=lambda line: order.get(line["library"].subject, len(order)))


def _tier(one: Any) -> str:
    if one is None or not one.tier:
        return ""
    tiers = content_of(one.library).tree.tiers
    return next((tier.name for tier in tiers if tier.slug == one.tier), phrase("tier unknown"))


def _controls(viewer: Any, row: Any, today: dt.date) -> list[dict[str, Any]]:
    """Write every control of the library with how it stands here."""
    applied = {each.ref: each for each in selectors.controls(viewer=viewer, initiative=row)}
    library = selectors.library(viewer=viewer, key=CONTROLS)
    lines = []
    for node in content_of(library).nodes if library is not None else ():
        control = applied.get(node.ref)
        effect = effect_of(control, on=today) if control else None
        until = fresh_until(control) if control else None
        lines.append(
            {
                "node": node,
                "control": control,
                "state": STATES.get(control.state, "") if control else phrase("Nothing said"),
                "effect": spelling.percent(effect) if effect is not None else "",
                "until": until,
                "is_late": bool(until and until < today),
            }
        )
    return lines


def _frameworks(viewer: Any, row: Any) -> list[dict[str, Any]]:
    """Count what is known of each framework for this initiative."""
    counts: dict[str, dict[str, int]] = {}
    for standing in selectors.standings(viewer=viewer, initiative=row):
        of = counts.setdefault(standing.framework, {})
        of[standing.state] = of.get(standing.state, 0) + 1
    return [
        {
            "library": library,
            "covered": selectors.Covered(library.nodes_total, **counts.get(library.key, {})),
        }
        for library in selectors.libraries(viewer=viewer)
        if library.nodes_total
    ]


# --- what the forms do ---------------------------------------------------------------------------


def _review(request: HttpRequest, row: Any, today: dt.date) -> str:
    rows = selectors.classifications(viewer=viewer_of(request), initiative=row)
    one = found(rows.filter(pk=_id(request, "classification")).first())
    is_confirmed = request.POST.get("verdict") == "confirm"
    services.review_classification(
        classification=one,
        is_confirmed=is_confirmed,
        reason=request.POST.get("reason", ""),
        on=today,
        by=viewer_of(request),
    )
    return (
        worded("Confirmed.")
        if is_confirmed
        else worded("Refused; what was confirmed before still counts.")
    )


def _begin(request: HttpRequest, row: Any, today: dt.date) -> HttpResponse:
    one = services.begin_assessment(
        initiative=row, subject=request.POST.get("subject", ""), on=today, by=viewer_of(request)
    )
    return redirect("assessment", row.key, one.pk)


def _apply(request: HttpRequest, row: Any, today: dt.date) -> str:
    with transaction.atomic():
        made = services.apply_control(
            initiative=row,
            ref=request.POST.get("ref", ""),
            state=request.POST.get("state", ""),
            owner=person(request, "owner"),
            due_on=fields.day(request.POST.get("due_on", ""), "Due"),
            reason=request.POST.get("reason", ""),
            version=fields.version(request.POST),
            on=today,
            by=viewer_of(request),
        )
        _score(row, today, viewer_of(request))
    return worded("“{made}”: {state}.", made=made, state=said(made.get_state_display().lower()))


def _test(request: HttpRequest, row: Any, today: dt.date) -> str:
    viewer, asked = viewer_of(request), request.POST
    rows = selectors.controls(viewer=viewer, initiative=row)
    control = found(rows.filter(ref=asked.get("ref", "")).first())
    with transaction.atomic():
        proof = services.add_evidence(
            initiative=row,
            title=asked.get("title", "") or f"Test of {control}",
            url=asked.get("url", ""),
            file=kept(request),
            collected_on=fields.day(asked.get("tested_on", ""), "Tested on") or today,
            on=today,
            by=viewer,
        )
        made = services.record_test(
            control=control,
            aspect=asked.get("aspect", ""),
            share=fields.share(asked.get("share", ""), "How well"),
            sample=fields.whole(asked.get("sample", ""), "Sample"),
            exceptions=fields.whole(asked.get("exceptions", ""), "Exceptions"),
            note=asked.get("note", ""),
            tested_on=proof.collected_on,
            evidence=proof,
            on=today,
            by=viewer,
        )
        _score(row, today, viewer)
    return worded(
        "{aspect} of “{control}”: {percent}.",
        aspect=said(made.get_aspect_display()),
        control=control,
        percent=spelling.percent(made.share),
    )


def _score(row: Any, today: dt.date, viewer: Any) -> None:
    """Let the risks that count on a control follow its tests at once, when the viewer may."""
    if access.can(viewer, "risk.edit", row):
        risk.score(initiative=row, on=today, by=viewer)


def _prove(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.add_evidence(
        initiative=row,
        title=request.POST.get("title", ""),
        url=request.POST.get("url", ""),
        file=kept(request),
        collected_on=fields.day(request.POST.get("collected_on", ""), "Day") or today,
        valid_until=fields.day(request.POST.get("valid_until", ""), "Counts until"),
        on=today,
        by=viewer_of(request),
    )
    return worded(
        "“{made}” counts until {valid_until}.", made=made, valid_until=str(made.valid_until)
    )


def _withdraw(request: HttpRequest, row: Any, today: dt.date) -> str:
    rows = selectors.evidence(viewer=viewer_of(request), initiative=row)
    proof = found(rows.filter(pk=_id(request, "evidence")).first())
    services.withdraw_evidence(
        evidence=proof, because=request.POST.get("because", ""), on=today, by=viewer_of(request)
    )
    return worded("“{proof}” counts no more.", proof=proof)


def _finding(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.add_finding(
        initiative=row,
        title=request.POST.get("title", ""),
        severity=request.POST.get("severity", ""),
        description=request.POST.get("description", ""),
        owner=person(request, "owner"),
        due_on=fields.day(request.POST.get("due_on", ""), "Due"),
        on=today,
        by=viewer_of(request),
    )
    return worded("“{made}” is due on {due_on}.", made=made, due_on=str(made.due_on))


def _gap(request: HttpRequest, row: Any) -> Any:
    rows = selectors.gaps(viewer=viewer_of(request), initiative=row)
    return found(rows.filter(pk=_id(request, "gap")).first())


def _plan(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.plan_gap(
        gap=_gap(request, row),
        owner=person(request, "owner"),
        due_on=fields.needed_day(request.POST.get("due_on", ""), "Due"),
        version=fields.version(request.POST),
        by=viewer_of(request),
    )
    return worded("“{made}” is due on {due_on}.", made=made, due_on=str(made.due_on))


def _close(request: HttpRequest, row: Any, today: dt.date) -> str:
    viewer = viewer_of(request)
    proof = None
    wanted = request.POST.get("evidence", "")
    if wanted:
        rows = selectors.evidence(viewer=viewer, initiative=row)
        proof = found(rows.filter(pk=_id(request, "evidence")).first())
    made = services.close_gap(
        gap=_gap(request, row),
        because=request.POST.get("because", ""),
        evidence=proof,
        version=fields.version(request.POST),
        on=today,
        by=viewer,
    )
    return worded("“{made}” is mended.", made=made)


def _validate(request: HttpRequest, row: Any, today: dt.date) -> str:
    viewer, asked = viewer_of(request), request.POST
    with transaction.atomic():
        proof = None
        if asked.get("url", "").strip() or request.FILES.get("file"):
            proof = services.add_evidence(
                initiative=row,
                title=asked.get("title", "") or f"Validation of {row.key}",
                url=asked.get("url", ""),
                file=kept(request),
                collected_on=fields.day(asked.get("validated_on", ""), "Validated on") or today,
                on=today,
                by=viewer,
            )
        made = services.validate_model(
            initiative=row,
            scope=asked.get("scope", ""),
            outcome=asked.get("outcome", ""),
            conditions=asked.get("conditions", ""),
            validated_on=fields.day(asked.get("validated_on", ""), "Validated on") or today,
            evidence=proof,
            on=today,
            by=viewer,
        )
    return worded(
        "{outcome}; the next validation is due on {next_due_on}.",
        outcome=said(made.get_outcome_display()),
        next_due_on=str(made.next_due_on),
    )


def _arrange(request: HttpRequest, row: Any, today: dt.date) -> str:
    asked = request.POST
    flags = {"yes": True, "no": False}
    cost = fields.number(asked.get("annual_cost", ""), "Yearly expense")
    made = services.add_arrangement(
        initiative=row,
        vendor=asked.get("vendor", "").strip()[:200],
        reference=asked.get("reference", ""),
        service=asked.get("service", "").strip()[:200],
        service_type=asked.get("service_type", "").strip().upper(),
        supported_function=asked.get("supported_function", "").strip()[:300],
        is_critical=flags.get(asked.get("is_critical", "")),
        lei=asked.get("lei", "").strip().upper(),
        starts_on=fields.day(asked.get("starts_on", ""), "Starts"),
        ends_on=fields.day(asked.get("ends_on", ""), "Ends"),
        notice_days=fields.whole(asked.get("notice_days", ""), "Notice"),
        governing_law=asked.get("governing_law", "").strip().upper(),
        service_countries=asked.get("service_countries", "").replace(",", " ").split(),
        data_countries=asked.get("data_countries", "").replace(",", " ").split(),
        has_subcontractors=flags.get(asked.get("has_subcontractors", "")),
        substitutability=asked.get("substitutability", ""),
        annual_cost=cost,
        currency=asked.get("currency", "").strip().upper() if cost is not None else "",
        by=viewer_of(request),
    )
    return worded("{made} stands in the register.", made=made)


def _id(request: HttpRequest, name: str) -> str:
    """Give an id from a form as an address would have it, or one that nothing has."""

    try:
        return str(uuid.UUID(request.POST.get(name, "")))
    except ValueError:
        return str(uuid.UUID(int=0))


_ACTS: dict[str, Callable[[HttpRequest, Any, dt.date], Any]] = {
    "review": _review,
    "begin": _begin,
    "apply": _apply,
    "test": _test,
    "prove": _prove,
    "withdraw": _withdraw,
    "finding": _finding,
    "plan": _plan,
    "close": _close,
    "validate": _validate,
    "arrange": _arrange,
}
