"""Connections: what feeds the portfolio by itself, how each source stands, and its runs."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.connectors import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.web import jobs
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import render_fragment, wants_fragment

RUNS_A_PAGE = 20
MOVING_MS, IDLE_MS = 1500, 10000

#: health -> (class of the mark, words)
HEALTH = {
    "well": ("ok", "healthy"),
    "partial": ("warn", "done in part"),
    "failing": ("fail", "failing"),
    "running": ("running", "running"),
    "waiting": ("none", "waiting"),
    "paused": ("none", "paused"),
    "new": ("none", "never run"),
}

#: state of a run -> (class of the mark, words)
RUN_STATES = {
    "running": ("running", "running"),
    "done": ("ok", "done"),
    "partial": ("warn", "done in part"),
    "failed": ("fail", "failed"),
    "cancelled": ("none", "cancelled"),
}

EVERY = (
    ("", "Only by hand"),
    ("60", "Every minute"),
    ("300", "Every 5 minutes"),
    ("900", "Every 15 minutes"),
    ("3600", "Every hour"),
    ("21600", "Every 6 hours"),
    ("86400", "Every day"),
)


@page("connection.view")
@require_GET
def connections(request: HttpRequest) -> HttpResponse:
    """List connections and the catalogue of sources; the list moves while one runs."""
    return _list(request)


@page("connection.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, plugin: str) -> HttpResponse:
    """Set a source up: a form drawn from its declared settings."""
    viewer = viewer_of(request)
    kind = found(selectors.plugin(name=plugin))
    context = _form(request, kind, {}, every="3600", name=kind.title)
    if request.method == "POST":
        try:
            made = services.add_connection(
                plugin=plugin,
                name=request.POST.get("name", ""),
                settings=_entered(request, kind),
                every_seconds=_every(request),
                node=_place(request),
                by=viewer,
            )
        except Sentence as error:
            context["error"] = str(error)
            return render(request, "connections/form.html", context, status=422)
        messages.info(request, f"{made} is set up.")
        return redirect("connection", made.pk)
    return render(request, "connections/form.html", context)


@page("connection.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Change a connection; its secrets are not shown, and stay when left empty."""
    viewer = viewer_of(request)
    row = found(selectors.connection(connection_id=connection_id, viewer=viewer)).connection
    kind = found(selectors.plugin(name=row.plugin))
    every = str(row.every_seconds or "")
    context = _form(request, kind, row.settings, every=every, name=row.name)
    context |= {"connection": row}
    if request.method == "POST":
        version = request.POST.get("version", "")
        try:
            services.edit_connection(
                connection=row,
                name=request.POST.get("name", ""),
                settings=_entered(request, kind),
                every_seconds=_every(request),
                version=int(version) if version.isdigit() else None,
                by=viewer,
            )
        except Sentence as error:
            context["error"] = str(error)
            return render(request, "connections/form.html", context, status=422)
        return redirect("connection", row.pk)
    return render(request, "connections/form.html", context)


@page("connection.edit")
@require_POST
def try_settings(request: HttpRequest, plugin: str) -> HttpResponse:
    """Test what stands in the form, before it is stored."""
    viewer = viewer_of(request)
    kind = found(selectors.plugin(name=plugin))
    stored = None
    if request.POST.get("connection"):
        stored = selectors.connection(connection_id=request.POST["connection"], viewer=viewer)
    checks = services.try_settings(
        plugin=plugin,
        settings=_entered(request, kind),
        node=_place(request),
        stored=stored.connection if stored else None,
        by=viewer,
    )
    return render(request, "connections/checks.html", {"checks": checks})


