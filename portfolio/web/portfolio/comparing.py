"""Two to five initiatives side by side, line by line; what differs stands out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance_app.initiatives import cells, selectors
from governance_app.people import access
from portfolio.charts.wording import named, worded
from portfolio.web.access import page, viewer_of
from portfolio.web.portfolio.asked import lines_of
from portfolio.web.portfolio.columns import COLUMNS, blank

FEWEST, MOST = 2, 5
#: What the columns of the table do not say.
BESIDE = ("purpose", "program_manager", "technical_owner", "modality", "autonomy", "data_classes",
          "risk_flags", "planned_start_on", "planned_end_on")  # fmt: skip


@page("view")
def compare(request: HttpRequest) -> HttpResponse:
    """Show them as columns of one table."""
    viewer = viewer_of(request)
    keys = [key for key in request.GET.getlist("key") if key][: MOST + 1]
    rows = selectors.chosen(viewer=viewer, keys=keys[:MOST])
    note = ""
    if len(keys) > MOST:
        note = worded("The first {most} are shown; more than that nobody can compare.", most=MOST)
    elif len(rows) < len(set(keys)):
        note = worded("Some of them do not exist or are not yours to see.")
    context: dict[str, Any] = {
        "note": note,
        "is_enough": len(rows) >= FEWEST,
        "rows": rows,
        "others": {row.key: [other.key for other in rows if other.pk != row.pk] for row in rows},
        "lines": _lines(rows, viewer) if len(rows) >= FEWEST else [],
    }
    return render(request, "portfolio/compare.html", context)


def _lines(rows: list[Any], viewer: Any) -> list[dict[str, Any]]:
    sees_money = access.can_anywhere(viewer, "money.view")
    found = []
    side_by_side = list(lines_of(rows, viewer))
    for column in COLUMNS:
        if column.is_money and not sees_money:
            continue
        values = [column.value(line) for line in side_by_side]
        shown = [
            column.write(value, line) if column.write else value or blank(worded("Nobody said."))
            for value, line in zip(values, side_by_side, strict=True)
        ]
        found.append(_line(column.label, values, shown, column.is_number))
    for name in BESIDE:
        texts = [cells.text_of(row, name) for row in rows]
        if cells.CELLS[name].shape == "person":
            people = [getattr(row, name) for row in rows]
            shown = [each.name if each else blank(worded("Nobody yet.")) for each in people]
        else:
            shown = [named(cells.words_of(t, name)) or blank(worded("Nobody said.")) for t in texts]
        found.append(_line(cells.CELLS[name].label, texts, shown, False))
    return found


def _line(label: str, values: list[Any], shown: list[Any], is_number: bool) -> dict[str, Any]:
    return {
        "label": label,
        "cells": shown,
        "is_number": is_number,
        "differs": any(value != values[0] for value in values),
    }
