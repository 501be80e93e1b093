"""The rows of the explorer as table, groups, board, timeline or map."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells as fields
from governance_app.initiatives import choices, selectors, services
from governance_app.people import access
from governance_app.rollups import explorer, table
from portfolio.charts import plan_lines, risk_map
from portfolio.charts.wording import said, worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.portfolio.asked import (
    GROUPS,
    PAGE_SIZE,
    View,
    count_of,
    in_order,
    lines_of,
    read,
    rows_of,
)
from portfolio.web.portfolio.columns import Column, Line, blank
from portfolio.web.portfolio.columns import owner as owner_of

CARDS = 30
TIMELINE_ROWS = 25
GROUP_ROWS = 5
MOST_GROUPS = 40
#: Columns of the table whose cells can be changed in place, and the field behind each.
EDITED = {
    "owner": "business_owner", "unit": "unit", "ai_type": "ai_type", "vendor": "vendor",
    "deployment": "deployment_target", "sourcing": "sourcing", "time_box": "time_box_on",
}  # fmt: skip


def draw(request: HttpRequest, view: View, viewer: Any) -> dict[str, Any]:
    """Give what the template of a view's shape needs."""
    if view.shape == "board":
        return board(view, viewer)
    if view.shape == "timeline":
        return timeline(request, view, viewer)
    if view.shape == "map":
        return {"map_query": view.query.urlencode(), **_map_words(view, viewer)}
    return grouped(view, viewer) if view.group else plain(request, view, viewer)


def plain(request: HttpRequest, view: View, viewer: Any) -> dict[str, Any]:
    """Lay out one page of the table."""
    rows = rows_of(view, viewer)
    pages = Paginator(range(count_of(view, viewer)), PAGE_SIZE)
    shown = pages.get_page(request.GET.get("page"))
    start = (shown.number - 1) * PAGE_SIZE
    return {
        "page": shown,
        "total": pages.count,
        "page_numbers": list(pages.get_elided_page_range(shown.number, on_each_side=2, on_ends=1)),
        "rows": _rows(in_order(rows, rows[start : start + PAGE_SIZE]), start + 1, view, viewer),
        "columns": view.columns,
    }


def block(request: HttpRequest, view: View, viewer: Any) -> dict[str, Any]:
    """Lay out the rows of one page alone, for a table that is scrolled."""
    number = request.GET.get("page", "")
    start = (max(int(number), 1) - 1) * PAGE_SIZE if number.isdecimal() else 0
    rows = rows_of(view, viewer)
    shown = in_order(rows, rows[start : start + PAGE_SIZE])
    return {"rows": _rows(shown, start + 1, view, viewer)}


def _rows(rows: Sequence[Any], first: int, view: View, viewer: Any) -> list[dict[str, Any]]:
    """Write rows; ``index`` counts the head of the table as its first row."""
    editor = viewer if view.is_editing else None
    return [
        {**write(line, view.columns, editor), "index": number}
        for number, line in enumerate(lines_of(rows, viewer), start=first + 1)
    ]


def write(line: Line, columns: Sequence[Column], editor: Any = None) -> dict[str, Any]:
    """Write one row; with an editor, the cells that this person may change say so."""
    may_edit = bool(editor) and access.can(editor, "initiative.edit", line.row).allowed
    cells = []
    for column in columns:
        value = column.value(line)
        html = column.write(value, line) if column.write else value or blank(worded("Nobody said."))
        css = " ".join(part for part in ("num" if column.is_number else "", column.css) if part)
        edits = EDITED.get(column.name, "") if may_edit else ""
        cells.append({"label": column.label, "html": html, "css": css, "edits": edits})
    owner = owner_of(line)
    second = " · ".join(part for part in (line.row.key, owner or line.row.unit.name) if part)
    return {
        "key": line.row.key,
        "name": line.row.name,
        "second": second,
        "cells": cells,
        "may_edit": may_edit,
    }


def grouped(view: View, viewer: Any) -> dict[str, Any]:
    """Lay out groups with their subtotals and the first rows of each."""
    words, column = GROUPS[view.group]
    rows = rows_of(view, viewer)
    names = [c.name for c in view.columns if c.name in table.MONEY_SORTS and c.name != "roi"]
    totals = explorer.subtotals(rows=rows, viewer=viewer, column=column, names=names)
    shown = totals[:MOST_GROUPS]
    firsts = selectors.first_of_groups(rows=rows, column=column, most=GROUP_ROWS)
    lines: dict[Any, list[dict[str, Any]]] = {}
    kept = {row.pk: row for row in rows.filter(pk__in=firsts)}
    currency = ""
    for line in lines_of(list(kept.values()), viewer):
        value = _group_value(line.row, view.group)
        lines.setdefault(value, []).append(write(line, view.columns))
        currency = currency or getattr(line.money, "currency", "")
    return {
        "total": sum(each.count for each in totals),
        "columns": view.columns,
        "group_words": words,
        "groups_shown": [
            {
                "label": _group_words(each.value, view.group),
                "count": each.count,
                "rows": lines.get(each.value, []),
                "more": each.count - len(lines.get(each.value, [])),
                "url": _group_url(view, each.value),
                "cells": _sums(each, view.columns, currency),
            }
            for each in shown
        ],
        "groups_left": len(totals) - len(shown),
    }


def _group_value(row: Any, group: str) -> Any:
    if group in ("owner", "manager"):
        person = row.business_owner if group == "owner" else row.program_manager
        return person.name if person else None
    if group == "stage":
        return row.stage.name if row.stage else None
    return row.unit.name if group == "unit" else getattr(row, group)


