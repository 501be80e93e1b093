"""Promises that no longer hold: a re-baseline is asked for here and approved by somebody else."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.rollups import table
from governance_app.value import selectors as value
from governance_app.value import services as value_services
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment

TEMPLATE = "week/promise.html"
#: Validated below this share of what was promised to date asks for a word.
HOLDS_FROM = Decimal("0.8")
LINES = 15


def promises(rows: Sequence[Any], viewer: Any, today: dt.date) -> list[dict[str, Any]]:
    """List what one keeps whose promise is far off, the largest gap first, and drafts that wait."""
    money = table.present(
        viewer=viewer, initiatives=[row.pk for row in rows], permission="money.view"
    )
    listed = []
    for row in rows:
        now = money.get(row.pk)
        if now is None or not now.promised_to_date or now.validated_to_date is None:
            continue
        share = now.validated_to_date / now.promised_to_date
        if share < HOLDS_FROM:
            listed.append((now.promised_to_date - now.validated_to_date, row, share, now))
    listed.sort(key=lambda each: (-each[0], each[1].number))
    return [
        line
        for gap, row, share, now in listed[:LINES]
        if (line := _line(row, viewer, today, share, gap, now.currency))
    ]


def _line(
    row: Any, viewer: Any, today: dt.date, share: Decimal, gap: Decimal, currency: str
) -> dict[str, Any] | None:
    cases = list(value.cases(initiative=row, viewer=viewer))
    if not any(case.is_approved for case in cases):
        return None
    draft = next((case for case in cases if not case.is_approved), None)
    return {
        "row": row,
        "share": share,
        "gap": gap,
        "currency": currency,
        "draft": draft,
        "may_ask": access.can(viewer, "value.edit", row),
        "approvers": [
            each
            for each in people.holders(permission="value.approve", node=row.node, on=today)[:20]
            if each.pk != viewer.pk
        ],
    }


@page("value.edit")
@require_POST
def rebaseline(request: HttpRequest, key: str) -> HttpResponse:
    """Begin the next version of the promise and tell who shall approve it, in one go."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    try:
        draft = _ask(row, viewer, request.POST)
    except access.Refused:
        raise
    except Sentence as refusal:
        each = {**_again(row, viewer), "error": str(refusal), "typed": request.POST.get("reason")}
        return render_fragment(request, TEMPLATE, "promise", {"each": each}, status=422)
    if not request.headers.get("HX-Request"):
        return go(request, f"{reverse('initiative-value', args=[row.key])}#case")
    each = {**_again(row, viewer), "draft": draft, "is_asked": True}
    return render_fragment(request, TEMPLATE, "promise", {"each": each})


def _ask(row: Any, viewer: Any, typed: Mapping[str, str]) -> Any:
    reason = typed.get("reason", "").strip()
    if not reason:
        raise Sentence("Say in a sentence why the promise no longer holds.")
    today = timezone.localdate()
    approvers = people.holders(permission="value.approve", node=row.node, on=today)
    approver = next((one for one in approvers if str(one.pk) == typed.get("approver")), None)
    if approver is None or approver.pk == viewer.pk:
        raise Sentence("Choose who shall approve it: somebody else who may.")
    case = value.case_in_force(initiative=row, viewer=viewer)
    if case is None:
        raise Sentence(f"{row.key} has no approved promise to re-baseline.")
    with transaction.atomic():
        draft = value_services.rebaseline(case=case, by=viewer)
        text = f"@{approver.name}: re-baseline asked for, {str(draft).lower()}. {reason}"
        services.comment(initiative=row, text=text, by=viewer)
    return draft


def _again(row: Any, viewer: Any) -> dict[str, Any]:
    """Give the line of an initiative as it is now."""
    listed = promises([row], viewer, timezone.localdate())
    return listed[0] if listed else {"row": row}
