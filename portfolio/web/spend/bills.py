"""Bills: what was received, loading one by hand, and what became of it."""

from collections.abc import Iterable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.files import selectors as stored
from governance_app.files import services as files
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.spend import selectors, services
from portfolio.downloads import as_download
from portfolio.web.access import found, page, viewer_of
from portfolio.web.jobs import progress_of

KIND = "governance_app.spend.tasks.import_file"
REPLAY = "governance_app.spend.tasks.replay"
NEW = "new"
PAGE_SIZE = 30


@page("money.view")
@require_GET
def bills(request: HttpRequest) -> HttpResponse:
    """List the bills received, newest first."""
    viewer = viewer_of(request)
    shown = Paginator(selectors.deliveries(viewer=viewer), PAGE_SIZE)
    context = {
        "page": shown.get_page(request.GET.get("page")),
        "may_import": access.can_anywhere(viewer, "spend.import"),
    }
    return render(request, "spend/bills.html", context)


@page("money.view")
@require_GET
def bill(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Show one bill: its files, its loads with their totals, and what was wrong with it."""
    viewer = viewer_of(request)
    delivery = found(selectors.delivery(viewer=viewer, delivery_id=delivery_id))
    context = {
        "delivery": delivery,
        "report": delivery.report,
        "may_import": access.can(viewer, "spend.import", delivery),
    }
    return render(request, "spend/bill.html", context)


@page("spend.import")
@require_POST
def replay(request: HttpRequest, delivery_id: str) -> HttpResponse:
    """Read the kept files of a bill again, in a job."""
    viewer = viewer_of(request)
    delivery = found(selectors.delivery(viewer=viewer, delivery_id=delivery_id))
    access.require(viewer, "spend.import", delivery)
    job = jobs.receive(
        kind=REPLAY,
        title=f"Read the bill of {delivery} again",
        payload={"delivery": str(delivery.pk)},
        by=viewer,
        node=delivery.source.node,
        key=f"{REPLAY}:{delivery.pk}",
    )
    return redirect("spend-loading", job.pk)


@page("money.view")
@require_GET
def changes(request: HttpRequest, load_id: str) -> HttpResponse:
    """Show what a version of a scope and month changed, against the one before or another."""
    viewer = viewer_of(request)
    load = found(selectors.load_of(viewer=viewer, load_id=load_id))
    versions = list(selectors.versions_of(viewer=viewer, load=load))
    others = [one for one in versions if one.pk != load.pk]
    earlier = [one for one in others if one.number < load.number]
    chosen = request.GET.get("against", "")
    other = next((one for one in others if str(one.pk) == chosen), None)
    before = other or next(iter(earlier or others), None)
    by = request.GET.get("by", "service")
    context: dict[str, Any] = {
        "load": load, "before": before, "others": others, "by": by, "comparison": None,
        "dimensions": {code: title for code, (title, *_) in selectors.COMPARED_BY.items()},
        "reason": "",
    }  # fmt: skip
    if before is not None:
        try:
            context["comparison"] = selectors.compare_loads(
                viewer=viewer, before_id=before.pk, after_id=load.pk, by=by
            )
        except Sentence as error:
            context["reason"] = str(error)
    return render(request, "spend/changes.html", context)


@page("spend.import")
@require_http_methods(["GET", "POST"])
def source(request: HttpRequest, source_id: str) -> HttpResponse:
    """Show how the bills of a source are read and add up; POST changes it."""
    viewer = viewer_of(request)
    one = found(selectors.source(viewer=viewer, source_id=source_id))
    problem = ""
    if request.method == "POST":
        try:
            services.change_source(
                source=one, by=viewer, version=int(request.POST.get("version") or one.version),
                name=request.POST.get("name", "")[:200].strip() or one.name,
                is_strict="is_strict" in request.POST,
                is_day_first="is_day_first" in request.POST,
                host_is_provider="host_is_provider" in request.POST,
                **_handling(request),
            )  # fmt: skip
            return redirect("spend-source", one.pk)
        except Sentence as error:
            problem = str(error)
    context = {"source": one, "problem": problem, **_HANDLINGS}
    return render(request, "spend/source.html", context, status=422 if problem else 200)


@page("money.view")
@require_GET
def bill_file(request: HttpRequest, delivery_id: str, name: str) -> HttpResponse:
    """Give a file of a bill as it was received, or the lines that were refused."""
    viewer = viewer_of(request)
    delivery = found(selectors.delivery(viewer=viewer, delivery_id=delivery_id))
    if name == "refused":
        kept, called = found(delivery.refused), "refused.csv"
    else:
        one = found(next((f for f in delivery.files.all() if str(f.position) == name), None))
        kept, called = one.file, one.name
    return as_download(stored.open_file(file=kept), name=called, size=kept.size)


@page("spend.import")
@require_http_methods(["GET", "POST"])
def load(request: HttpRequest) -> HttpResponse:
    """Ask for a bill; POST keeps the file and hands it to a job."""
    viewer = viewer_of(request)
    known = selectors.sources(viewer=viewer)
    if request.method == "POST":
        source = _source(request, known)
        upload = _upload(request)
        kept = files.store(
            content=cast(BinaryIO, upload.file), name=upload.name or "bill", by=viewer
        )
        job = jobs.receive(
            kind=KIND,
            title=f"Load {upload.name} into {source}",
            payload={
                "source": str(source.pk),
                "files": [str(kept.pk)],
                "names": [(upload.name or kept.name)[:255]],
                "dry_run": "dry_run" in request.POST,
            },
            by=viewer,
            node=source.node,
        )
        return redirect("spend-loading", job.pk)
    context = {"sources": known, "limit": settings.UPLOAD_BYTES, "new": NEW, **_HANDLINGS}
    return render(request, "spend/load.html", context)


@page("spend.import")
@require_GET
def loading(request: HttpRequest, job_id: str) -> HttpResponse:
    """Show a bill being loaded, live, and then what became of it."""
    context = progress_of(request, job_id)
    job = context["job"]
    if job.kind not in (KIND, REPLAY):
        found(None)
    result: dict[str, Any] = job.result or {}
    delivery = None
    if result.get("delivery"):
        delivery = selectors.delivery(viewer=viewer_of(request), delivery_id=result["delivery"])
    context |= {
        "result": result,
        "amounts": _amounts(result),
        "delivery": delivery,
        "is_dry": bool(result.get("dry_run")),
    }
    if request.headers.get("HX-Target") == "outcome":
        return render(request, "spend/loading.html#outcome", context)
    return render(request, "spend/loading.html", context)


_HANDLINGS = {
    "deliveries": selectors.DELIVERIES,
    "corrections": selectors.CORRECTIONS,
}


def _handling(request: HttpRequest) -> dict[str, str]:
    """Give what was chosen of how deliveries and corrections work."""
    asked = {name: request.POST.get(name, "") for name in ("delivery", "correction")}
    return {name: value for name, value in asked.items() if value}


def _amounts(result: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "currency": currency,
            "billed": billed,
            "effective": result["effective"][currency],
            "allocated": result["allocated"].get(currency, "0.00"),
            "unallocated": result["unallocated"].get(currency, "0.00"),
        }
        for currency, billed in (result.get("billed") or {}).items()
    ]


def _source(request: HttpRequest, known: Iterable[Any]) -> Any:
    chosen = request.POST.get("source", "")
    if chosen == NEW:
        return services.add_source(
            name=request.POST.get("name", "")[:200],
            owner=viewer_of(request),
            by=viewer_of(request),
            delivery=request.POST.get("delivery") or "overwrite",
            correction=request.POST.get("correction") or "replacement",
        )
    source = next((one for one in known if str(one.pk) == chosen), None)
    if source is None:
        raise Sentence("Choose the source whose bill this is, or add a new one.")
    return source


def _upload(request: HttpRequest) -> UploadedFile:
    upload = request.FILES.get("file")
    if not isinstance(upload, UploadedFile) or not upload.size:
        raise Sentence("Choose the file to load; an empty file holds no bill.")
    if upload.size > settings.UPLOAD_BYTES:
        raise Sentence(
            f"{upload.name} is larger than {settings.UPLOAD_BYTES / 2**30:.0f} GB. "
            "Put it into a folder and connect that instead."
        )
    return upload


urlpatterns = [
    path("spend/bills/", bills, name="spend-bills"),
    path("spend/bills/load/", load, name="spend-load"),
    path("spend/bills/loading/<uuid:job_id>/", loading, name="spend-loading"),
    path("spend/bills/<uuid:delivery_id>/", bill, name="spend-bill"),
    path("spend/bills/<uuid:delivery_id>/replay/", replay, name="spend-bill-replay"),
    path("spend/loads/<uuid:load_id>/changes/", changes, name="spend-load-changes"),
    path("spend/sources/<uuid:source_id>/", source, name="spend-source"),
    path("spend/bills/<uuid:delivery_id>/<str:name>/", bill_file, name="spend-bill-file"),
]
