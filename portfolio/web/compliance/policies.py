"""Policies: the list, one with its versions, campaigns and exceptions, and what forms ask."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.books.selectors import setting
from governance_app.compliance import selectors, services
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.compliance.common import kept, person
from portfolio.web.compliance.coverage import TABS
from portfolio.web.posted import act_of, posted


@page("view")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List the policies and what the viewer is asked to attest; begin a new one."""
    viewer, today = viewer_of(request), timezone.localdate()
    done = posted(request, lambda: _add(request))
    if done.answer is not None:
        messages.info(
            request, worded("“{document}” begun as a draft.", document=done.answer.document)
        )
        return redirect("policy", done.answer.document.key)
    context = {
        "tabs": TABS,
        "tab": "policies",
        "lines": selectors.documents(viewer=viewer, on=today),
        "owed": selectors.attestations_owed(viewer=viewer),
        "exceptions": selectors.exceptions(viewer=viewer, on=today)[:50],
        "may_edit": access.can(viewer, "policy.edit"),
        "review_months": setting(key="policy_review_months", on=today),
        "today": today,
        "error": done.error,
        "typed": request.POST if done.error else {},
    }
    return render(request, "compliance/policies.html", context, status=done.status)


@page("view")
@require_http_methods(["GET", "POST"])
def document(request: HttpRequest, key: str) -> HttpResponse:
    """Show one policy; every form of the page comes back here."""
    viewer, today = viewer_of(request), timezone.localdate()
    row = found(selectors.document(viewer=viewer, key=key))
    done = posted(request, lambda: act_of(request, _ACTS)(request, row))
    if done.answer is not None:
        messages.info(request, done.answer)
        return redirect("policy", row.key)
    versions = list(row.versions.all())
    owed = selectors.attestations_owed(viewer=viewer)
    is_retired = row.retired_on is not None
    in_force, coming = (
        (None, None) if is_retired else selectors.version_in_force(versions=versions, on=today)
    )
    context = {
        "tabs": TABS,
        "tab": "policies",
        "row": row,
        "is_retired": is_retired,
        "versions": versions,
        "in_force": in_force,
        "coming": coming,
        "published": next((each for each in versions if each.state == "published"), None),
        "open": next((v for v in versions if v.state in ("draft", "submitted", "approved")), None),
        "campaigns": selectors.campaigns(viewer=viewer, document=row),
        "owed": [each for each in owed if each.campaign.policy_version.document_id == row.pk],
        "exceptions": selectors.exceptions(viewer=viewer, on=today, document=row),
        "units": people.units(viewer=viewer),
        "may_edit": not is_retired and access.can(viewer, "policy.edit", row),
        "may_approve": access.can(viewer, "policy.approve", row),
        "may_except": access.can_anywhere(viewer, "compliance.edit"),
        "viewer_id": viewer.pk,
        "today": today,
        "error": done.error,
        "typed": request.POST if done.error else {},
    }
    return render(request, "compliance/policy.html", context, status=done.status)


def _add(request: HttpRequest) -> Any:
    viewer, asked = viewer_of(request), request.POST
    node = people.organisation()
    if node is None:
        raise Sentence("There is no organisation yet.")
    return services.add_document(
        title=asked.get("title", ""),
        purpose=asked.get("purpose", ""),
        text=asked.get("text", ""),
        owner=person(request, "owner") or viewer,
        review_months=fields.whole(asked.get("review_months", ""), "Months"),
        node=node,
        file=kept(request),
        by=viewer,
    )


def _version(request: HttpRequest, row: Any) -> Any:
    wanted = request.POST.get("policy_version", "")
    return found(next((each for each in row.versions.all() if str(each.pk) == wanted), None))


def _write(request: HttpRequest, row: Any) -> str:
    made = services.write_version(
        document=row,
        text=request.POST.get("text", ""),
        changes=request.POST.get("changes", ""),
        file=kept(request),
        version=fields.version(request.POST) if request.POST.get("version") else None,
        by=viewer_of(request),
    )
    return worded("{made}: draft kept.", made=made)


def _submit(request: HttpRequest, row: Any) -> str:
    made = services.submit_version(policy_version=_version(request, row), by=viewer_of(request))
    return worded("{made} waits for approval by somebody else.", made=made)


