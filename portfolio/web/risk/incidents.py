"""Incidents: the list, one with its timeline and clocks, and what its forms ask."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.compliance.reading import CLOCKS, content_of
from governance_app.compliance.selectors import library
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.risk import selectors as risks
from governance_app.risk import services
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.posted import act_of, posted

PAGE_SIZE = 50
SEVERITIES = {1: phrase("Low"), 2: phrase("Moderate"), 3: phrase("High"), 4: phrase("Critical")}
STATES = {
    "open": phrase("Open"),
    "contained": phrase("Contained"),
    "resolved": phrase("Resolved"),
    "closed": phrase("Closed"),
}


@page("view")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List incidents, open ones first; report one."""
    viewer = viewer_of(request)
    done = posted(request, lambda: _report(request))
    if done.answer is not None:
        messages.info(request, worded("{key} reported.", key=done.answer.key))
        return redirect("incident", done.answer.number)
    state = request.GET.get("state", "")
    rows = risks.incidents(viewer=viewer, state=state if state in STATES else "")
    owed = risks.notices_owed(viewer=viewer)
    context = {
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "state": state,
        "states": STATES,
        "owed": owed[:20],
        "owed_count": owed.count(),
        "open_count": risks.incidents(viewer=viewer).exclude(state="closed").count(),
        "severities": SEVERITIES,
        "questions": _questions(viewer),
        "now": timezone.now(),
        "may_report": access.can_anywhere(viewer, "incident.report"),
        "error": done.error,
        "typed": request.POST if done.error else {"initiative": request.GET.get("initiative", "")},
    }
    return render(request, "risk/incidents.html", context, status=done.status)


@page("view")
@require_http_methods(["GET", "POST"])
def incident(request: HttpRequest, number: int) -> HttpResponse:
    """Show one incident; every form of the page comes back here."""
    viewer = viewer_of(request)
    row = found(risks.incident(viewer=viewer, number=number))
    done = posted(request, lambda: act_of(request, _ACTS)(request, row))
    if done.answer is not None:
        messages.info(request, done.answer)
        return redirect("incident", row.number)
    now = timezone.now()
    linked = {link.risk_id for link in row.risk_links.all()}
    context = {
        "row": row,
        "severity": SEVERITIES[row.severity],
        "severities": SEVERITIES,
        "states": {slug: words for slug, words in STATES.items() if slug != "closed"},
        "timeline": row.timeline.all(),
        "clocks": [
            {
                "notice": each,
                "is_late": (each.sent_at or now) > each.due_at and not each.lapsed_because,
                "left": _left(each.due_at - now),
            }
            for each in row.notices.all()
        ],
        "linked": [link.risk for link in row.risk_links.all()],
        "others": [
            each
            for each in risks.risks(viewer=viewer, initiative=row.initiative)
            if each.pk not in linked
        ],
        "questions": [
            {**each, "said": row.facts.get(each["key"], "unknown")} for each in _questions(viewer)
        ],
        "now": now,
        "may_report": access.can(viewer, "incident.report", row.initiative),
        "may_manage": access.can(viewer, "incident.manage", row.initiative),
        "is_closed": row.state == "closed",
        "error": done.error,
        "typed": request.POST if done.error else {},
    }
    return render(request, "risk/incident.html", context, status=done.status)


