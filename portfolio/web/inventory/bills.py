"""Bills of materials: taken from CycloneDX files, with what is open against their parts."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance_app.domain.cyclonedx import SEVERITIES, SPEC_VERSIONS, Vulnerability, kept
from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.inventory import selectors
from governance_app.inventory.apart import MOST_BYTES
from governance_app.people import access
from governance_app.risk import selectors as risks
from governance_app.risk import services
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.inventory.common import PAGE_SIZE, TABS
from portfolio.web.posted import posted

#: How a severity is counted in a list of bills: the worst first.
WORST_FIRST = tuple(reversed(SEVERITIES))


@page("view")
@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """List the newest bill of each initiative and model; take another one."""
    viewer = viewer_of(request)
    done = posted(request, lambda: _take(request))
    if done.answer is not None:
        messages.info(request, _said(done.answer))
        return redirect("inventory-bill", done.answer.bill.pk)
    search = request.GET.get("q", "").strip()
    rows = selectors.newest_bills(viewer=viewer, search=search)
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": TABS,
        "tab": "inventory-bills",
        "page": shown,
        "rows": [{"bill": row, "open": _counts(row)} for row in shown],
        "search": search,
        "error": done.error,
        "typed": request.POST if done.error else request.GET,
        "model": _model(request),
        "may_take": access.can_anywhere(viewer, "inventory.edit"),
        "spec_versions": SPEC_VERSIONS,
        "most_mb": MOST_BYTES >> 20,
    }
    return render(request, "inventory/bills.html", context, status=done.status)


@page("view")
@require_GET
def bill(request: HttpRequest, bill_id: str) -> HttpResponse:
    """Show one bill: what is known against its parts, the open and the worst first."""
    viewer = viewer_of(request)
    row = found(selectors.bill(viewer=viewer, bill_id=bill_id))
    known = sorted((kept(each) for each in row.vulnerabilities), key=_urgency)
    shown = Paginator(known, PAGE_SIZE).get_page(request.GET.get("page"))
    of = {"initiative": row.initiative} if row.initiative else {"model": row.model}
    every = list(selectors.bills(viewer=viewer, **of)[:PAGE_SIZE])
    graves = risks.grave_vulnerabilities(on=timezone.localdate(), found=shown.object_list)
    context = {
        "tabs": TABS,
        "tab": "inventory-bills",
        "bill": row,
        "page": shown,
        "lines": [
            {"known": each, "grave": grave, "state": each.state.replace("_", " ")}
            for each, grave in zip(shown, graves, strict=True)
        ],
        "open": sum(each.is_open for each in known),
        "is_newest": bool(every) and every[0].pk == row.pk,
        "others": [each for each in every if each.pk != row.pk],
    }
    return render(request, "inventory/bill.html", context)


def _take(request: HttpRequest) -> services.Taken:
    """Take the file that came for the model or the initiative it was sent for."""
    viewer = viewer_of(request)
    upload = request.FILES.get("file")
    if upload is None:
        raise Sentence("Choose a CycloneDX file in JSON.")
    if upload.size is None or upload.size > MOST_BYTES:
        raise Sentence(f"{upload.name} is larger than {MOST_BYTES >> 20} MB.")
    model = _model(request)
    row = None
    if model is None:
        key = request.POST.get("initiative", "").strip().upper()
        row = initiatives.initiative(viewer=viewer, key=key) if key else None
        if row is None:
            raise Sentence(
                f"There is no initiative {key or 'without a key'}. Write a key like AI-142."
            )
    return services.take_bill(
        content=upload.read(),
        name=upload.name or "bill.json",
        initiative=row,
        model=model,
        on=timezone.localdate(),
        by=viewer,
    )


def _model(request: HttpRequest) -> Any:
    """Give the model that the form is about; None when it is about an initiative."""
    said = request.POST.get("model", "") or request.GET.get("model", "")
    if not said:
        return None
    try:
        wanted = uuid.UUID(said)
    except ValueError:
        return found(None)
    return found(selectors.model(model_id=wanted, viewer=viewer_of(request)))


def _said(taken: services.Taken) -> str:
    if not taken.is_new:
        return worded("This file is on record already; nothing changed.")
    parts = spelling.plural(taken.bill.components, "part")
    raised = spelling.plural(taken.raised, "signal")
    return worded(
        "{parts} on record: {raised} raised, {cleared} cleared.",
        parts=parts,
        raised=raised,
        cleared=taken.cleared,
    )


def _urgency(each: Vulnerability) -> tuple[bool, int, float, str]:
    return (
        not each.is_open, -SEVERITIES.index(each.severity), -(each.score or 0.0), each.id
    )  # fmt: skip


def _counts(row: Any) -> list[tuple[str, int]]:
    """Count what is open by severity, the worst first."""
    open_ones = [each for each in map(kept, row.vulnerabilities) if each.is_open]
    counted = {name: sum(each.severity == name for each in open_ones) for name in WORST_FIRST}
    return [(name, count) for name, count in counted.items() if count]
