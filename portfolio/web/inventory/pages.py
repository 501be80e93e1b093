"""The models, datasets and vendors that initiatives are made of."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors as initiatives
from governance_app.inventory import selectors, services
from governance_app.people import access
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import render_fragment
from portfolio.web.inventory.common import PAGE_SIZE, TABS

METRICS_SHOWN = 6


@page("view")
@require_GET
def models(request: HttpRequest) -> HttpResponse:
    """List models with their versions, aliases and initiatives; filters stand in the address."""
    search = request.GET.get("q", "").strip()
    is_unclaimed, with_gone = "unclaimed" in request.GET, "gone" in request.GET
    rows = selectors.models(
        viewer=viewer_of(request),
        search=search,
        is_unclaimed=is_unclaimed,
        with_gone=with_gone,
    )
    listed = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": TABS,
        "tab": "inventory",
        "page": listed,
        "search": search,
        "is_unclaimed": is_unclaimed,
        "with_gone": with_gone,
        "is_filtered": bool(search or is_unclaimed or with_gone),
        "may_connect": access.can(viewer_of(request), "connection.edit"),
    }
    return render_fragment(request, "inventory/list.html", "results", context)


@page("view")
@require_GET
def model(request: HttpRequest, model_id: str) -> HttpResponse:
    """Show one model: its versions, the initiatives it serves, its history of names."""
    viewer = viewer_of(request)
    row = found(selectors.model(model_id=model_id, viewer=viewer))
    listed = Paginator(selectors.versions(model=row), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "tabs": TABS,
        "tab": "inventory",
        "model": row,
        "page": listed,
        "versions": [{"version": each, "metrics": _metrics(each.metrics)} for each in listed],
        "flows": selectors.flows_into(model=row, viewer=viewer)[:PAGE_SIZE],
        "bill": selectors.bills(viewer=viewer, model=row).first(),
        "may_link": access.can_anywhere(viewer, "inventory.edit"),
    }
    return render(request, "inventory/model.html", context)


@page("inventory.edit")
@require_POST
def link(request: HttpRequest, model_id: str) -> HttpResponse:
    """Say that a model serves an initiative, by its key."""
    viewer = viewer_of(request)
    row = found(selectors.model(model_id=model_id, viewer=viewer))
    key = request.POST.get("initiative", "").strip().upper()
    initiative = initiatives.initiative(viewer=viewer, key=key)
    if initiative is None:
        raise Sentence(f"There is no initiative {key or 'without a key'}. Write a key like AI-142.")
    services.link_model(model=row, initiative=initiative, by=viewer)
    messages.info(
        request,
        worded(
            "{row} serves {initiative}. Its metrics come with the next sync.",
            row=row,
            initiative=initiative,
        ),
    )
    return redirect("inventory-model", model_id)


@page("inventory.edit")
@require_POST
def unlink(request: HttpRequest, model_id: str, link_id: str) -> HttpResponse:
    """End a link that a person made."""
    viewer = viewer_of(request)
    row = found(selectors.model(model_id=model_id, viewer=viewer))
    links: dict[str, Any] = {str(each.pk): each for each in row.visible_links}
    services.unlink_model(link=found(links.get(str(link_id))), by=viewer)
    return redirect("inventory-model", model_id)


@page("view")
@require_GET
def datasets(request: HttpRequest) -> HttpResponse:
    """List datasets with the initiatives that use them."""
    search = request.GET.get("q", "").strip()
    rows = selectors.datasets(viewer=viewer_of(request), search=search)
    listed = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"tabs": TABS, "tab": "inventory-datasets", "page": listed, "search": search}
    return render(request, "inventory/datasets.html", context)


@page("view")
@require_GET
def vendors(request: HttpRequest) -> HttpResponse:
    """List vendors by how many initiatives and models they take part in."""
    listed = Paginator(selectors.vendors(viewer=viewer_of(request)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {"tabs": TABS, "tab": "inventory-vendors", "page": listed}
    return render(request, "inventory/vendors.html", context)


def _metrics(values: dict[str, float]) -> list[tuple[str, str]]:
    """Give the first metrics by name, to four decimals, without zeros at the end."""
    shown = sorted(values.items())[:METRICS_SHOWN]
    return [(name, spelling.plain(value, 4).rstrip("0").rstrip(".")) for name, value in shown]
