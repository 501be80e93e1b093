"""Settings: people, units, grants, rates, months and the settings that change with time."""

import datetime as dt
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance_app.books import selectors as books
from governance_app.books import services as books_services
from governance_app.books.settings_known import KNOWN
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.files import services as files
from governance_app.jobs import services as jobs
from governance_app.people import access, selectors, services
from governance_app.people.roles import ROLES
from portfolio.charts.wording import said, worded
from portfolio.web.access import found, page, viewer_of

MOST_RATES = 20 << 20
IMPORT_RATES = "governance_app.books.tasks.import_rates"
TABS = (
    ("settings", phrase("General")),
    ("settings-units", phrase("Units")),
    ("settings-people", phrase("People")),
    ("settings-rates", phrase("Rates")),
    ("settings-months", phrase("Months")),
)


def _show(request: HttpRequest, template: str, tab: str, **context: Any) -> HttpResponse:
    edits = {
        name: access.can(viewer_of(request), name) for name in ("people.edit", "settings.edit")
    }
    may = {
        "people": edits["people.edit"],
        "settings": edits["settings.edit"],
    }
    return render(request, template, {"tabs": TABS, "tab": tab, "may": may, **context})


@page("view")
@require_http_methods(["GET", "POST"])
def general(request: HttpRequest) -> HttpResponse:
    """Show the dated settings; POST sets one from a day on."""
    today = timezone.localdate()
    if request.method == "POST":
        key = request.POST.get("key", "")
        books_services.set_value(
            key=key,
            value=_value(key, request.POST.get("value", "")),
            from_on=_day(request.POST.get("from_on", ""), "From") or today,
            source=request.POST.get("source", "")[:300],
            by=viewer_of(request),
        )
        messages.info(request, worded("{meaning}: set.", meaning=said(KNOWN[key].meaning)))
        return redirect("settings")
    rows = books.settings_in_force(viewer=viewer_of(request), on=today)
    for row in rows:
        row["shown"] = row["value"] if isinstance(row["value"], str) else json.dumps(row["value"])
    return _show(request, "settings/general.html", "settings", rows=rows, today=today)


@page("view")
@require_http_methods(["GET", "POST"])
def units(request: HttpRequest) -> HttpResponse:
    """Show the tree of units; POST adds one."""
    viewer = viewer_of(request)
    tree = list(selectors.units(viewer=viewer))
    root = selectors.organisation()
    if request.method == "POST":
        parents = {str(node.pk): node for node in [*tree, *([root] if root else [])]}
        parent = parents.get(request.POST.get("parent", ""))
        if parent is None:
            raise Sentence("Choose the unit that the new one belongs to.")
        made = services.add_unit(
            name=request.POST.get("name", ""),
            code=request.POST.get("code", "")[:100],
            parent=parent,
            by=viewer,
        )
        messages.info(request, worded("Added {made}.", made=made))
        return redirect("settings-units")
    return _show(
        request, "settings/units.html", "settings-units", units=_in_tree_order(tree), root=root
    )


def _in_tree_order(tree: list[Any]) -> list[Any]:
    """Order units so that children follow their parent, by name on each level."""
    names = {node.pk.hex: node.name.lower() for node in tree}
    return sorted(
        tree, key=lambda node: [names.get(part, "") for part in node.path.split("/") if part]
    )


@page("people.edit")
@require_POST
def rename_unit(request: HttpRequest, node_id: str) -> HttpResponse:
    """Give a unit another name."""
    viewer = viewer_of(request)
    node = found(selectors.units(viewer=viewer).filter(pk=node_id).first())
    services.rename_node(
        node=node,
        name=request.POST.get("name", ""),
        version=_whole(request.POST.get("version")),
        by=viewer,
    )
    return redirect("settings-units")


