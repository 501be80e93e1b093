"""What the address of the explorer asks for: filters, search, order, columns, shape, group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from governance_app.initiatives import selectors
from governance_app.initiatives.addresses import filters_in
from governance_app.people import access
from governance_app.rollups import table
from portfolio.web.access import viewer_of
from portfolio.web.portfolio.columns import COLUMNS, SHOWN, SHOWN_WITHOUT_MONEY, Column, Line

PAGE_SIZE = 50
EXPORT_BLOCK = 500
MAIN_FACETS = ("stage", "status", "ai_type")
#: What the rows may be drawn as, in the order of the tabs.
SHAPES = {"table": "Table", "board": "Board", "timeline": "Timeline", "map": "Map"}
#: What rows may be grouped by: name in the address -> words, column of the register.
GROUPS = {
    "stage": ("Stage", "stage__name"),
    "unit": ("Unit", "unit__name"),
    "status": ("Status", "status"),
    "ai_type": ("AI type", "ai_type"),
    "vendor": ("Vendor", "vendor"),
    "owner": ("Business owner", "business_owner__name"),
    "manager": ("Program manager", "program_manager__name"),
}


@dataclass(frozen=True)
class View:
    """What the address asks for, cleaned."""

    filters: selectors.RegisterFilters
    search: str
    sort: str
    columns: tuple[Column, ...]
    query: QueryDict
    shape: str = "table"
    group: str = ""
    is_editing: bool = False
    words: selectors.Search = field(default_factory=selectors.Search)


def read(request: HttpRequest) -> View:
    """Understand an address; what makes no sense in it is left out, never an error."""
    get, viewer = request.GET, viewer_of(request)
    filters = filters_in(get, on=timezone.localdate())
    sees_money = access.can_anywhere(viewer, "money.view")
    known = {c.name: c for c in COLUMNS if sees_money or not c.is_money}
    wanted = [name for name in get.getlist("col") if name in known]
    default = SHOWN if sees_money else SHOWN_WITHOUT_MONEY
    chosen = [c for c in known.values() if c.name in (wanted or default)]
    sort = get.get("sort", "")
    if sort.removeprefix("-") not in {*selectors.SORTS, *table.SORTS}:
        sort = "-spend" if sees_money else "key"
    query = get.copy()
    query.pop("page", None)
    if set(wanted) == set(default):
        query.pop("col", None)  # the usual columns need no place in the address
    search = get.get("q", "").strip()[:200]
    shape, group = get.get("view", ""), get.get("group", "")
    return View(
        filters=filters,
        search=search,
        sort=sort,
        columns=tuple(chosen),
        query=query,
        shape=shape if shape in SHAPES and (shape != "map" or sees_money) else "table",
        group=group if group in GROUPS else "",
        is_editing=bool(get.get("edit")) and access.can_anywhere(viewer, "initiative.edit"),
        words=selectors.understand(viewer=viewer, text=search),
    )


def rows_of(view: View, viewer: Any) -> QuerySet[Any]:
    """Give the initiatives of a view in its order."""
    rows = selectors.register(
        viewer=viewer, filters=view.filters, search=view.words, sort=view.sort
    )
    return table.ordered(rows, viewer=viewer, sort=view.sort)


def count_of(view: View, viewer: Any) -> int:
    """Count the initiatives of a view, which needs no order."""
    return selectors.register(viewer=viewer, filters=view.filters, search=view.words).count()


def in_order(rows: QuerySet[Any], part: QuerySet[Any]) -> list[Any]:
    """
    Read a part of some rows with all they show, in its order.

    Putting thousands of rows in order costs by their width, so only their ids are.
    """
    ids = list(part.values_list("pk", flat=True))
    found = {row.pk: row for row in rows.filter(pk__in=ids).order_by()}
    return [found[pk] for pk in ids if pk in found]


def lines_of(rows: Sequence[Any], viewer: Any) -> Iterator[Line]:
    """Put the figures beside the rows of one page."""
    ids = [row.pk for row in rows]
    now, money = table.present_and_money(viewer=viewer, initiatives=ids)
    today = timezone.localdate()
    for row in rows:
        yield Line(row, now.get(row.pk), money.get(row.pk), today)
