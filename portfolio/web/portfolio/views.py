"""Keeping addresses of the explorer: save, share, pin, watch, forget."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors, services
from governance_app.notices import services as notices
from governance_app.notices.selectors import watches
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment

TEMPLATE = "portfolio/views.html"


@page("view")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the present address under a name."""
    try:
        services.save_view(
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            is_shared=bool(request.POST.get("is_shared")),
            by=viewer_of(request),
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return _menu(request, error=str(refusal))
    return _menu(request, toast=worded("The view is kept."))


@page("view")
@require_POST
def change(request: HttpRequest, view_id: uuid.UUID) -> HttpResponse:
    """Pin, share or forget a view, or hear of what changes in it."""
    viewer = viewer_of(request)
    view = found(selectors.saved_view(viewer=viewer, view_id=view_id))
    what = request.POST.get("what", "")
    try:
        if what in ("pin", "unpin"):
            services.pin_view(view=view, is_pinned=what == "pin", by=viewer)
        elif what in ("daily", "weekly", "unwatch"):
            notices.watch_view(view=view, every="" if what == "unwatch" else what, by=viewer)
        elif what in ("share", "keep"):
            services.share_view(view=view, is_shared=what == "share", by=viewer)
        elif what == "forget":
            services.remove_view(view=view, by=viewer)
        else:
            raise Sentence("Pin, watch, share or forget a view.")
    except access.Refused:
        raise
    except Sentence as refusal:
        return _menu(request, error=str(refusal))
    return _menu(request)


def kept(viewer: Any) -> list[tuple[Any, str]]:
    """Give the views at hand, each with how often the viewer hears of it."""
    views = list(selectors.saved_views(viewer=viewer))
    watched = watches(viewer=viewer) if views else {}
    return [(view, watched.get(view.pk, "")) for view in views]


def _menu(request: HttpRequest, *, error: str = "", toast: str = "") -> HttpResponse:
    if not request.headers.get("HX-Request"):
        query = request.POST.get("query", "")
        return go(request, f"{reverse('portfolio')}?{query}".removesuffix("?"))
    context: dict[str, Any] = {
        "views": kept(viewer_of(request)),
        "query": request.POST.get("query", ""),
        "view_error": error,
        "user": request.user,
    }
    return render_fragment(
        request, TEMPLATE, "menu", context, status=422 if error else 200, toast=toast
    )