@page("view")
@require_http_methods(["GET", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Show people and their roles; POST adds a person, who gets a link to set a password."""
    viewer = viewer_of(request)
    if request.method == "POST":
        made = services.add_user(
            email=request.POST.get("email", ""),
            name=request.POST.get("name", ""),
            title=request.POST.get("title", "")[:200],
            by=viewer,
        )
        messages.info(
            request,
            worded("Added {made}. They set a password by “Forgot the password”.", made=made),
        )
        return redirect("settings-people")
    search = request.GET.get("q", "").strip()
    shown = Paginator(selectors.people(viewer=viewer, search=search), 50)
    listed = shown.get_page(request.GET.get("page"))
    roles: dict[Any, list[Any]] = {}
    for grant in selectors.grants(viewer=viewer).filter(user__in=list(listed)):
        roles.setdefault(grant.user_id, []).append(grant)
    rows = [{"person": person, "grants": roles.get(person.pk, [])} for person in listed]
    return _show(
        request, "settings/people.html", "settings-people", rows=rows, page=listed, search=search
    )


@page("view")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, user_id: str) -> HttpResponse:
    """Show one person's grants; POST gives another one, ends one, or lets them in or out."""
    viewer = viewer_of(request)
    them = found(selectors.people(viewer=viewer).filter(pk=user_id).first())
    held = selectors.grants(viewer=viewer).filter(user=them)
    root = selectors.organisation()
    places = [*([root] if root else []), *_in_tree_order(list(selectors.units(viewer=viewer)))]
    if request.method == "POST":
        _change_person(request, them, held, {str(node.pk): node for node in places})
        return redirect("settings-person", user_id)
    return _show(
        request,
        "settings/person.html",
        "settings-people",
        person=them,
        grants=held,
        places=places,
        roles=[role for role in ROLES.values() if role.slug != "system"],
        today=timezone.localdate(),
    )


def _change_person(request: HttpRequest, them: Any, held: Any, places: dict[str, Any]) -> None:
    by = viewer_of(request)
    asked = request.POST
    if "revoke" in asked:
        services.revoke(grant=found(held.filter(pk=asked["revoke"]).first()), by=by)
    elif "is_active" in asked:
        services.set_active(user=them, is_active=asked["is_active"] == "1", by=by)
    else:
        if asked.get("node") not in places:
            raise Sentence("Choose where the role counts.")
        services.grant(
            user=them,
            role=asked.get("role", ""),
            node=places[asked["node"]],
            from_on=_day(asked.get("from_on", ""), "From"),
            until_on=_day(asked.get("until_on", ""), "Until"),
            by=by,
        )


@page("view")
@require_http_methods(["GET", "POST"])
def rates(request: HttpRequest) -> HttpResponse:
    """Show exchange rates; POST enters one, or those of a file."""
    if request.method == "POST" and "file" in request.FILES:
        return _load_rates(request)
    if request.method == "POST":
        try:
            value = Decimal(request.POST.get("value", "").strip())
        except InvalidOperation as error:
            raise Sentence("A rate is a number such as 1.0842.") from error
        month = _day(request.POST.get("month", "") + "-01", "Month")
        if month is None:
            raise Sentence("Choose the month of the rate.")
        pair = [request.POST.get(side, "").strip().upper() for side in ("base", "quote")]
        if any(len(code) != 3 or not code.isalpha() for code in pair) or pair[0] == pair[1]:
            raise Sentence("A rate is between two different currencies, such as EUR and USD.")
        books_services.enter_rates(
            rates=[(pair[0], pair[1], month, request.POST.get("kind", ""), value)],
            source=request.POST.get("source", "").strip()[:200] or "typed in",
            by=viewer_of(request),
        )
        messages.info(
            request,
            worded(
                "Entered {base} to {quote} for {month}.",
                base=pair[0],
                quote=pair[1],
                month=f"{month:%b %Y}",
            ),
        )
        return redirect("settings-rates")
    return _rates(request)


def _rates(request: HttpRequest) -> HttpResponse:
    shown = Paginator(books.rates(viewer=viewer_of(request)), 60).get_page(request.GET.get("page"))
    reporting = books.reporting_currency(on=timezone.localdate())
    return _show(request, "settings/rates.html", "settings-rates", page=shown, reporting=reporting)


def _load_rates(request: HttpRequest) -> HttpResponse:
    """Let a job enter the rates of a file, or say what they would be."""
    viewer, upload = viewer_of(request), request.FILES["file"]
    access.require(viewer, "settings.edit")
    if not isinstance(upload, UploadedFile) or not upload.size or upload.size > MOST_RATES:
        raise Sentence("Choose a file of daily euro reference rates, CSV or XML, up to 20 MB.")
    name, is_dry = (upload.name or "rates")[:200], "dry_run" in request.POST
    into = request.POST.get("into", "").replace(",", " ").upper().split()
    kept = files.store(content=upload.read(), name=name, by=viewer)
    job = jobs.receive(
        kind=IMPORT_RATES,
        title=f"{'Check' if is_dry else 'Enter'} rates of {name}"[:300],
        payload={
            "file": str(kept.pk),
            "file_name": name,
            "quotes": into or [books.reporting_currency(on=timezone.localdate())],
            "dry_run": is_dry,
        },
        by=viewer,
    )
    return redirect("job", job.pk)


@page("view")
@require_http_methods(["GET", "POST"])
def months(request: HttpRequest) -> HttpResponse:
    """Show accounting months; POST opens those of the running fiscal year."""
    today = timezone.localdate()
    if request.method == "POST":
        first = today.replace(month=books.fiscal_start_month(on=today), day=1)
        if first > today:
            first = first.replace(year=first.year - 1)
        count = books_services.open_months(
            first=first,
            last=first.replace(year=first.year + 1) - dt.timedelta(days=1),
            by=viewer_of(request),
        )
        messages.info(
            request,
            worded("Opened {count} months.", count=count)
            if count
            else worded("All of them stand already."),
        )
        return redirect("settings-months")
    shown = Paginator(books.months(viewer=viewer_of(request)), 36).get_page(request.GET.get("page"))
    return _show(request, "settings/months.html", "settings-months", page=shown)


def _day(text: str, label: str) -> dt.date | None:
    if not text.strip("-01 "):
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise Sentence(f"{label}: {text!r} is not a day such as 2026-11-21.") from error


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _value(key: str, text: str) -> Any:
    """Read what was typed for a setting in the shape that its key asks for."""
    if key not in KNOWN:
        raise Sentence(f"Unknown setting {key!r}.")
    if KNOWN[key].kind == "text":
        return text.strip()
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Sentence(f"{KNOWN[key].meaning}: {text!r} is not a {KNOWN[key].kind}.") from error


urlpatterns = [
    path("settings/", general, name="settings"),
    path("settings/units/", units, name="settings-units"),
    path("settings/units/<uuid:node_id>/rename/", rename_unit, name="settings-rename-unit"),
    path("settings/people/", people, name="settings-people"),
    path("settings/people/<uuid:user_id>/", person, name="settings-person"),
    path("settings/rates/", rates, name="settings-rates"),
    path("settings/months/", months, name="settings-months"),
]