def _decide(request: HttpRequest, row: Any) -> str:
    made = services.decide_version(
        policy_version=_version(request, row),
        is_approved=request.POST.get("verdict") == "approve",
        reason=request.POST.get("reason", ""),
        on=timezone.localdate(),
        by=viewer_of(request),
    )
    return worded("{made}: {state}.", made=made, state=said(made.get_state_display().lower()))


def _publish(request: HttpRequest, row: Any) -> str:
    today = timezone.localdate()
    made = services.publish_version(
        policy_version=_version(request, row),
        in_force_from=fields.day(request.POST.get("in_force_from", ""), "From") or today,
        on=today,
        by=viewer_of(request),
    )
    begins = made.in_force_from
    if begins is not None and begins > today:
        return worded(
            "{made} is in force from {day}; until then the one before counts.",
            made=made,
            day=spelling.day(begins),
        )
    return worded("{made} is in force.", made=made)


def _change(request: HttpRequest, row: Any) -> str:
    asked = request.POST
    services.change_document(
        document=row,
        owner=person(request, "owner"),
        purpose=asked.get("purpose", ""),
        review_months=fields.whole(asked.get("review_months", ""), "Months"),
        version=fields.version(asked),
        by=viewer_of(request),
    )
    return worded("Kept.")


def _retire(request: HttpRequest, row: Any) -> str:
    services.retire_document(
        document=row,
        reason=request.POST.get("reason", ""),
        on=timezone.localdate(),
        by=viewer_of(request),
    )
    return worded("“{row}” is retired. What was attested stays on record.", row=row)


def _campaign(request: HttpRequest, row: Any) -> str:
    wanted = request.POST.get("audience", "")
    units = people.units(viewer=viewer_of(request))
    node = next((unit for unit in units if str(unit.pk) == wanted), None) or people.organisation()
    made = services.begin_campaign(
        policy_version=_version(request, row),
        audience=found(node),
        due_on=fields.needed_day(request.POST.get("due_on", ""), "Due"),
        on=timezone.localdate(),
        by=viewer_of(request),
    )
    return worded(
        "Everybody in {audience} is asked by {due_on}.",
        audience=made.audience,
        due_on=str(made.due_on),
    )


def _attest(request: HttpRequest, row: Any) -> str:
    wanted = request.POST.get("campaign", "")
    owed = selectors.attestations_owed(viewer=viewer_of(request))
    one = found(next((each for each in owed if str(each.campaign_id) == wanted), None))
    services.attest(campaign=one.campaign, by=viewer_of(request))
    return worded("Thank you. It is on record that you read it and follow it.")


def _except(request: HttpRequest, row: Any) -> str:
    viewer = viewer_of(request)
    key = request.POST.get("initiative", "").strip()
    initiative = initiatives.initiative(viewer=viewer, key=key)
    if initiative is None:
        raise Sentence(f"There is no initiative {key or 'without a key'}.")
    made = services.request_exception(
        document=row,
        node=initiative.node,
        reason=request.POST.get("reason", ""),
        instead=request.POST.get("instead", ""),
        expires_on=fields.needed_day(request.POST.get("expires_on", ""), "Until"),
        on=timezone.localdate(),
        by=viewer,
    )
    return worded(
        "Asked until {expires_on}. Somebody else decides.", expires_on=str(made.expires_on)
    )


def _rule(request: HttpRequest, row: Any) -> str:
    try:
        wanted = uuid.UUID(request.POST.get("exception", ""))
    except ValueError:
        wanted = uuid.UUID(int=0)
    today = timezone.localdate()
    rows = selectors.exceptions(viewer=viewer_of(request), on=today, document=row)
    one = found(rows.filter(pk=wanted).first())
    if request.POST.get("verdict") == "end":
        services.end_exception(exception=one, on=today, by=viewer_of(request))
        return worded("The exception has ended.")
    made = services.decide_exception(
        exception=one,
        is_granted=request.POST.get("verdict") == "grant",
        reason=request.POST.get("reason", ""),
        on=today,
        by=viewer_of(request),
    )
    return worded("Granted.") if made.is_granted else worded("Refused.")


_ACTS: dict[str, Callable[[HttpRequest, Any], str]] = {
    "write": _write,
    "submit": _submit,
    "decide": _decide,
    "publish": _publish,
    "campaign": _campaign,
    "attest": _attest,
    "except": _except,
    "rule": _rule,
    "change": _change,
    "retire": _retire,
}
