"""Every initiative as table, board, timeline or map: the address holds everything."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from governance_app.audit import kept
from governance_app.audit import services as audit
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors, services
from governance_app.initiatives.addresses import FACETS, identity
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment
from portfolio.web.portfolio import export, shapes
from portfolio.web.portfolio.asked import (
    EXPORT_BLOCK,
    GROUPS,
    MAIN_FACETS,
    SHAPES,
    View,
    lines_of,
    read,
    rows_of,
)
from portfolio.web.portfolio.columns import COLUMNS, Line
from portfolio.web.portfolio.views import kept as kept_views


@page("view")
@kept.one_state()
def portfolio(request: HttpRequest) -> HttpResponse:
    """Show the explorer, or its rows when only they are asked for."""
    viewer = viewer_of(request)
    view = read(request)
    if request.headers.get("HX-Target") == "rows":
        return render(request, "portfolio/rows.html", shapes.block(request, view, viewer))
    context: dict[str, Any] = {
        **shapes.draw(request, view, viewer),
        "shape": view.shape,
        "tabs": [
            {
                "name": name,
                "label": label,
                "query": _with(view, view=name if name != "table" else ""),
            }
            for name, label in SHAPES.items()
            if name != "map" or access.can_anywhere(viewer, "money.view")
        ],
        "default_sort": view.sort,
        "sort": request.GET.get("sort", ""),
        "search": view.search,
        "search_note": view.words.note,
        "group": view.group,
        "is_editing": view.is_editing,
        "edit_query": _with(view, edit="" if view.is_editing else "1", view=""),
        "query": view.query.urlencode(),
        "may_export": access.can_anywhere(viewer, "export"),
        "may_edit": access.can_anywhere(viewer, "initiative.edit"),
    }
    facets = kept.answer(
        ("facets", *_narrowed(view, viewer)),
        lambda: selectors.facets(viewer=viewer, filters=view.filters, search=view.words),
    )
    context["chips"] = _chips(request, view, facets)
    if request.headers.get("HX-Target") == "results":
        response = render_fragment(request, "portfolio/list.html", "results", context)
        response["HX-Push-Url"] = f"{reverse('portfolio')}?{context['query']}".removesuffix("?")
        return response
    context |= _frame(request, viewer, view, facets)
    return render_fragment(request, "portfolio/list.html", "", context)


def _narrowed(view: View, viewer: Any) -> tuple[Hashable, ...]:
    """Give what counts depend on: filters, words, and what the viewer sees."""
    seen = (access.scope_paths(viewer, each) for each in ("view", "money.view"))
    return repr(view.filters), repr(view.words), *seen


@page("export")
def download(request: HttpRequest, file_format: str) -> HttpResponse:
    """Give the table as it stands as a file; the trail keeps who took what."""
    viewer = viewer_of(request)
    if file_format not in export.MEDIA:
        raise Http404
    view = read(request)
    rows = rows_of(view, viewer)
    audit.note(
        by=viewer,
        action="export",
        sentence=export.words(rows.count(), file_format),
        data={"address": view.query.urlencode(), "columns": [c.name for c in view.columns]},
    )
    currency = books.reporting_currency(on=timezone.localdate())
    lines = _all_lines(rows, viewer)
    if file_format == "csv":
        body = export.as_csv(lines, view.columns, currency)
        response: HttpResponseBase = StreamingHttpResponse(body, content_type=export.MEDIA["csv"])
    else:
        book = export.as_xlsx(lines, view.columns, currency)
        response = HttpResponse(book, content_type=export.MEDIA["xlsx"])
    name = f"portfolio-{timezone.localdate():%Y-%m-%d}.{file_format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return cast(HttpResponse, response)


def _all_lines(rows: QuerySet[Any], viewer: Any) -> Iterator[Line]:
    """Put the figures beside all rows, block by block."""
    for page_rows in Paginator(rows, EXPORT_BLOCK):
        yield from lines_of(list(page_rows), viewer)


def _with(asked: View, **changed: str) -> str:
    """Give the address with some of its parts changed; blank takes a part out."""
    query = asked.query.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return query.urlencode()


def _frame(
    request: HttpRequest, viewer: Any, view: View, facets: Sequence[selectors.Facet]
) -> dict[str, Any]:
    """Give what stands around the table."""
    units = _units(viewer, view)
    may_add = access.can_anywhere(viewer, "initiative.add")
    owner = people.names(ids=[view.filters.owner]) if view.filters.owner else {}
    return {
        "scope": worded("Every initiative you may see"),
        "units": units,
        **_facet_menus(facets),
        "all_columns": [
            {"name": c.name, "label": c.label, "is_shown": c in view.columns}
            for c in COLUMNS
            if not c.is_money or access.can_anywhere(viewer, "money.view")
        ],
        "groups": [(name, words) for name, (words, _column) in GROUPS.items()],
        "views": kept_views(viewer),
        "is_late": bool(view.filters.past_time_box_on),
        "owner": {"id": view.filters.owner} if owner else None,
        "is_blank": view.filters.is_empty
        and not view.search
        and not selectors.register(viewer=viewer).exists(),
        "may_import": access.can_anywhere(viewer, "inventory.import") and _import_url(),
        "import_url": _import_url(),
        "may_add": may_add,
        "units_for_add": _places(viewer) if may_add else [],
        "stages": selectors.stages() if may_add else [],
        "templates": list(selectors.templates(viewer=viewer)) if may_add else [],
    }


def _import_url() -> str:
    try:
        return reverse("imports")
    except NoReverseMatch:
        return ""


def _facet_menus(facets: Sequence[selectors.Facet]) -> dict[str, Any]:
    """Lay the filters out: the usual ones as buttons of their own, the rest behind one."""
    menus = [
        {
            "name": facet.name,
            "label": facet.label,
            "choices": facet.choices,
            "chosen": sum(choice.is_chosen for choice in facet.choices),
        }
        for facet in facets
        if len(facet.choices) > 1 or any(choice.is_chosen for choice in facet.choices)
    ]
    more = [menu for menu in menus if menu["name"] not in MAIN_FACETS]
    return {
        "facets": [menu for menu in menus if menu["name"] in MAIN_FACETS],
        "more_facets": more,
        "more_chosen": sum(cast(int, menu["chosen"]) for menu in more),
    }


def _units(viewer: Any, view: View) -> list[dict[str, Any]]:
    """List the units with what they hold in themselves and below."""
    holding = kept.answer(
        ("units", *_narrowed(view, viewer)),
        lambda: [
            (node.path, count)
            for node, count in selectors.units_with_counts(
                viewer=viewer, filters=view.filters, search=view.words
            )
        ],
    )
    found = []
    for unit in people.units(viewer=viewer):
        count = sum(n for place, n in holding if place.startswith(unit.path))
        is_chosen = str(unit.pk) == view.filters.unit
        if count or is_chosen:
            found.append(
                {
                    "id": unit.pk,
                    "name": unit.name,
                    "indent": spelling.NBSP * 3 * max(0, unit.depth - 1),
                    "count": count,
                    "is_chosen": is_chosen,
                }
            )
    return found


def _places(viewer: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": unit.pk,
            "name": unit.name,
            "indent": spelling.NBSP * 3 * max(0, unit.depth - 1),
        }
        for unit in people.units(viewer=viewer)
        if access.can(viewer, "initiative.add", unit)
    ]


def _chips(
    request: HttpRequest, view: View, facets: Sequence[selectors.Facet]
) -> list[dict[str, str]]:
    """Say each filter in words, with the address without it."""
    labels = {facet.name: facet for facet in facets}
    chips = []
    for name in FACETS:
        for value in getattr(view.filters, name):
            facet = labels.get(name)
            words = {c.value: c.label for c in facet.choices} if facet else {}
            label = said(facet.label.lower()) if facet else name.replace("_", " ")
            chips.append(
                {
                    "words": f"{label}: {said(words.get(value, value))}",
                    "without": _less(view, name, value),
                }
            )
    if view.filters.unit:
        names = {str(u.pk): u.name for u in people.units(viewer=viewer_of(request))}
        name = names.get(view.filters.unit, "unknown unit")
        chips.append({"words": worded("unit: {name}", name=name), "without": _less(view, "unit")})
    if view.filters.owner:
        who = people.names(ids=[view.filters.owner]).get(view.filters.owner, "unknown person")
        chips.append({"words": worded("owner: {who}", who=who), "without": _less(view, "owner")})
    if view.filters.past_time_box_on:
        chips.append({"words": worded("past time box"), "without": _less(view, "late")})
    if view.search:
        chips.append({"words": f"“{view.search}”", "without": _less(view, "q")})
    return chips


def _less(view: View, name: str, value: str = "") -> str:
    query = view.query.copy()
    others = [v for v in query.getlist(name) if value and v != value]
    query.setlist(name, others)
    if not others:
        query.pop(name, None)
    return f"{reverse('portfolio')}?{query.urlencode()}"


@page("initiative.add")
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Add one initiative and go to its page."""
    viewer = viewer_of(request)
    unit = found(
        people.units(viewer=viewer).filter(pk=identity(request.POST.get("unit", ""))).first()
    )
    details: Mapping[str, Any] = {"purpose": request.POST.get("purpose", "").strip()}
    chosen = identity(request.POST.get("template", ""))
    template = selectors.template(viewer=viewer, template_id=chosen) if chosen else None
    try:
        if template is not None:
            told = {name: text for name, text in details.items() if text}
            made = services.add_from_template(
                template=template, name=request.POST.get("name", ""), unit=unit, by=viewer, **told
            )
            return go(request, reverse("initiative", args=[made.key]))
        row = services.add(
            name=request.POST.get("name", ""),
            unit=unit,
            by=viewer,
            stage=request.POST.get("stage", ""),
            **details,
        )
    except Sentence as refusal:
        return _refused(str(refusal))
    return go(request, reverse("initiative", args=[row.key]))


def _refused(sentence: str) -> HttpResponse:
    text = format_html('<p class="field"><span class="error">{}</span></p>', sentence)
    return HttpResponse(text, status=422)
