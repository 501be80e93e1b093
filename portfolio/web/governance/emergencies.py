"""Emergencies: going past a gate, confirming, and looking at it afterwards."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.errors import Sentence
from governance_app.gates import selectors, services
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.governance.trying import attempt


@page("view")
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """List emergency moves, those nobody looked at yet first."""
    viewer, now = viewer_of(request), timezone.now()
    rows = [
        {
            "row": row,
            "is_lapsed": row.lapses_at < now,
            "may_confirm": row.confirmed_at is None
            and row.confirm_by > now
            and row.opened_by_id != viewer.pk
            and bool(access.can(viewer, "gate.emergency", row)),
            "may_review": not row.finding
            and viewer.pk not in (row.opened_by_id, row.confirmed_by_id)
            and bool(
                access.can(viewer, "gate.risk", row) or access.can(viewer, "gate.decide", row)
            ),
            "is_late": not row.finding and row.review_due_on < timezone.localdate(),
        }
        for row in selectors.emergencies(viewer=viewer)[:200]
    ]
    rows.sort(key=lambda each: bool(each["row"].finding))  # type: ignore[union-attr, attr-defined]
    context = {
        "tab": "emergencies",
        "rows": rows,
        "may_break": access.can_anywhere(viewer, "gate.emergency"),
    }
    return render(request, "governance/emergencies.html", context)


@page("gate.emergency")
@require_POST
def break_glass(request: HttpRequest) -> HttpResponse:
    """Move an initiative past its gate."""
    viewer, asked = viewer_of(request), request.POST
    key = asked.get("initiative", "").strip().upper()
    row = initiatives.initiative(viewer=viewer, key=key)

    def act() -> str:
        if row is None:
            raise Sentence(f"There is no initiative “{key}” that you may see.")
        glass = services.break_glass(
            initiative=row,
            to_stage=asked.get("to_stage", "").strip().lower(),
            reason=asked.get("reason", ""),
            incident=asked.get("incident", ""),
            by=viewer,
        )
        return worded(
            "{key} is in {to_stage}. Somebody else confirms it by {confirm_by} UTC, or it counts "
            "for nothing.",
            key=row.key,
            to_stage=glass.to_stage,
            confirm_by=f"{glass.confirm_by:%H:%M}",
        )

    return attempt(request, act, back=reverse("gate-emergencies"))


@page("view")
@require_POST
def act(request: HttpRequest, glass_id: uuid.UUID) -> HttpResponse:
    """Confirm an emergency, or say afterwards whether it was one."""
    viewer, asked = viewer_of(request), request.POST
    row = found(selectors.emergency(viewer=viewer, glass_id=glass_id))

    def do() -> str:
        if asked.get("do") == "confirm":
            services.confirm_glass(glass=row, by=viewer)
            return worded("You confirmed the emergency of {key}.", key=row.initiative.key)
        services.review_glass(
            glass=row, finding=asked.get("finding", ""), sentence=asked.get("sentence", ""),
            by=viewer,
        )  # fmt: skip
        return worded("You looked at the emergency of {key}.", key=row.initiative.key)

    return attempt(request, do, back=reverse("gate-emergencies"))
