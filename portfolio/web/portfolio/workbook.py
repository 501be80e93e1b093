"""The workbook: the table out as Excel, changed there, compared, and applied in one go."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.audit import services as audit
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.initiatives import leaving, returning, selectors, services
from governance_app.people import access
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go
from portfolio.web.portfolio.asked import read, rows_of

TEMPLATE = "portfolio/workbook.html"
MOST_BYTES = 20 * 1024**2
#: Cells that are listed of those that change or are refused; more are counted. Clashes all are.
LISTED = 500


@page("initiative.edit")
def workbook(request: HttpRequest) -> HttpResponse:
    """Offer the workbook of what is shown, and take one back."""
    view = read(request)
    context = {
        "query": view.query.urlencode(),
        "count": rows_of(view, viewer_of(request)).count(),
        "most": returning.MOST_ROWS,
    }
    return render(request, TEMPLATE, context)


@page("export")
def download(request: HttpRequest) -> HttpResponse:
    """Hand out the rows of the address as a workbook; the trail keeps who took what."""
    viewer = viewer_of(request)
    view = read(request)
    rows = list(rows_of(view, viewer)[: returning.MOST_ROWS])
    audit.note(
        by=viewer,
        action="export",
        sentence=f"Took a workbook of {spelling.plural(len(rows), 'initiative')}.",
        data={"address": view.query.urlencode()},
    )
    response = HttpResponse(leaving.book(rows), content_type=leaving.MEDIA)
    name = f"initiatives-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page("initiative.edit")
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take a workbook back, read it apart, and show what it would change."""
    viewer = viewer_of(request)
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise Sentence("Choose the workbook first.")
        if (sent.size or 0) > MOST_BYTES:
            raise Sentence("The workbook is larger than 20 MB.", file=sent.name or "")
        kept = services.take_workbook(
            content=sent.read(), name=sent.name or "workbook.xlsx", by=viewer
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        said = f"{refusal.where}: {refusal}" if refusal.where else str(refusal)
        context = {"error": said, "query": "", "count": 0, "most": returning.MOST_ROWS}
        return render(request, TEMPLATE, context, status=422)
    return go(request, reverse("workbook-return", args=[kept.pk]))


@page("initiative.edit")
def returned(request: HttpRequest, workbook_id: uuid.UUID) -> HttpResponse:
    """Show base, mine and theirs of every cell that differs, and apply what was decided."""
    viewer = viewer_of(request)
    kept = found(selectors.workbook(viewer=viewer, workbook_id=workbook_id))
    error = ""
    if request.method == "POST":
        mine = [
            name.removeprefix("take:")
            for name, choice in request.POST.items()
            if name.startswith("take:") and choice == "mine"
        ]
        try:
            if len(kept.rows) > returning.AT_ONCE and kept.applied_at is None:
                job = services.ask_workbook(workbook=kept, mine=mine, by=viewer)
                return go(request, reverse("job", args=[job.pk]))
            services.apply_workbook(workbook=kept, mine=mine, by=viewer)
        except access.Refused:
            raise
        except Sentence as refusal:
            error = str(refusal)
        else:
            return go(request, reverse("portfolio-changes"))
    lines = selectors.workbook_cells(viewer=viewer, workbook=kept)
    by_state = {
        state: [line for line in lines if line.state == state]
        for state in ("change", "clash", "refused")
    }
    context = {
        "kept": kept,
        "error": error,
        "lines": by_state,
        "can_apply": bool(by_state["change"] or by_state["clash"]) and kept.applied_at is None,
        "rows": len({line.key for line in by_state["change"] + by_state["clash"]}),
        "shown_slice": f":{LISTED}",
        "unlisted": {state: max(len(listed) - LISTED, 0) for state, listed in by_state.items()},
    }
    return render(request, "portfolio/returned.html", context, status=422 if error else 200)
