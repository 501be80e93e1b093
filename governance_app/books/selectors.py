"""Reading rates, months and dated settings."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from governance_app.books.models import AccountingMonth, DatedSetting, LegalEntity, Rate
from governance_app.books.settings_known import KNOWN
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months
from governance_app.people.models import ScopeNode, User


class MissingRate(Sentence):
    """No rate was entered for a pair, month and kind; the caller must not guess one."""

    def __init__(self, base: str, quote: str, month: dt.date, kind: str) -> None:
        super().__init__(
            f"No {kind} rate from {base} to {quote} for {month:%B %Y}. "
            "Enter it under Settings, Rates."
        )
        self.base, self.quote, self.month, self.kind = base, quote, month, kind


def rate(*, base: str, quote: str, month: dt.date, kind: str) -> Decimal:
    """
    Give what one unit of ``base`` is worth in ``quote``; 1 for the same currency.

    Raises:
        MissingRate: neither the pair nor its inverse was entered for that month and kind.
    """
    found = rates_of(pairs={(base, quote, month)}, kind=kind)
    return found[base, quote, month]


def rates_of(
    *, pairs: set[tuple[str, str, dt.date]], kind: str
) -> dict[tuple[str, str, dt.date], Decimal]:
    """
    Give many rates at once: (base, quote, month) -> value, in at most one
    query; a currency into itself is 1.

    Raises:
        MissingRate: names the first pair and month without a rate.
    """
    asked = {pair for pair in pairs if pair[0] != pair[1]}
    currencies = {code for base, quote, _ in asked for code in (base, quote)}
    rows = Rate.objects.filter(kind=kind, month__in={m for _, _, m in asked}, base__in=currencies)
    known: dict[tuple[str, str, dt.date], Decimal] = {}
    for row in rows.filter(quote__in=currencies).order_by("created_at", "pk"):
        known[row.base, row.quote, row.month] = row.value
    found: dict[tuple[str, str, dt.date], Decimal] = {}
    for base, quote, month in sorted(pairs):
        if base == quote:
            found[base, quote, month] = Decimal(1)
        elif (base, quote, month) in known:
            found[base, quote, month] = known[base, quote, month]
        elif (quote, base, month) in known:
            found[base, quote, month] = 1 / known[quote, base, month]
        else:
            raise MissingRate(base, quote, month, kind)
    return found


@dataclass(frozen=True, slots=True)
class UsedRate:
    """An entered rate as a conversion uses it: the row, and its value or the inverse of it."""

    rate_id: uuid.UUID
    value: Decimal


def rates_into(*, quote: str) -> dict[tuple[str, dt.date, str], UsedRate]:
    """
    Give every entered rate into one currency: (base, month, kind) -> rate, in two queries.

    A pair entered directly goes before its inverse; of corrections the newest counts.
    """
    found: dict[tuple[str, dt.date, str], UsedRate] = {}
    rows = Rate.objects.order_by("created_at", "pk")
    columns = ("month", "kind", "pk", "value")
    for base, month, kind, pk, value in rows.filter(base=quote).values_list("quote", *columns):
        found[base, month, kind] = UsedRate(pk, 1 / value)
    for base, month, kind, pk, value in rows.filter(quote=quote).values_list("base", *columns):
        found[base, month, kind] = UsedRate(pk, value)
    return found


def rates(*, viewer: User) -> QuerySet[Rate]:
    """Give every entered rate, newest month first."""
    return Rate.objects.visible_to(viewer).order_by("-month", "base", "quote", "kind", "-pk")


def setting(*, key: str, on: dt.date, node: ScopeNode | None = None) -> Any:
    """
    Give the value in force on a day: the nearest node's that is set, else the organisation's,
    else the default of ``KNOWN``.
    """
    return settings(keys=[key], on=on, node=node)[key]


def settings(
    *, keys: Collection[str], on: dt.date, node: ScopeNode | None = None
) -> dict[str, Any]:
    """Give the values of several settings as ``setting`` does, in one query."""
    found = {key: KNOWN[key].default for key in keys}
    best: dict[str, tuple[int, dt.date]] = {}
    rows = DatedSetting.objects.filter(key__in=list(keys), from_on__lte=on)
    columns = ("key", "from_on", "value", "node__path")
    for key, from_on, value, path in rows.order_by("from_on", "pk").values_list(*columns):
        if path and not (node is not None and node.path.startswith(path)):
            continue
        standing = (len(path or ""), from_on)  # a longer path is a nearer node
        if key not in best or standing >= best[key]:
            best[key], found[key] = standing, value
    return found


def reporting_currency(*, on: dt.date) -> str:
    """Give the currency that totals are reported in."""
    return str(setting(key="reporting_currency", on=on))


def fiscal_start_month(*, on: dt.date) -> int:
    """Give the first month of the fiscal year, 1 to 12."""
    return int(setting(key="fiscal_start_month", on=on))


def months(*, viewer: User) -> QuerySet[AccountingMonth]:
    """Give the accounting months, newest first."""
    return AccountingMonth.objects.visible_to(viewer).order_by("-month")


def is_closed(*, month: dt.date) -> bool:
    """Tell whether a month of the books is closed, so that nothing in it may change."""
    return AccountingMonth.objects.filter(month=month, state=AccountingMonth.State.CLOSED).exists()


def next_open_month(*, after: dt.date) -> dt.date:
    """Give the first month after one that is not closed: where late changes are booked."""
    closed = set(
        AccountingMonth.objects.filter(
            month__gt=after, state=AccountingMonth.State.CLOSED
        ).values_list("month", flat=True)
    )
    month = add_months(after, 1)
    while month in closed:
        month = add_months(month, 1)
    return month


def last_closed_month() -> dt.date | None:
    """Give the latest closed month, or None while no month was closed."""
    closed = AccountingMonth.objects.filter(state=AccountingMonth.State.CLOSED)
    return closed.order_by("-month").values_list("month", flat=True).first()


def entities(*, viewer: User) -> QuerySet[LegalEntity]:
    """Give the legal entities by code."""
    return LegalEntity.objects.visible_to(viewer).select_related("node").order_by("code", "pk")


def settings_in_force(*, viewer: User, on: dt.date) -> list[dict[str, Any]]:
    """Give each known setting: its organisation-wide value, its source and since when."""
    newest: dict[str, DatedSetting] = {}
    rows = DatedSetting.objects.visible_to(viewer).filter(from_on__lte=on, node=None)
    for row in rows.order_by("from_on", "pk"):
        newest[row.key] = row
    return [
        {
            "key": key,
            "meaning": known.meaning,
            "kind": known.kind,
            "value": newest[key].value if key in newest else known.default,
            "since": newest[key].from_on if key in newest else None,
            "source": newest[key].source if key in newest else "default",
        }
        for key, known in KNOWN.items()
    ]
