"""
What initiatives cost beside what bills charge them, item by item (METHOD sections 1, 2 and 7).

Costs somebody typed in, people by days and dated rates, accruals of bills that have not come, and
the tax of bills that comes back, which is no cost. The actual cost of a month is the effective
cost of its bills and these items.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from governance_app.domain.money import EXACT
from governance_app.domain.phrases import phrase
from governance_app.spend.borne import BORNE, SUMMED
from governance_app.spend.coding import Coding, coding
from governance_app.spend.models import AccrualLine, ManualCost, WorkedDays
from governance_app.spend.pricing import MissingDayRate, Pricing, Taxes

MANUAL, PEOPLE, ACCRUED, TAX_BACK = "manual", "people", "accrued", "tax_back"
PARTS = {
    MANUAL: phrase("Costs typed in"),
    PEOPLE: phrase("People"),
    ACCRUED: phrase("Accruals of bills that have not come"),
    TAX_BACK: phrase("Tax that comes back"),
}


@dataclass(frozen=True, slots=True)
class Item:
    """
    One cost of a month that no bill states, in its own currency.

    ``amount`` is None, with the ``reason``, while it cannot be told. ``row`` is the cost, the
    days or the accrual it comes from; tax that comes back is a sum and has none. ``node`` is the
    place of the initiative, or of what nobody bears. ``month`` is when it was used.
    """

    part: str
    row: uuid.UUID | None
    initiative: uuid.UUID | None
    node: uuid.UUID
    month: dt.date
    currency: str
    amount: Decimal | None
    text: str
    reason: str = ""


def items(
    *,
    initiatives: Collection[uuid.UUID] | None = None,
    is_borne: bool | None = None,
    paths: tuple[str, ...] = ("",),
    until: dt.date | None = None,
) -> Iterator[Item]:
    """
    Give every such cost.

    Args:
        initiatives: of these alone; None = of all.
        is_borne: only what an initiative bears, or only what none does; None = both.
        paths: only what stands at or below one of these places.
        until: last month.
    """
    pricing = Pricing(coding())
    chosen = _Chosen(initiatives, is_borne, paths, until)
    yield from _manual(chosen, pricing)
    yield from _people(chosen, pricing)
    yield from _accrued(chosen)
    yield from _tax_back(chosen, pricing.rules, pricing.taxes)


@dataclass(frozen=True, slots=True)
class _Chosen:
    initiatives: Collection[uuid.UUID] | None
    is_borne: bool | None
    paths: tuple[str, ...]
    until: dt.date | None

    def holds(self, *places: str, month: str) -> Q:
        """
        Give the condition on rows whose place is the first of some lookups that is there.

        Args:
            places: of the initiative, then of what stands in where there is none.
        """
        found = Q()
        if self.initiatives is not None:
            found &= Q(initiative__in=self.initiatives)
        if self.is_borne is not None:
            found &= Q(initiative__isnull=not self.is_borne)
        if self.until is not None:
            found &= Q(**{f"{month}__lte": self.until})
        if self.paths != ("",):
            inside = Q(pk__in=[])
            for path in self.paths:
                inside |= Q(**{f"{places[0]}__startswith": path})
                if len(places) > 1:
                    inside |= Q(initiative=None) & Q(**{f"{places[1]}__startswith": path})
            found &= inside
        return found


def _manual(chosen: _Chosen, pricing: Pricing) -> Iterator[Item]:
    rows = ManualCost.objects.filter(
        chosen.holds("initiative__node__path", "node__path", month="month"), withdrawn_at=None
    ).select_related("node", "entity", "initiative__node")
    for cost in rows.order_by("month", "created_at", "pk"):
        # Without tax there is nothing to code: what was typed in is the cost.
        amount = pricing.manual(cost).cost if cost.tax else cost.amount
        yield Item(
            MANUAL, cost.pk, cost.initiative_id,
            cost.initiative.node_id if cost.initiative else cost.node_id,
            cost.month, cost.currency, amount, cost.description,
        )  # fmt: skip


def _people(chosen: _Chosen, pricing: Pricing) -> Iterator[Item]:
    rows = WorkedDays.objects.filter(chosen.holds("initiative__node__path", month="month")).exclude(
        days=0
    )
    for worked in rows.select_related("entity", "initiative__node").order_by("month", "pk"):
        text = f"{worked.days.normalize():f} days of {worked.persona}"
        try:
            priced = pricing.days(worked)
        except MissingDayRate as missing:
            currency, amount, reason = "", None, str(missing)
        else:
            currency, amount, reason = priced.currency, priced.cost, ""
        yield Item(
            PEOPLE, worked.pk, worked.initiative_id, worked.initiative.node_id, worked.month,
            currency, amount, text, reason,
        )  # fmt: skip


def _accrued(chosen: _Chosen) -> Iterator[Item]:
    """
    Give the accruals that stand open: not withdrawn, and the bill has not come.

    They stay in the month the cost was used in; the reversal of the books belongs to the month it
    is booked in, and the bill that takes their place has the charge month of the accrual.
    """
    lines = AccrualLine.objects.filter(
        chosen.holds(
            "initiative__node__path", "accrual__source__node__path", month="accrual__month"
        ),
        accrual__withdrawn_at=None,
        accrual__actual=None,
    ).select_related("accrual__source", "initiative")
    for line in lines.order_by("accrual__month", "pk"):
        accrual = line.accrual
        yield Item(
            ACCRUED, accrual.pk, line.initiative_id,
            line.initiative.node_id if line.initiative else accrual.source.node_id,
            accrual.month, accrual.currency, line.amount,
            f"{accrual.source.name}, estimated by {accrual.get_method_display().lower()}",
        )  # fmt: skip


def _tax_back(chosen: _Chosen, rules: Coding, taxes: Taxes) -> Iterator[Item]:
    if not taxes.comes_back:
        return
    coded, values = rules.as_sql()
    wanted = (coded["entity"], coded["tax_code"])
    tables = BORNE if any("k.tags" in one for one in wanted) else SUMMED
    conditions = ["k.charge_category = 'Tax'"]
    if chosen.initiatives is not None:
        conditions.append("m.initiative_id = ANY(%(initiatives)s)")
        values["initiatives"] = list(chosen.initiatives)
    if chosen.is_borne is not None:
        conditions.append(f"m.initiative_id IS {'NOT ' if chosen.is_borne else ''}NULL")
    if chosen.until is not None:
        conditions.append("m.charge_month <= %(until)s")
        values["until"] = chosen.until
    if chosen.paths != ("",):
        conditions.append("coalesce(n.path, fn.path) LIKE ANY(%(paths)s)")
        values["paths"] = [f"{path}%" for path in chosen.paths]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.initiative_id, coalesce(n.id, fn.id), m.charge_month, m.billing_month,"
            f" m.currency, {wanted[0]}, {wanted[1]}, sum(m.effective) {tables}"
            f" WHERE {' AND '.join(conditions)} GROUP BY 1, 2, 3, 4, 5, 6, 7"
            " ORDER BY 1, 3, 4, 5, 6, 7",
            values,
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    sums: dict[tuple[Any, ...], Decimal] = {}
    for initiative, node, month, billed_in, currency, entity, code, tax in rows:
        back = taxes.recoverable(entity, code, tax, billed_in)
        if back:
            key = (initiative, node, month, currency, entity, code)
            sums[key] = EXACT.subtract(sums.get(key, Decimal(0)), back)
    for (initiative, node, month, currency, entity, code), amount in sums.items():
        text = f"{code} of entity {entity}"
        yield Item(TAX_BACK, None, initiative, node, month, currency, amount, text)
