"""The workbook: the table out as Excel, changed there, compared, and applied in one go."""

import io
import uuid
from typing import Any

import xlsxwriter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.audit import services as audit
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.initiatives import cells, returning, selectors, services
from governance_app.initiatives.importing import apart
from governance_app.people import access
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go
from portfolio.web.portfolio.asked import read, rows_of
from portfolio.web.portfolio.export import MEDIA

TEMPLATE = "portfolio/workbook.html"
MOST_BYTES = 20 * 1024**2


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
    response = HttpResponse(_book(rows), content_type=MEDIA["xlsx"])
    name = f"initiatives-{timezone.localdate():%Y-%m-%d}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _book(rows: list[Any]) -> bytes:
    """Write the workbook: choices as lists, what must not change in grey, the base hidden."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Initiatives")
        head = book.add_format({"bold": True, "bottom": 1})
        fixed = book.add_format({"font_color": "#666d76"})
        titles = returning.heads()
        for position, title in enumerate(titles):
            sheet.write_string(0, position, title, head)
        for number, row in enumerate(rows, start=1):
            line = returning.line_of(row)
            for position, text in enumerate(line):
                is_fixed = position < 3 or position == len(line) - 1
                sheet.write_string(number, position, text, fixed if is_fixed else None)
        for position, name in enumerate(returning.SHEET, start=3):
            words = list(cells.CELLS[name].words.values())
            if cells.CELLS[name].shape == "choice" and rows and len(",".join(words)) <= 255:
                rule = {"validate": "list", "source": words, "ignore_blank": True}
                sheet.data_validation(1, position, len(rows), position, rule)
        sheet.freeze_panes(1, 1)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, len(titles) - 2, 22)
        sheet.set_column(len(titles) - 1, len(titles) - 1, 2, None, {"hidden": True})
    return target.getvalue()


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
        content = sent.read()
        table = apart.read_table(content, name=sent.name or "workbook.xlsx", header_row=1)
        kept = services.receive_workbook(
            file=files.store(content=content, name=sent.name or "workbook.xlsx", by=viewer),
            file_name=sent.name or "workbook.xlsx",
            rows=returning.rows_of(table),
            by=viewer,
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
    }
    return render(request, "portfolio/returned.html", context, status=422 if error else 200)
