"""Named layouts: which columns an ERP wants, in which order, under which headings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.services.layouts import DATE_FORMATS, DECIMAL_MARKS, DELIMITERS
from governance_app.exports.sheets import SHEETS
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of


@page("export")
@require_http_methods(["GET", "POST"])
def layouts(request: HttpRequest) -> HttpResponse:
    """List the layouts; POST adds one."""
    viewer = viewer_of(request)
    context: dict[str, Any] = {"error": "", "typed": {}}
    if request.method == "POST":
        try:
            made = services.add_layout(
                name=request.POST.get("name", ""),
                sheet=request.POST.get("sheet", ""),
                columns=read_columns(request.POST.get("columns", "")),
                by=viewer,
                **_spelling(request.POST),
            )
        except Sentence as refused:
            if isinstance(refused, access.Refused):
                raise
            context = {"error": str(refused), "typed": request.POST}
        else:
            messages.info(request, worded("Added {made}.", made=made))
            return redirect("report-layouts")
    context |= {
        "layouts": [
            (one, SHEETS[one.sheet].title) for one in selectors.layouts(viewer=viewer)
            if one.sheet in SHEETS
        ],
        "may_edit": access.can(viewer, "export.edit"),
        "form": _form(context["typed"]),
    }  # fmt: skip
    status = 400 if context["error"] else 200
    return render(request, "reports/layouts.html", context, status=status)


@page("export")
@require_http_methods(["GET", "POST"])
def layout(request: HttpRequest, layout_id: str) -> HttpResponse:
    """Show one layout; POST changes it or puts it away."""
    viewer = viewer_of(request)
    shown = found(selectors.layout(viewer=viewer, layout_id=layout_id))
    context: dict[str, Any] = {"error": "", "typed": {}}
    if request.method == "POST":
        is_active = "remove" not in request.POST
        try:
            services.change_layout(
                layout=shown,
                columns=read_columns(request.POST.get("columns", "")) if is_active else None,
                is_active=is_active,
                version=fields.version(request.POST),
                by=viewer,
                **(_spelling(request.POST) if is_active else {}),
            )
        except Sentence as refused:
            if isinstance(refused, access.Refused):
                raise
            context = {"error": str(refused), "typed": request.POST}
        else:
            messages.info(
                request,
                worded("{shown}: saved.", shown=shown)
                if is_active
                else worded("{shown}: put away.", shown=shown),
            )
            return redirect("report-layouts")
    context |= {
        "layout": shown,
        "sheet": SHEETS[shown.sheet],
        "may_edit": access.can(viewer, "export.edit"),
        "columns": context["typed"].get("columns") or spell_columns(shown.columns),
        "form": _form(context["typed"], shown),
    }
    status = 400 if context["error"] else 200
    return render(request, "reports/layout.html", context, status=status)


def read_columns(text: str) -> list[dict[str, str]]:
    """
    Read one column a line: ``name``, ``name: Heading``, or ``="fixed": Heading``.

    >>> read_columns('initiative: WBS\\n="1000": Company code\\nbilled')
    [{'name': 'initiative', 'heading': 'WBS'}, {'value': '1000', 'heading': 'Company code'}, \
{'name': 'billed', 'heading': ''}]
    """
    columns: list[dict[str, str]] = []
    for line in text.splitlines():
        said = line.strip()
        if not said:
            continue
        if said.startswith('="'):
            value, mark, heading = said[2:].partition('":')
            if not mark:
                raise Sentence(f'“{said[:60]}”: write a fixed value as ="1000": Heading.')
            columns.append({"value": value, "heading": heading.strip()})
            continue
        name, _, heading = said.partition(":")
        columns.append({"name": name.strip(), "heading": heading.strip()})
    return columns


def spell_columns(columns: list[dict[str, str]]) -> str:
    """Write columns the way ``read_columns`` reads them."""
    return "\n".join(
        f'="{one["value"]}": {one["heading"]}' if "value" in one
        else f"{one['name']}: {one['heading']}"
        for one in columns
    )  # fmt: skip


def _spelling(data: QueryDict) -> dict[str, Any]:
    return {
        "delimiter": {"tab": "\t"}.get(data.get("delimiter", ","), data.get("delimiter", ",")),
        "decimal_mark": data.get("decimal_mark", "."),
        "decimal_places": fields.whole(data.get("decimal_places", ""), "Decimals"),
        "date_format": data.get("date_format", "%Y-%m-%d"),
        "has_bom": "has_bom" in data,
    }


def _form(typed: Any, shown: Any = None) -> dict[str, Any]:
    def now(name: str, default: Any) -> Any:
        if typed:
            return typed.get(name, "")
        return getattr(shown, name) if shown is not None else default

    return {
        "sheets": SHEETS.values(),
        "sheet": typed.get("sheet", "ledger") if typed else "ledger",
        "delimiters": [("tab" if k == "\t" else k, v) for k, v in DELIMITERS.items()],
        "delimiter": {"\t": "tab"}.get(now("delimiter", ","), now("delimiter", ",")),
        "marks": DECIMAL_MARKS.items(),
        "mark": now("decimal_mark", "."),
        "dates": DATE_FORMATS.items(),
        "date": now("date_format", "%Y-%m-%d"),
        "places": now("decimal_places", ""),
        "has_bom": now("has_bom", False),
    }


urlpatterns = [
    path("reports/layouts/", layouts, name="report-layouts"),
    path("reports/layouts/<uuid:layout_id>/", layout, name="report-layout"),
]
