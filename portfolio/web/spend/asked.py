"""What the address of a spend page asks for, and how it is shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils import timezone

from governance_app.books import selectors as books
from governance_app.domain.periods import add_months
from governance_app.people.access import User
from governance_app.spend import selectors
from governance_app.spend.selectors import SpendFilter
from portfolio.charts import spelling
from portfolio.charts.wording import worded

MONTHS_SHOWN = 12
#: Most months whose days are shown at once.
DAYS_MONTHS = 3
BASES = ("billed", "effective", "contracted", "list")
#: Dimensions a page groups by; months are the columns beside them.
GROUPED = tuple(name for name in selectors.DIMENSIONS if name != "month")
#: Filters that stand in the address under their own name.
NAMED = (
    "unit", "initiative", "provider", "service", "category", "model", "account", "source",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """
    The address, read.

    ``across``: the second dimension, ``month`` unless asked for. ``grain``: month, or day, which
    shows the last months asked for, at most ``DAYS_MONTHS``. ``currency`` is what amounts are
    shown in, ``reporting`` what they are unless another is asked for; ``is_converted``: at monthly
    average rates, otherwise only what was billed in that currency is shown. ``held``: the first
    and the last month of the ledger, None while it is empty.
    """

    chosen: SpendFilter
    by: str
    across: str
    grain: str
    basis: str
    currency: str
    reporting: str
    is_converted: bool
    query: QueryDict
    held: tuple[dt.date, dt.date] | None

    @property
    def period(self) -> str:
        """The months in words."""
        since, until = self.chosen.since, self.chosen.until
        if since and until:
            if since == until:
                return spelling.month(since)
            return worded(
                "{first} to {last}", first=spelling.month(since), last=spelling.month(until)
            )
        return worded("all months")

    def address(self, **changes: str | None) -> str:
        """Give the query of the same page with something else asked for."""
        query = self.query.copy()
        for name, value in changes.items():
            query.pop(name, None)
            if value:
                query[name] = value
        return query.urlencode()


def read(request: HttpRequest, viewer: User) -> Asked:
    """Read the address; what it does not say is the last twelve months that have spend."""
    get = request.GET
    dated = "billing" if get.get("dated") == "billing" else "charge"
    held = selectors.months_held(dated=dated)
    last = held[1] if held else timezone.localdate().replace(day=1)
    until = _month(get.get("until", "")) or last
    since = _month(get.get("since", "")) or max(
        add_months(until, 1 - MONTHS_SHOWN), held[0] if held else until
    )
    if since > until:
        since, until = until, since
    only = {"unallocated": True, "allocated": False}.get(get.get("only", ""))
    named: Mapping[str, Any] = {name: get.get(name, "")[:200] for name in NAMED}
    chosen = SpendFilter(
        since=since, until=until, dated=dated, search=get.get("q", "").strip()[:200],
        is_unallocated=only, **named,
    )  # fmt: skip
    billed_in = get.get("currency", "").upper()
    reporting = books.reporting_currency(on=timezone.localdate())
    if billed_in:
        chosen = replace(chosen, currency=billed_in[:3])
    by = get["by"] if get.get("by") in GROUPED else "unit"
    across = get["across"] if get.get("across") in GROUPED and get["across"] != by else "month"
    grain = "day" if get.get("grain") == "day" else "month"
    if grain == "day":
        # Days come out of archived lines: one month unless more are asked for, and never many.
        first = max(since, add_months(until, 1 - DAYS_MONTHS)) if get.get("since") else until
        chosen = replace(chosen, since=first, dated="charge")
    query = get.copy()
    query.pop("page", None)
    return Asked(
        chosen=chosen,
        by=by,
        across=across,
        grain=grain,
        basis=get["basis"] if get.get("basis") in BASES else "billed",
        currency=chosen.currency or reporting,
        reporting=reporting,
        is_converted=not chosen.currency,
        query=query,
        held=held,
    )


def _month(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return None
