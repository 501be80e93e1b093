"""Work in progress: the list of jobs, one job with its log, and the fragment that moves."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.phrases import phrase
from governance_app.jobs import selectors, services
from governance_app.people import access
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import wants_fragment

T = TypeVar("T")

PAGE_SIZE = 50
EVERY_MS = 1000

#: state -> (class of the mark, words)
STATES = {
    "queued": ("none", phrase("waiting")),
    "running": ("running", phrase("running")),
    "done": ("ok", phrase("done")),
    "failed": ("fail", phrase("failed")),
    "cancelled": ("none", phrase("cancelled")),
    "quarantined": ("fail", phrase("put aside")),
}


#: part -> words
PARTS = {
    "people": phrase("What people started"),
    "all": phrase("Everything"),
    "upkeep": phrase("Upkeep"),
}
#: kind -> (words, address name, whether the month of the job belongs into the address)
DOORS = {
    "governance_app.spend.tasks.approve_month": (phrase("The month"), "close-month", True),
    "governance_app.spend.tasks.close_month": (phrase("The month"), "close-month", True),
    "governance_app.spend.tasks.import_trial_balance": (
        phrase("General ledger"), "close-general-ledger", True,
    ),
    "governance_app.spend.tasks.import_invoice_details": (
        phrase("Invoices"), "close-invoices", True,
    ),
    "governance_app.books.tasks.import_rates": (
        phrase("Rates"), "settings-rates", False,
    ),
    "governance_app.initiatives.tasks.change_many": (
        phrase("My changes"), "portfolio-changes", False,
    ),
    "governance_app.initiatives.tasks.undo_many": (
        phrase("My changes"), "portfolio-changes", False,
    ),
    "governance_app.initiatives.tasks.apply_workbook": (
        phrase("My changes"), "portfolio-changes", False,
    ),
}  # fmt: skip


@page("view")
@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """List jobs, newest first; ``state`` and ``part`` in the address narrow them."""
    state = request.GET.get("state", "")
    states = [state] if state in STATES else None
    part = request.GET.get("part", "")
    part = part if part in PARTS else selectors.PARTS[0]
    seen = selectors.jobs(viewer=viewer_of(request), states=states)
    shown = Paginator(selectors.of_part(found=seen, part=part), PAGE_SIZE)
    listed = shown.get_page(request.GET.get("page"))
    context = {
        "page": listed,
        "rows": [{"job": job, "mark": STATES[job.state], "took": _took(job)} for job in listed],
        "states": {name: words for name, (_, words) in STATES.items()},
        "state": state if states else "",
        "parts": PARTS.items(),
        "part": part,
        "folded": selectors.of_part(found=seen, part="upkeep").count() if part == "people" else 0,
    }
    return render(request, "jobs/list.html", context)


@page("view")
@require_GET
def job(request: HttpRequest, job_id: str) -> HttpResponse:
    """Show one job: how far it is, its log, its result."""
    context = progress_of(request, job_id)
    result = context["job"].result or {}
    plain = {name: value for name, value in result.items() if not isinstance(value, (dict, list))}
    return render(
        request, "jobs/detail.html", {**context, "result": plain, "door": _door(context["job"])}
    )


@page("view")
@require_GET
def progress(request: HttpRequest, job_id: str) -> HttpResponse:
    """Give the fragment that shows how far a job is; it asks for itself until the job has ended."""
    return render(request, "jobs/progress.html", progress_of(request, job_id))


@page("view")
@require_POST
def cancel(request: HttpRequest, job_id: str) -> HttpResponse:
    """Ask a job to stop."""
    viewer = viewer_of(request)
    asked = found(selectors.job(viewer=viewer, job_id=job_id))
    services.cancel(job=asked, by=viewer)
    return _changed(request, job_id)


@page("view")
@require_POST
def retry(request: HttpRequest, job_id: str) -> HttpResponse:
    """Put an ended job back into the queue."""
    viewer = viewer_of(request)
    asked = found(selectors.job(viewer=viewer, job_id=job_id))
    services.retry(job=asked, by=viewer)
    return _changed(request, job_id)


def progress_of(request: HttpRequest, job_id: Any) -> dict[str, Any]:
    """Give what ``jobs/progress.html`` shows of a job that the viewer may see, else 404."""
    viewer = viewer_of(request)
    asked = found(selectors.job(viewer=viewer, job_id=job_id))
    standing = selectors.standing(job=asked, now=timezone.now())
    may = access.Decision(True)
    if asked.by != viewer:
        may = access.can(viewer, "job.manage", asked.node)
    return {
        "job": asked,
        "progress": standing,
        "mark": STATES[asked.state],
        "percent": round(standing.ratio * 100, 1) if standing.ratio is not None else None,
        "may_manage": may,
        "can_retry": asked.state in ("failed", "cancelled", "quarantined"),
        "is_stopping": not standing.is_finished and asked.progress.is_cancel_requested,
        "is_waiting_again": asked.state == "queued" and bool(asked.error),
        "every_ms": EVERY_MS,
    }


def beside_its_job(
    request: HttpRequest, read: Callable[[], T], *, job_of: Callable[[T], Any]
) -> tuple[T, dict[str, Any]]:
    """
    Read a row and how far the job at work on it is, the row never older than the job's end.

    The job may end between the two: the row is read again then. Otherwise its page would show
    what was before the end, and wait for an end that it will not hear of.

    Args:
        read: gives the row.
        job_of: gives the id of the job at work on it, or None.

    Returns:
        The row, and what ``jobs/progress.html`` shows; nothing where no job is.
    """
    row = read()
    job_id = job_of(row)
    if job_id is None:
        return row, {}
    context = progress_of(request, job_id)
    return (read() if context["progress"].is_finished else row), context


def _changed(request: HttpRequest, job_id: str) -> HttpResponse:
    """Show the job as it is now: in place, or on its page for a browser without HTMX."""
    if wants_fragment(request):
        return render(request, "jobs/progress.html", progress_of(request, job_id))
    return redirect("job", job_id)


def _door(job: Any) -> dict[str, str] | None:
    """Give the page that shows what a job was for."""
    if job.kind not in DOORS:
        return None
    words, name, is_of_month = DOORS[job.kind]
    return {
        "words": words,
        "address": reverse(name, args=[job.payload["month"][:7]] if is_of_month else []),
    }


def _took(job: Any) -> float | None:
    if job.finished_at is None or job.started_at is None:
        return None
    return float((job.finished_at - job.started_at).total_seconds())


urlpatterns = [
    path("jobs/", jobs, name="jobs"),
    path("jobs/<uuid:job_id>/", job, name="job"),
    path("jobs/<uuid:job_id>/progress/", progress, name="job-progress"),
    path("jobs/<uuid:job_id>/cancel/", cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/retry/", retry, name="job-retry"),
]