@page("connection.view")
@require_GET
def connection(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Show one connection: how it stands, its settings, what runs now, its runs."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    row = standing.connection
    listed = Paginator(selectors.runs(connection=row, viewer=viewer), RUNS_A_PAGE).get_page(
        request.GET.get("page")
    )
    kind = selectors.plugin(name=row.plugin)
    context = {
        **_row(standing),
        "shown_settings": [
            (setting.title, row.settings.get(setting.name) or "", setting.is_secret)
            for setting in (kind.settings if kind else ())
        ],
        "every": dict(EVERY).get(str(row.every_seconds or ""), f"Every {row.every_seconds} s"),
        "page": listed,
        "runs": [{"run": run, "mark": RUN_STATES[run.state]} for run in listed],
        "may_edit": access.can(viewer, "connection.edit", row),
        "may_run": access.can(viewer, "connection.run", row),
        "idle_ms": IDLE_MS,
    }
    if standing.job is not None:
        context |= jobs.progress_of(request, standing.job.pk)
    return render_fragment(request, "connections/detail.html", "now", context)


@page("connection.run")
@require_POST
def run(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Put a run into the queue and show it."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    services.request_sync(connection=standing.connection, by=viewer)
    if wants_fragment(request) and request.POST.get("from") == "list":
        return _list(request)
    return redirect("connection", connection_id)


@page("connection.run")
@require_POST
def test(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Test a connection as it is stored."""
    viewer = viewer_of(request)
    standing = found(selectors.connection(connection_id=connection_id, viewer=viewer))
    checks = services.test_connection(connection=standing.connection, by=viewer)
    return render(request, "connections/checks.html", {"checks": checks})


@page("connection.edit")
@require_POST
def change(request: HttpRequest, connection_id: str, verb: str) -> HttpResponse:
    """Pause, resume or delete a connection."""
    viewer = viewer_of(request)
    row = found(selectors.connection(connection_id=connection_id, viewer=viewer)).connection
    if verb == "delete":
        services.delete_connection(connection=row, by=viewer)
        messages.info(request, f"{row} is deleted. Its runs and what they brought stay.")
        return redirect("connections")
    verbs = {"pause": services.pause_connection, "resume": services.resume_connection}
    found(verbs.get(verb))(connection=row, by=viewer)
    return redirect("connection", connection_id)


def _list(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    rows = [_row(standing) for standing in selectors.connections(viewer=viewer)]
    context = {
        "rows": rows,
        "every_ms": MOVING_MS if any(row["standing"].is_running for row in rows) else IDLE_MS,
        "offers": selectors.catalogue(),
        "may_edit": access.can(viewer, "connection.edit"),
        "may_run": access.can(viewer, "connection.run"),
    }
    return render_fragment(request, "connections/list.html", "rows", context)


def _row(standing: selectors.Standing) -> dict[str, Any]:
    return {"standing": standing, "mark_of_health": HEALTH[standing.health]}


def _form(
    request: HttpRequest, kind: Any, settings: Any, *, every: str, name: str
) -> dict[str, Any]:
    """Give the fields of a form: what was typed, else what is stored, else the default."""
    typed = request.POST if request.method == "POST" else {}
    fields = []
    for setting in kind.settings:
        value = typed.get(f"set-{setting.name}", settings.get(setting.name, setting.default))
        fields.append({"setting": setting, "value": "" if setting.is_secret else value})
    root = people.organisation()
    return {
        "kind": kind,
        "fields": fields,
        "name": typed.get("name", name),
        "every": typed.get("every", every),
        "everies": EVERY if every in dict(EVERY) else (*EVERY, (every, f"Every {every} s")),
        "places": [*([root] if root else []), *people.units(viewer=viewer_of(request))],
        "place": typed.get("node", ""),
    }


def _entered(request: HttpRequest, kind: Any) -> dict[str, str]:
    return {setting.name: request.POST.get(f"set-{setting.name}", "") for setting in kind.settings}


def _every(request: HttpRequest) -> int | None:
    text = request.POST.get("every", "")
    if text and not text.isdigit():
        raise Sentence("Choose how often it runs.")
    return int(text) if text else None


def _place(request: HttpRequest) -> Any:
    root = people.organisation()
    places = {str(node.pk): node for node in people.units(viewer=viewer_of(request))}
    if root is not None:
        places[str(root.pk)] = root
    return places.get(request.POST.get("node", ""), root)


urlpatterns = [
    path("connections/", connections, name="connections"),
    path("connections/add/<slug:plugin>/", add, name="connection-add"),
    path("connections/try/<slug:plugin>/", try_settings, name="connection-try"),
    path("connections/<uuid:connection_id>/", connection, name="connection"),
    path("connections/<uuid:connection_id>/edit/", edit, name="connection-edit"),
    path("connections/<uuid:connection_id>/run/", run, name="connection-run"),
    path("connections/<uuid:connection_id>/test/", test, name="connection-test"),
    path("connections/<uuid:connection_id>/<slug:verb>/", change, name="connection-change"),
]
