"""Bias audits of one initiative: on record, compared group by group, withdrawn, followed up."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.compliance import selectors, services
from governance_app.compliance.group_tables import COLUMNS, LIMITS, Line, lines_of
from governance_app.domain.errors import Sentence
from governance_app.domain.fairness import CATEGORIES, worst
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.posted import act_of, posted

#: What the field for groups begins with.
HEADER = ",".join(COLUMNS) + "\n"
#: Audits whose groups are shown; older ones say what counted.
SHOWN = 5


@page("view")
@require_http_methods(["GET", "POST"])
def audits(request: HttpRequest, key: str) -> HttpResponse:
    """Show the bias audits of an initiative; every form of the page comes back here."""
    viewer, today = viewer_of(request), timezone.localdate()
    row = found(initiatives.initiative(viewer=viewer, key=key))
    done = posted(request, lambda: act_of(request, _ACTS)(request, row, today))
    if done.answer is not None:
        messages.info(request, done.answer)
        return redirect("bias-audits", row.key)
    every = list(selectors.bias_audits(viewer=viewer, initiative=row))
    counts = selectors.bias_audit_that_counts(viewer=viewer, initiative=row, on=today)
    context = {
        "row": row,
        "tab": "compliance",
        "today": today,
        "audits": [_told(each, viewer, counts) for each in every[:SHOWN]],
        "older": every[SHOWN:],
        "error": done.error,
        "failed": request.POST.get("do", "") if done.error else "",
        "typed": request.POST if done.error else {"groups": HEADER},
        "categories": CATEGORIES,
        "may_edit": access.can(viewer, "compliance.edit", row),
    }
    return render(request, "compliance/bias.html", context, status=done.status)


def _told(audit: Any, viewer: Any, counts: Any) -> dict[str, Any]:
    """Write an audit with its groups by category."""
    lines = selectors.compared(audit=audit, viewer=viewer)
    by_category: dict[str, list[selectors.GroupLine]] = {}
    for line in lines:
        by_category.setdefault(line.row.category, []).append(line)
    lowest = worst(line.found for line in lines)
    return {
        "audit": audit,
        "counts": counts is not None and audit.pk == counts.pk,
        "categories": [
            {
                "name": CATEGORIES[category],
                "assessed": sum(line.row.assessed for line in of),
                "lines": [_line(line) for line in of],
            }
            for category, of in by_category.items()
        ],
        "below": sum(line.is_below for line in lines),
        "lowest": lowest and {
            "name": lowest.group.name, "ratio": float(lowest.impact_ratio.need())
        },
    }  # fmt: skip


def _line(line: selectors.GroupLine) -> dict[str, Any]:
    """Write a group; a ratio that is not known comes with the reason."""
    of = line.found
    ratios = {"share": of.share_ratio, "rate": of.rate_ratio, "impact": of.impact_ratio}
    return {
        "row": line.row,
        "gap": line.gap,
        "is_below": of.is_below,
        **{name: ratio.map(float) for name, ratio in ratios.items()},
    }


def _record(request: HttpRequest, row: Any, today: dt.date) -> str:
    asked = request.POST
    made = services.record_bias_audit(
        initiative=row,
        auditor=asked.get("auditor", ""),
        independence=asked.get("independence", ""),
        outcome=asked.get("outcome", ""),
        data_from=fields.needed_day(asked.get("data_from", ""), "Data from"),
        data_until=fields.needed_day(asked.get("data_until", ""), "Data until"),
        audited_on=fields.needed_day(asked.get("audited_on", ""), "Audited on"),
        publication_url=asked.get("publication_url", ""),
        unknown_assessed=fields.whole(asked.get("unknown_assessed", ""), "Group not known") or 0,
        groups=_groups(request),
        on=today,
        by=viewer_of(request),
    )
    return worded("{made} counts until {expires_on}.", made=made, expires_on=made.expires_on)


def _groups(request: HttpRequest) -> list[Line]:
    """Read the groups from the file that came, else from what was pasted."""
    upload = request.FILES.get("file")
    if upload is None:
        return lines_of(request.POST.get("groups", "").strip().encode(), name="What was pasted")
    most = LIMITS.file_bytes
    if upload.size is None or upload.size > most:
        raise Sentence(f"{upload.name} is larger than {most >> 20} MB: one row for each group.")
    return lines_of(upload.read(), name=upload.name or "groups")


def _withdraw(request: HttpRequest, row: Any, today: dt.date) -> str:
    made = services.withdraw_bias_audit(
        audit=_audit(request, row),
        because=request.POST.get("because", ""),
        on=today,
        by=viewer_of(request),
    )
    return worded("{made} counts no more.", made=made)


def _follow(request: HttpRequest, row: Any, today: dt.date) -> str:
    viewer = viewer_of(request)
    lines = selectors.compared(audit=_audit(request, row), viewer=viewer)
    wanted = request.POST.get("group", "")
    line = found(next((each for each in lines if str(each.row.pk) == wanted), None))
    gap = services.follow_up_bias(group=line.row, on=today, by=viewer)
    return worded(
        "“{gap}” is due on {due_on}; {owner} mends it.",
        gap=gap,
        due_on=gap.due_on,
        owner=gap.owner or worded("nobody"),
    )


def _audit(request: HttpRequest, row: Any) -> Any:
    """Give the audit a form is about; one of elsewhere does not exist here."""
    try:
        wanted = uuid.UUID(request.POST.get("audit", ""))
    except ValueError:
        return found(None)
    rows = selectors.bias_audits(viewer=viewer_of(request), initiative=row)
    return found(rows.filter(pk=wanted).first())


_ACTS: dict[str, Callable[[HttpRequest, Any, dt.date], str]] = {
    "record": _record,
    "withdraw": _withdraw,
    "follow": _follow,
}