def _group_words(value: Any, group: str) -> str:
    known = {"status": choices.STATUSES, "ai_type": choices.AI_TYPES}.get(group, {})
    return known.get(value, value) or worded("Unknown")


def _group_url(view: View, value: Any) -> str:
    """Give the address of a group alone, where a filter can say it."""
    query = view.query.copy()
    query.pop("group", None)
    if view.group in ("status", "ai_type", "vendor"):
        query[view.group] = value or selectors.UNKNOWN
    elif view.group == "stage":
        slugs = {stage.name: stage.slug for stage in selectors.stages()}
        query["stage"] = slugs.get(value, selectors.UNKNOWN)
    else:
        return ""
    return f"{reverse('portfolio')}?{query.urlencode()}"


def _sums(
    each: explorer.Subtotal, columns: Sequence[Column], currency: str
) -> list[dict[str, Any]]:
    found = []
    for column in columns:
        if column.name in each.sums:
            found.append(
                {
                    "sum": each.sums[column.name],
                    "unknown": each.unknown[column.name],
                    "currency": currency,
                    "is_sum": True,
                }
            )
        else:
            found.append({"is_sum": False})
    return found


def board(view: View, viewer: Any) -> dict[str, Any]:
    """Lay out the stages as columns of cards, as many as fit in each."""
    rows = rows_of(view, viewer).filter(kind="initiative")
    columns: list[dict[str, Any]] = []
    stages = selectors.stages()
    found_rows: list[Any] = []
    for stage in stages:
        here = rows.filter(stage=stage)
        cards = list(here[: CARDS + 1])
        count = here.count() if len(cards) > CARDS else len(cards)
        found_rows += cards[:CARDS]
        columns.append({"stage": stage, "count": count, "keys": {c.pk for c in cards[:CARDS]}})
    lines = {line.row.pk: line for line in lines_of(found_rows, viewer)}
    for column in columns:
        column["cards"] = [
            {"row": row, "line": lines[row.pk], "owner": owner_of(lines[row.pk]),
             "may_move": access.can(viewer, "initiative.edit", row)}
            for row in found_rows
            if row.pk in column["keys"]
        ]  # fmt: skip
        column["more"] = column["count"] - len(column["cards"])
        query = view.query.copy()
        query.pop("view", None)
        query["stage"] = column["stage"].slug
        column["query"] = query.urlencode()
    return {"board": columns, "total": sum(column["count"] for column in columns)}


def timeline(request: HttpRequest, view: View, viewer: Any) -> dict[str, Any]:
    """Lay out one page of initiatives in time."""
    today = timezone.localdate()
    pages = Paginator(rows_of(view, viewer), TIMELINE_ROWS)
    shown = pages.get_page(request.GET.get("page"))
    drawn = [
        plan_lines.Line(
            key=line.key,
            name=line.name,
            url=reverse("initiative", args=[line.key]),
            bars=[
                plan_lines.Bar(s.stage, said(s.name), s.start_on, s.end_on or today)
                for s in line.spans
            ],
            stones=[plan_lines.Stone(m.name, m.due_on, m.done_on) for m in line.milestones],
            needs=line.needs,
        )
        for line in selectors.plan_lines(viewer=viewer, rows=list(shown), on=today)
    ]
    return {
        "page": shown,
        "total": pages.count,
        "page_numbers": list(pages.get_elided_page_range(shown.number, on_each_side=2, on_ends=1)),
        "picture": plan_lines.build(drawn, on=today),
    }


def _map(view: View, viewer: Any) -> dict[str, Any]:
    found_points = explorer.map_points(rows=rows_of(view, viewer), viewer=viewer)
    marks = [
        risk_map.Mark(p.key, p.name, p.stage, p.level, p.is_above, p.to_go, p.spend)
        for p in found_points.points
    ]
    return risk_map.build(marks, currency=found_points.currency, left_out=found_points.left_out)


def _map_words(view: View, viewer: Any) -> dict[str, Any]:
    drawn = _map(view, viewer)
    found_points = len(drawn["marks"]["key"])
    currency = drawn["table"]["head"][2].rpartition(" ")[2]
    return {"map": drawn, "total": found_points, "currency": currency}


@page("money.view")
def map_data(request: HttpRequest) -> HttpResponse:
    """Give the marks of the map for the canvas that paints them."""
    viewer = viewer_of(request)
    drawn = _map(read(request), viewer)
    return JsonResponse({name: drawn[name] for name in ("x", "y", "marks")})


@page("initiative.edit")
@require_POST
def board_move(request: HttpRequest) -> HttpResponse:
    """Move a card to another stage, or give the sentence that refuses it."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=request.POST.get("key", "")))
    version = request.POST.get("version", "")
    try:
        moved = services.advance_stage(
            initiative=row,
            to=request.POST.get("to", ""),
            reason=request.POST.get("reason", ""),
            by=viewer,
            version=int(version) if version.isdigit() else None,
        )
    except access.Refused as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=403)
    except Sentence as refusal:
        return JsonResponse({"sentence": str(refusal)}, status=422)
    stage = said(moved.stage.name.lower()) if moved.stage else ""
    return JsonResponse(
        {
            "sentence": worded("{key} is in {stage} now.", key=row.key, stage=stage),
            "version": moved.version,
        }
    )


assert set(EDITED.values()) <= set(fields.CELLS), "every edited column has a cell"
