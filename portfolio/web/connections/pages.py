"""The list of connections, one connection, setting it up and changing it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.connectors import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.web import jobs
from portfolio.web.access import found, page, viewer_of
from portfolio.web.connections.common import tabs
from portfolio.web.connections.guide import has_guide
from portfolio.web.htmx import render_fragment

RUNS_A_PAGE = 20
MOVING_MS, IDLE_MS = 1500, 10000

#: health -> (class of the mark, words)
HEALTH = {
    "well": ("ok", "healthy"),
    "partial": ("warn", phrase("done in part")),
    "failing": ("fail", "failing"),
    "running": ("running", "running"),
    "waiting": ("none", "waiting"),
    "paused": ("none", "paused"),
    "late": ("warn", "late"),
    "resting": ("fail", phrase("failing, resting")),
    "trial": ("none", phrase("on trial")),
    "new": ("none", phrase("never run")),
}

#: state of a run -> (class of the mark, words)
RUN_STATES = {
    "running": ("running", "running"),
    "done": ("ok", "done"),
    "partial": ("warn", phrase("done in part")),
    "failed": ("fail", "failed"),
    "cancelled": ("none", "cancelled"),
}

EVERY = (
    ("", phrase("Only by hand")),
    ("60", phrase("Every minute")),
    ("300", phrase("Every 5 minutes")),
    ("900", phrase("Every 15 minutes")),
    ("3600", phrase("Every hour")),
    ("21600", phrase("Every 6 hours")),
    ("86400", phrase("Every day")),
)


#: what a source brings first -> the heading it stands under in the catalogue
KINDS = {
    "spend": phrase("Bills and metered usage"),
    "models": phrase("Model registries"),
    "readings": phrase("Metrics and signals"),
    "seats": phrase("Seats of assistants"),
    "milestones": phrase("Trackers"),
}
EXAMPLES = phrase("Examples")

PROMISES = (
    ("", phrase("Nothing promised")),
    ("3600", phrase("An hour old at most")),
    ("21600", phrase("6 hours old at most")),
    ("86400", phrase("A day old at most")),
    ("259200", phrase("3 days old at most")),
    ("604800", phrase("A week old at most")),
)


@page("connection.view")
@require_GET
def connections(request: HttpRequest) -> HttpResponse:
    """List connections and the catalogue of sources; the list moves while one runs."""
    return list_page(request)


@page("connection.edit")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, plugin: str) -> HttpResponse:
    """Set a source up: a form drawn from its declared settings."""
    viewer = viewer_of(request)
    kind = found(selectors.plugin(name=plugin))
    context = _form(request, kind, {}, every="3600", name=kind.title, promise="86400")
    if request.method == "POST":
        try:
            made = services.add_connection(
                plugin=plugin,
                name=request.POST.get("name", ""),
                settings=_entered(request, kind),
                every_seconds=_seconds(request, "every"),
                fresh_within_seconds=_seconds(request, "promise"),
                node=_place(request),
                is_on_trial=True,
                by=viewer,
            )
            services.request_rehearsal(connection=made, by=viewer)
        except Sentence as error:
            context["error"] = str(error)
            return render(request, "connections/form.html", context, status=422)
        messages.info(
            request,
            worded("{made} is set up. Nothing is kept until you accept its rehearsal.", made=made),
        )
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
    promise = str(row.fresh_within_seconds or "")
    context = _form(request, kind, row.settings, every=every, name=row.name, promise=promise)
    context |= {"connection": row}
    if request.method == "POST":
        version = request.POST.get("version", "")
        try:
            services.edit_connection(
                connection=row,
                name=request.POST.get("name", ""),
                settings=_entered(request, kind),
                every_seconds=_seconds(request, "every"),
                fresh_within_seconds=_seconds(request, "promise"),
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
    standing, moving = jobs.beside_its_job(
        request,
        lambda: found(selectors.connection(connection_id=connection_id, viewer=viewer)),
        job_of=lambda standing: standing.job.pk if standing.job is not None else None,
    )
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
        "every": dict(EVERY).get(
            str(row.every_seconds or ""), worded("Every {every} s", every=str(row.every_seconds))
        ),
        "promise": dict(PROMISES).get(
            str(row.fresh_within_seconds or ""),
            worded("{promise} s old at most", promise=str(row.fresh_within_seconds)),
        ),
        "may_see_money": access.sees_money(viewer, row.scope_node),
        "page": listed,
        "runs": [{"run": run, "mark": RUN_STATES[run.state]} for run in listed],
        "may_edit": access.can(viewer, "connection.edit", row),
        "may_run": access.can(viewer, "connection.run", row),
        "idle_ms": IDLE_MS,
    }
    if moving and not moving["progress"].is_finished:
        context |= moving
    return render_fragment(request, "connections/detail.html", "now", context)


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
        messages.info(
            request, worded("{row} is deleted. Its runs and what they brought stay.", row=row)
        )
        return redirect("connections")
    verbs = {"pause": services.pause_connection, "resume": services.resume_connection}
    found(verbs.get(verb))(connection=row, by=viewer)
    return redirect("connection", connection_id)


def list_page(request: HttpRequest) -> HttpResponse:
    viewer = viewer_of(request)
    rows = [_row(standing) for standing in selectors.connections(viewer=viewer)]
    context = {
        **tabs(request, "connections"),
        "rows": rows,
        "every_ms": MOVING_MS if any(row["standing"].is_running for row in rows) else IDLE_MS,
        "kinds": _by_kind(selectors.catalogue()),
        "may_edit": access.can(viewer, "connection.edit"),
        "may_run": access.can(viewer, "connection.run"),
    }
    return render_fragment(request, "connections/list.html", "rows", context)


def _by_kind(offers: list[selectors.Offer]) -> list[dict[str, Any]]:
    """Group the catalogue by what each source brings first; examples come last."""
    kinds: dict[str, list[dict[str, Any]]] = {title: [] for title in (*KINDS.values(), EXAMPLES)}
    for offer in offers:
        title = EXAMPLES if offer.is_example else KINDS[offer.brings[0]]
        kinds[title].append({"offer": offer, "has_guide": has_guide(offer.name)})
    return [{"title": title, "offers": found} for title, found in kinds.items() if found]


def _row(standing: selectors.Standing) -> dict[str, Any]:
    return {"standing": standing, "mark_of_health": HEALTH[standing.health]}


def _form(
    request: HttpRequest, kind: Any, settings: Any, *, every: str, name: str, promise: str
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
        "has_guide": has_guide(kind.name),
        "fields": fields,
        "name": typed.get("name", name),
        "every": typed.get("every", every),
        "promise": typed.get("promise", promise),
        "promises": PROMISES
        if promise in dict(PROMISES)
        else (*PROMISES, (promise, worded("{promise} s old at most", promise=promise))),
        "everies": EVERY
        if every in dict(EVERY)
        else (*EVERY, (every, worded("Every {every} s", every=every))),
        "places": [*([root] if root else []), *people.units(viewer=viewer_of(request))],
        "place": typed.get("node", ""),
    }


def _entered(request: HttpRequest, kind: Any) -> dict[str, str]:
    return {setting.name: request.POST.get(f"set-{setting.name}", "") for setting in kind.settings}


def _seconds(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    if text and not text.isdigit():
        raise Sentence("Choose how often it runs, and how old it may be, from the lists.")
    return int(text) if text else None


def _place(request: HttpRequest) -> Any:
    root = people.organisation()
    places = {str(node.pk): node for node in people.units(viewer=viewer_of(request))}
    if root is not None:
        places[str(root.pk)] = root
    return places.get(request.POST.get("node", ""), root)
