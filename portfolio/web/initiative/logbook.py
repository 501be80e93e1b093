"""The log of an initiative: risks, assumptions, issues and dependencies in one list."""

import datetime as dt
import uuid
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells, selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.risk import selectors as risks
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go

TEMPLATE = "initiatives/log.html"


@page("view")
def log(request: HttpRequest, key: str) -> HttpResponse:
    """Show the log of one initiative."""
    return _shown(request, _load(request, key))


def _load(request: HttpRequest, key: str) -> Any:
    return found(selectors.initiative(viewer=viewer_of(request), key=key))


def _shown(request: HttpRequest, row: Any, attempt: fields.Attempt | None = None) -> HttpResponse:
    viewer = viewer_of(request)
    is_all = bool(request.GET.get("all"))
    tried = attempt or fields.Attempt()
    context: dict[str, Any] = {
        "row": row,
        "today": timezone.localdate(),
        "is_all": is_all,
        "lines": selectors.log(viewer=viewer, rows=[row.pk], is_open=not is_all),
        "risks": cast(
            list[dict[str, Any]],
            risks.register(viewer=viewer, initiative=row).to_dict("records"),
        ),
        "may_update": access.can(viewer, "initiative.update", row),
        "may_edit": access.can(viewer, "initiative.edit", row),
        "persons": people.people(viewer=viewer).filter(is_active=True)[:500],
        "add": tried.of("add"),
        "wait": tried.of("wait"),
        "error": tried.stray,
    }
    return render(request, TEMPLATE, context, status=422 if attempt else 200)


@page("initiative.update")
@require_POST
def entry_add(request: HttpRequest, key: str) -> HttpResponse:
    """Write down an assumption or an issue."""
    row = _load(request, key)
    try:
        owner = request.POST.get("owner", "").strip()
        services.add_entry(
            initiative=row,
            kind=request.POST.get("kind", ""),
            title=request.POST.get("title", ""),
            detail=request.POST.get("detail", ""),
            owner=cells.read("business_owner", owner) if owner else None,
            due_on=fields.day(request.POST.get("due_on", ""), "Due"),
            by=viewer_of(request),
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, row, fields.refused("add", refusal, request.POST))
    return go(request, reverse("initiative-log", args=[row.key]))


@page("initiative.update")
@require_POST
def entry_change(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    """Close an entry with how it ended, or open it again."""
    viewer = viewer_of(request)
    entry = found(selectors.log_entry(viewer=viewer, entry_id=entry_id))
    try:
        if request.POST.get("what") == "reopen":
            services.reopen_entry(entry=entry, by=viewer)
        else:
            services.close_entry(
                entry=entry,
                outcome=request.POST.get("outcome", ""),
                by=viewer,
                version=fields.version(request.POST),
            )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, entry.initiative, fields.refused("close", refusal, request.POST))
    return go(request, reverse("initiative-log", args=[entry.initiative.key]))


@page("initiative.edit")
@require_POST
def dependency_add(request: HttpRequest, key: str) -> HttpResponse:
    """Say what this initiative waits for; both owners are told."""
    viewer = viewer_of(request)
    row = _load(request, key)
    try:
        other = selectors.initiative(viewer=viewer, key=request.POST.get("needs", "").split(" ")[0])
        if other is None:
            raise Sentence("Name the other initiative by its key, such as AI-142.")
        services.add_dependency(
            initiative=row,
            needs=other,
            note=request.POST.get("note", ""),
            needed_on=fields.day(request.POST.get("needed_on", ""), "Needed by"),
            by=viewer,
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, row, fields.refused("wait", refusal, request.POST))
    return go(request, reverse("initiative-log", args=[row.key]))


@page("initiative.edit")
@require_POST
def dependency_change(request: HttpRequest, dependency_id: uuid.UUID) -> HttpResponse:
    """Say that what was waited for has come, or is needed no more."""
    viewer = viewer_of(request)
    row = found(selectors.dependency(viewer=viewer, dependency_id=dependency_id))
    back = row.initiative if access.can(viewer, "view", row.initiative) else row.needs
    try:
        if request.POST.get("what") == "remove":
            services.remove_dependency(dependency=row, by=viewer)
        else:
            today: dt.date = timezone.localdate()
            services.deliver_dependency(dependency=row, on=today, by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        return _shown(request, back, fields.refused("deliver", refusal, request.POST))
    return go(request, reverse("initiative-log", args=[back.key]))
