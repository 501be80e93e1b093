"""Tokens that outside programs push with: made, shown once, revoked; and what came."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.connectors import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.web.access import found, page, viewer_of
from portfolio.web.connections.common import tabs

PAGE_SIZE = 50
SCOPES = (
    ("metrics", phrase("Metrics"), phrase("Values for KPIs, /api/v1/metrics/")),
    ("lineage", "OpenLineage", phrase("Datasets and pipelines, /api/v1/lineage")),
    ("events", "CloudEvents", phrase("Readings and status, /api/v1/events/")),
)


@page("connection.view")
@require_http_methods(["GET", "POST"])
def inbound(request: HttpRequest) -> HttpResponse:
    """List tokens with how each is used; POST makes one, shown once."""
    viewer = viewer_of(request)
    context: dict[str, Any] = {"secret": "", "error": "", "typed": request.POST}
    status = 200
    if request.method == "POST":
        try:
            _, context["secret"] = _make(request)
            context["typed"] = {}
        except access.Refused:
            raise
        except Sentence as error:
            context["error"], status = str(error), 422
    root = people.organisation()
    context |= {
        **tabs(request, "connections-inbound"),
        "tokens": selectors.tokens(viewer=viewer),
        "scopes": SCOPES,
        "chosen": request.POST.getlist("scope") or ["metrics"],
        "places": [*([root] if root else []), *people.units(viewer=viewer)],
        "may_edit": access.can(viewer, "connection.edit"),
        "address": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "connections/inbound.html", context, status=status)


@page("connection.view")
@require_GET
def token(request: HttpRequest, token_id: str) -> HttpResponse:
    """Show what came with one token."""
    viewer = viewer_of(request)
    row = found(selectors.token(token_id=token_id, viewer=viewer))
    listed = Paginator(selectors.inbound_events(viewer=viewer, token=row), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        **tabs(request, "connections-inbound"),
        "token": row,
        "page": listed,
        "use": next(each for each in selectors.tokens(viewer=viewer) if each.token.pk == row.pk),
        "may_edit": access.can(viewer, "connection.edit", row),
    }
    return render(request, "connections/token.html", context)


@page("connection.edit")
@require_POST
def revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    """Stop a token at once."""
    viewer = viewer_of(request)
    row = found(selectors.token(token_id=token_id, viewer=viewer))
    services.revoke_inbound_token(token=row, by=viewer)
    return redirect("connections-inbound")


def _make(request: HttpRequest) -> tuple[Any, str]:
    viewer = viewer_of(request)
    root = people.organisation()
    places = {str(node.pk): node for node in people.units(viewer=viewer)}
    node = places.get(request.POST.get("node", ""), root)
    key = request.POST.get("initiative", "").strip().upper()
    initiative = initiatives.initiative(viewer=viewer, key=key) if key else None
    if key and initiative is None:
        raise Sentence(f"There is no initiative {key}. Write a key like AI-142, or leave it empty.")
    limit = request.POST.get("calls_a_minute", "600")
    if not limit.isdigit():
        raise Sentence("Write how many calls a minute it may make.")
    return services.add_inbound_token(
        name=request.POST.get("name", ""),
        scopes=request.POST.getlist("scope"),
        node=node,
        initiative=initiative,
        calls_a_minute=int(limit),
        by=viewer,
    )