def _left(left: dt.timedelta) -> str:
    """Write how much time is left, or by how much it is over."""
    hours = abs(int(left.total_seconds() // 3600))
    days, rest = divmod(hours, 24)
    said = f"{days} d {rest} h" if days else f"{rest} h"
    return (
        worded("{said} left", said=said)
        if left.total_seconds() >= 0
        else worded("{said} over", said=said)
    )


def _questions(viewer: Any) -> list[dict[str, str]]:
    row = library(viewer=viewer, key=CLOCKS)
    asked = content_of(row).tree.questions if row is not None else ()
    return [{"key": each.key, "text": each.text} for each in asked]


def _moment(request: HttpRequest, name: str, label: str) -> dt.datetime | None:
    """Read a day and time as the viewer's clock shows it; blank is None."""
    said = request.POST.get(name, "").strip()
    if not said:
        return None
    try:
        read = dt.datetime.fromisoformat(said)
    except ValueError as error:
        raise Sentence(f"{label}: “{said[:40]}” is no moment. Write 2026-11-21T14:30.") from error
    return read if read.tzinfo else timezone.make_aware(read)


def _facts(request: HttpRequest) -> dict[str, str]:
    return {
        name.removeprefix("f-"): value
        for name, value in request.POST.items()
        if name.startswith("f-") and isinstance(value, str) and value
    }


def _severity(request: HttpRequest) -> int:
    said = fields.whole(request.POST.get("severity", ""), "Severity")
    if said is None:
        raise Sentence("Choose how severe it is.")
    return said


def _report(request: HttpRequest) -> Any:
    viewer, now = viewer_of(request), timezone.now()
    key = request.POST.get("initiative", "").strip()
    row = initiatives.initiative(viewer=viewer, key=key)
    if row is None:
        raise Sentence(f"There is no initiative {key or 'without a key'}.")
    aware = _moment(request, "aware_at", worded("Known here")) or now
    detected = _moment(request, "detected_at", worded("Detected")) or aware
    return services.report_incident(
        initiative=row,
        title=request.POST.get("title", ""),
        description=request.POST.get("description", ""),
        severity=_severity(request),
        occurred_at=_moment(request, "occurred_at", worded("Happened")) or detected,
        detected_at=detected,
        aware_at=aware,
        people_affected=fields.whole(request.POST.get("people_affected", ""), "People affected"),
        facts=_facts(request),
        now=now,
        by=viewer,
    )


def _write(request: HttpRequest, row: Any) -> str:
    now = timezone.now()
    services.write_event(
        incident=row,
        text=request.POST.get("text", ""),
        at=_moment(request, "at", worded("When")) or now,
        now=now,
        by=viewer_of(request),
    )
    return worded("Written down.")


def _change(request: HttpRequest, row: Any) -> str:
    email = request.POST.get("owner", "").strip()
    owner = None
    if email:
        known = people.people(viewer=viewer_of(request))
        owner = known.filter(email__iexact=email).first()
        if owner is None:
            raise Sentence(f"Nobody here has the address {email}.")
    services.change_incident(
        incident=row,
        severity=_severity(request),
        state=request.POST.get("state") or None,
        owner=owner,
        facts=_facts(request),
        cause=request.POST.get("cause"),
        version=fields.version(request.POST),
        now=timezone.now(),
        by=viewer_of(request),
    )
    return worded("Kept; the clocks follow.")


def _tell(request: HttpRequest, row: Any) -> str:
    wanted = request.POST.get("notice", "")
    notice = found(next((each for each in row.notices.all() if str(each.pk) == wanted), None))
    now = timezone.now()
    made = services.send_notice(
        notice=notice,
        sent_at=_moment(request, "sent_at", worded("Told at")) or now,
        reference=request.POST.get("reference", ""),
        now=now,
        by=viewer_of(request),
    )
    return worded("{authority} was told.", authority=made.authority)


def _link(request: HttpRequest, row: Any) -> str:
    wanted = request.POST.get("risk", "")
    rows = risks.risks(viewer=viewer_of(request), initiative=row.initiative)
    risk = found(next((each for each in rows if str(each.pk) == wanted), None))
    services.link_risk(incident=row, risk=risk, now=timezone.now(), by=viewer_of(request))
    return worded("Linked to “{risk}”.", risk=risk)


def _close(request: HttpRequest, row: Any) -> str:
    services.close_incident(
        incident=row,
        lessons=request.POST.get("lessons", ""),
        cause=request.POST.get("cause", ""),
        version=fields.version(request.POST),
        now=timezone.now(),
        by=viewer_of(request),
    )
    return worded("Closed, with what was learned.")


_ACTS: dict[str, Callable[[HttpRequest, Any], str]] = {
    "write": _write,
    "change": _change,
    "tell": _tell,
    "link": _link,
    "close": _close,
}
