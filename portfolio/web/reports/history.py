"""Reports: asking for an export of what a page shows, its history, and the download."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.exports import selectors, services
from governance_app.exports.documents import DOCUMENTS, Wish
from governance_app.exports.sheets import SHEETS
from governance_app.exports.writers import MEDIA_TYPES
from governance_app.files.selectors import open_file
from governance_app.people.access import User
from portfolio.charts.wording import worded
from portfolio.downloads import as_download
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.jobs import beside_its_job
from portfolio.web.spend.asked import read

PAGE_SIZE = 40
#: Sheets that need no filter to be useful, in the order of the list.
AT_HAND = (
    "eu_register", "omb_inventory", "third_party_register", "risk_register", "incidents",
    "initiative_spend", "chargeback", "budget_variance", "invoice_reconciliation",
)  # fmt: skip


@page("export")
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """List exports with their control totals, newest first."""
    shown = Paginator(selectors.exports(viewer=viewer_of(request)), PAGE_SIZE)
    listed = shown.get_page(request.GET.get("page"))
    return render(request, "reports/list.html", {"page": listed, "ready": _ready()})


def _ready() -> list[dict[str, str]]:
    """List what can be made with one click: the pack, then every sheet by what it holds."""
    pack = DOCUMENTS["board_pack"]
    about = worded(
        "Value, spend, risk, the regulatory inventory and what changed, as slides and PDF"
    )
    found = [{"name": pack.name, "title": pack.title, "about": about, "url": reverse("packs")}]
    for name in AT_HAND:
        sheet = SHEETS[name]
        found.append({"name": name, "title": sheet.title, "about": sheet.about(), "url": ""})
    return found


@page("export")
@require_POST
def one_pager(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for the one-pager of an initiative, of today or of an earlier day."""
    asked = services.request(
        sheet="one_pager",
        file_format="pdf",
        chosen=Wish(initiative=key, on=fields.day(request.POST.get("on", ""), "Figures of")),
        by=viewer_of(request),
    )
    return redirect("report", asked.pk)


@page("export")
@require_POST
def ask(request: HttpRequest, sheet: str, file_format: str) -> HttpResponse:
    """Ask for what the page with this address shows."""
    viewer = viewer_of(request)
    asked = read(request, viewer)
    export = services.request(
        sheet=sheet,
        file_format=file_format,
        chosen=asked.chosen,
        layout=_layout(request, viewer),
        by=viewer,
    )
    return redirect("report", export.pk)


@page("export")
@require_GET
def stream(request: HttpRequest, sheet: str, file_format: str) -> HttpResponse:
    """
    Give what the page with this address shows at once, as CSV or FOCUS, while it is read.

    The transfer breaks off when the rows do not sum to the totals, so no whole file arrives.
    """
    viewer = viewer_of(request)
    streamed = services.stream(
        sheet=sheet,
        file_format=file_format,
        chosen=read(request, viewer).chosen,
        layout=_layout(request, viewer),
        now=timezone.now(),
        by=viewer,
    )
    response = StreamingHttpResponse(streamed.pieces, content_type=MEDIA_TYPES[file_format])
    response["Content-Disposition"] = f'attachment; filename="{streamed.name}"'
    response["X-Accel-Buffering"] = "no"
    return cast(HttpResponse, response)


def _layout(request: HttpRequest, viewer: User) -> Any:
    asked = request.GET.get("layout", "")
    return found(selectors.layout(viewer=viewer, layout_id=asked)) if asked else None


@page("export")
@require_GET
def report(request: HttpRequest, export_id: str) -> HttpResponse:
    """Show one export: live while it is made, then its control totals and the file."""
    viewer = viewer_of(request)
    export, moving = beside_its_job(
        request,
        lambda: found(selectors.export(viewer=viewer, export_id=export_id)),
        job_of=lambda row: row.job_id,
    )
    context: dict[str, Any] = {"export": export, **moving}
    if request.headers.get("HX-Target") == "outcome":
        return render(request, "reports/detail.html#outcome", context)
    return render(request, "reports/detail.html", context)


@page("export")
@require_GET
def download(request: HttpRequest, export_id: str) -> HttpResponse:
    """Hand the file out; the permission is asked again and the trail keeps it."""
    viewer = viewer_of(request)
    export = found(selectors.export(viewer=viewer, export_id=export_id))
    kept = services.download(export=export, by=viewer)
    return as_download(
        open_file(file=kept),
        name=kept.name,
        size=kept.size,
        media_type=MEDIA_TYPES[export.format],
    )


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("reports/ask/<str:sheet>/<str:file_format>/", ask, name="report-ask"),
    path("reports/stream/<str:sheet>/<str:file_format>/", stream, name="report-stream"),
    path("reports/one-pager/<slug:key>/", one_pager, name="one-pager"),
    path("reports/<uuid:export_id>/", report, name="report"),
    path("reports/<uuid:export_id>/file/", download, name="report-file"),
]
