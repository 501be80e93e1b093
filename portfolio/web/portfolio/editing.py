"""Changing cells in place or many at once, with a preview before and a way back after."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells, selectors, services
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts import spelling
from portfolio.web.access import found, page, viewer_of
from portfolio.web.fields import version
from portfolio.web.htmx import go, render_fragment, say
from portfolio.web.portfolio.asked import lines_of, read, rows_of
from portfolio.web.portfolio.columns import COLUMNS, blank
from portfolio.web.portfolio.shapes import EDITED

TEMPLATE = "portfolio/cell.html"
BULK = "portfolio/bulk.html"


@page("initiative.edit")
def cell(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Open one cell for writing, close it again, or change what it holds."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key, permission="initiative.edit"))
    if name not in cells.CELLS:
        return found(None)  # type: ignore[no-any-return]
    if request.method != "POST":
        is_open = not request.GET.get("closed")
        return _cell(request, row, name, is_open=is_open)
    text = request.POST.get("text", "")
    try:
        change = services.change_cells(
            changes=[services.RowChange(row, version(request.POST), {name: text})], by=viewer
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        if text.strip() == cells.text_of(row, name):
            return _cell(request, row, name, is_open=False)
        said = str(refusal).removeprefix(f"{row.key}: ")
        return _cell(request, row, name, is_open=True, typed=text, error=said)
    fresh = found(selectors.initiative(viewer=viewer, key=key))
    response = _cell(request, fresh, name, is_open=False)
    say(response, change.sentence, undo=reverse("portfolio-undo", args=[change.pk]))
    return response


def _cell(
    request: HttpRequest, row: Any, name: str, *, is_open: bool, typed: str = "", error: str = ""
) -> HttpResponse:
    column = next(c for c in COLUMNS if EDITED.get(c.name) == name) if name in _EDITED else None
    context: dict[str, Any] = {
        "row": row,
        "cell": cells.CELLS[name],
        "text": typed or cells.text_of(row, name),
        "error": error,
        **_options(request, cells.CELLS[name]),
    }
    if not is_open and column is not None:
        line = next(lines_of([row], viewer_of(request)))
        value = column.value(line)
        context["html"] = column.write(value, line) if column.write else value or blank("")
    part = "open" if is_open else "closed"
    return render_fragment(request, TEMPLATE, part, context, status=422 if error else 200)


_EDITED = frozenset(EDITED.values())


def _options(request: HttpRequest, cell: cells.Cell) -> dict[str, Any]:
    """Give what a cell can be chosen from."""
    viewer = viewer_of(request)
    if cell.shape == "choice":
        return {"options": list(cell.words.items())}
    if cell.shape == "unit":
        units = [u for u in people.units(viewer=viewer) if access.can(viewer, "initiative.edit", u)]
        return {"options": [(str(u.pk), u.name) for u in units]}
    if cell.shape == "person":
        seen = people.people(viewer=viewer).filter(is_active=True)[:500]
        return {"persons": [(each.email, each.name) for each in seen if each.kind == "person"]}
    return {}


@page("initiative.edit")
def bulk(request: HttpRequest) -> HttpResponse:
    """Choose a field and a value for the rows picked, look at the effect, and apply it."""
    viewer = viewer_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    versions = _versions(asked)
    keys = list(versions) or [key for key in asked.getlist("key") if key]
    if asked.get("all"):
        found_keys = rows_of(read(request), viewer).values_list("key", flat=True)
        keys = list(found_keys[: cells.MOST_ROWS + 1])
    rows = selectors.chosen(viewer=viewer, keys=keys[: cells.MOST_ROWS])
    name = asked.get("field", "")
    name = name if name in cells.CELLS and name != "name" else "business_owner"
    text = asked.get("text", "")
    context: dict[str, Any] = {
        "rows": rows,
        "seen": " ".join(f"{row.key}:{versions.get(row.key, row.version)}" for row in rows),
        "is_job": len(rows) > cells.AT_ONCE,
        "is_cut": len(keys) > cells.MOST_ROWS,
        "most": cells.MOST_ROWS,
        "fields": [(c.name, c.label) for c in cells.CELLS.values() if c.name != "name"],
        "field": name,
        "cell": cells.CELLS[name],
        "text": text,
        "back": asked.get("back", ""),
        **_options(request, cells.CELLS[name]),
    }
    if request.method == "POST" and request.POST.get("apply"):
        return _apply(request, rows, {name: text}, versions, context)
    if "text" in asked:
        context |= _preview(viewer, rows, {name: text})
    return render(request, BULK, context)


def _versions(asked: QueryDict) -> dict[str, int]:
    """Give which version of each initiative was seen, from one or more fields."""
    parts = " ".join(asked.getlist("seen")).split()
    pairs = (part.partition(":") for part in parts)
    return {key: int(number) for key, _, number in pairs if number.isdigit()}


def _preview(viewer: Any, rows: list[Any], texts: Mapping[str, str]) -> dict[str, Any]:
    lines = selectors.preview_cells(viewer=viewer, rows=rows, texts=texts)
    name = next(iter(texts))
    shown = [
        {
            "line": line,
            "before": _words(line.before, name),
            "after": _words(line.after, name),
        }
        for line in lines[: cells.AT_ONCE]
    ]
    return {
        "preview": shown,
        "left": len(lines) - len(shown),
        "changing": sum(not line.is_same and not line.refusal for line in lines),
        "same": sum(line.is_same for line in lines),
        "refused": sum(bool(line.refusal) for line in lines),
    }


def _words(text: str, name: str) -> str:
    """Say a cell as people read it: a unit by its name."""
    if cells.CELLS[name].shape == "unit" and text:
        return cells.unit_name(text)
    return cells.words_of(text, name)


def _apply(
    request: HttpRequest, rows: list[Any], texts: Mapping[str, str], versions: Mapping[str, int],
    context: dict[str, Any],
) -> HttpResponse:  # fmt: skip
    viewer = viewer_of(request)
    mine = [row for row in rows if access.can(viewer, "initiative.edit", row)]
    changes = [services.RowChange(row, versions.get(row.key, row.version), texts) for row in mine]
    try:
        if len(mine) > cells.AT_ONCE:
            seen = {row.key: versions.get(row.key, row.version) for row in mine}
            job = services.ask_change(versions=seen, texts=texts, by=viewer)
            return go(request, reverse("job", args=[job.pk]))
        services.change_cells(changes=changes, by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        context |= {"error": str(refusal), **_preview(viewer, rows, texts)}
        return render(request, BULK, context, status=422)
    return go(request, reverse("portfolio-changes"))


@page("initiative.edit")
def changes(request: HttpRequest) -> HttpResponse:
    """List what one changed in the table, each with its way back."""
    viewer = viewer_of(request)
    shown = list(selectors.table_changes(viewer=viewer)[:50])
    context = {
        "changes": [
            {
                "row": each,
                "count": spelling.plural(len(each.cells), "initiative"),
                "keys": [kept["key"] for kept in each.cells][:8],
                "more": max(len(each.cells) - 8, 0),
            }
            for each in shown
        ]
    }
    return render(request, "portfolio/changes.html", context)


@page("initiative.edit")
@require_POST
def undo(request: HttpRequest, change_id: uuid.UUID) -> HttpResponse:
    """Take a change back; a cell that was changed since is named and nothing is touched."""
    viewer = viewer_of(request)
    change = found(selectors.table_change(viewer=viewer, change_id=change_id))
    if len(change.cells) > cells.AT_ONCE and change.undone_at is None:
        job = services.ask_undo(change=change, by=viewer)
        return go(request, reverse("job", args=[job.pk]))
    try:
        services.undo_change(change=change, by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        response = HttpResponse(status=422)
        say(response, str(refusal), error=True)
        return response
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return go(request, reverse("portfolio-changes"))
