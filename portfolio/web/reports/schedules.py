"""Reports that come round: by e-mail, to a folder, to an object store."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.documents import DOCUMENTS, Wish
from governance_app.exports.sheets import SHEETS
from governance_app.jobs import services as jobs
from governance_app.people import access
from portfolio.charts.wording import said, worded
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.reports.packs import places
from portfolio.web.spend.asked import read

RUN = "governance_app.exports.tasks.run_schedule"
TITLES = {name: sheet.title for name, sheet in SHEETS.items()}
TITLES |= {name: document.title for name, document in DOCUMENTS.items()}


@page("export")
@require_http_methods(["GET", "POST"])
def schedules(request: HttpRequest) -> HttpResponse:
    """List what comes round; POST adds one with the filter in the address."""
    viewer = viewer_of(request)
    context: dict[str, Any] = {"error": "", "typed": {}}
    if request.method == "POST":
        typed = request.POST
        layout_id = typed.get("layout", "")
        try:
            made = services.add_schedule(
                name=typed.get("name", ""),
                sheet=typed.get("sheet", ""),
                file_format=typed.get("format", ""),
                layout=selectors.layout(viewer=viewer, layout_id=layout_id) if layout_id else None,
                chosen=_chosen(request, viewer),
                every=typed.get("every", ""),
                target=typed.get("target", ""),
                address=typed.get("address", ""),
                months=fields.whole(typed.get("months", "1"), "Months") or 1,
                by=viewer,
            )
        except Sentence as refused:
            if isinstance(refused, access.Refused):
                raise
            context = {"error": str(refused), "typed": typed}
        else:
            messages.info(request, worded("{made} comes round from now on.", made=made))
            return redirect("report-schedules")
    context |= {
        "schedules": [
            (row, TITLES.get(row.sheet, row.sheet)) for row in selectors.schedules(viewer=viewer)
        ],
        "may_edit": access.can(viewer, "export.edit"),
        "sheets": SHEETS.values(),
        "documents": DOCUMENTS.values(),
        "places": places(viewer),
        "formats": selectors.FORMATS,
        "turns": selectors.TURNS,
        "layouts": selectors.layouts(viewer=viewer),
        "filter": said(read(request, viewer).chosen.words()) if request.GET else "",
    }
    status = 400 if context["error"] else 200
    return render(request, "reports/schedules.html", context, status=status)


def _chosen(request: HttpRequest, viewer: Any) -> Any:
    """Give what the schedule holds: of a sheet the filter in the address."""
    typed = request.POST
    if typed.get("sheet", "") in DOCUMENTS:
        return Wish(initiative=typed.get("initiative", ""), place=typed.get("place", ""))
    return read(request, viewer).chosen


@page("export.edit")
@require_POST
def change(request: HttpRequest, schedule_id: str) -> HttpResponse:
    """Stop a schedule, let it go on, or run it now."""
    viewer = viewer_of(request)
    shown = found(selectors.schedule(viewer=viewer, schedule_id=schedule_id))
    if "now" in request.POST:
        if shown.owner_id != viewer.pk:
            raise Sentence("A schedule runs for the person it belongs to.")
        job = jobs.receive(
            kind=RUN,
            title=f"Deliver {shown.name}"[:300],
            payload={"schedule": str(shown.pk)},
            key=f"export:{shown.pk}",
            by=viewer,
        )
        return redirect("job", job.pk)
    services.change_schedule(
        schedule=shown,
        is_active="stop" not in request.POST,
        version=fields.version(request.POST),
        by=viewer,
    )
    messages.info(
        request,
        worded("{shown}: stopped.", shown=shown)
        if "stop" in request.POST
        else worded("{shown}: goes on.", shown=shown),
    )
    return redirect("report-schedules")


urlpatterns = [
    path("reports/schedules/", schedules, name="report-schedules"),
    path("reports/schedules/<uuid:schedule_id>/", change, name="report-schedule"),
]
