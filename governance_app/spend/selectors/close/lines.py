"""The books of a month, line by line: bills, late adjustments, accruals, typed-in and people."""

import uuid
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

from governance_app.books.models import AccountingMonth
from governance_app.domain.money import EXACT
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.borne import BORNE, SUMMED
from governance_app.spend.coding import Coding, coding
from governance_app.spend.models import (
    AccrualLine,
    ClosedLine,
    ManualCost,
    MonthClose,
    WorkedDays,
)
from governance_app.spend.pricing import Pricing

ORIGINS = {
    "bill": "Bills",
    "late adjustment": "Late adjustments",
    "accrual": "Accruals",
    "reversal": "Reversals of accruals",
    "manual": "Costs typed in",
    "people": "People",
}


@dataclass(frozen=True, slots=True)
class BookLine:
    """
    A line of the books of a month, coded, in the currency it was billed in.

    ``billed`` is what an invoice says, ``effective`` what the month bears, ``recoverable`` the
    tax in it that comes back. ``payer`` gets the invoice, ``entity`` bears the cost.
    """

    origin: str
    source: str
    payer: str
    entity: str
    cost_centre: str
    gl_account: str
    project: str
    vendor: str
    tax_code: str
    initiative: str
    unit: str
    issuer: str
    invoice: str
    service: str
    charge: str
    text: str
    currency: str
    billed: Decimal
    effective: Decimal
    recoverable: Decimal

    @property
    def cost(self) -> Decimal:
        """What stays with the entity: effective cost without the tax that comes back."""
        return EXACT.subtract(self.effective, self.recoverable)


LINE_FIELDS = tuple(field.name for field in fields(BookLine))


def book_lines(*, viewer: User, month: date) -> list[BookLine]:
    """
    Give the books of a month as far as the viewer may see them: frozen ones once it is closed.

    Raises:
        MissingDayRate: days were worked at a rate that nobody set.
    """
    if (frozen := last_close(month=month)) is not None:
        return closed_lines(viewer=viewer, close=frozen)
    return live_lines(viewer=viewer, month=month)


def last_close(*, month: date) -> MonthClose | None:
    """Give the close that froze a month which is closed now."""
    return (
        MonthClose.objects.filter(
            month__month=month,
            month__state=AccountingMonth.State.CLOSED,
            closed_at__isnull=False,
            reopened_at=None,
        )
        .order_by("-number")
        .first()
    )


def closed_lines(*, viewer: User, close: MonthClose) -> list[BookLine]:
    """Give the lines a close froze; of the whole organisation, or of the viewer's initiatives."""
    lines = ClosedLine.objects.filter(close=close).order_by("number")
    paths = access.scope_paths(viewer, "money.view")
    if paths != ("",):
        from governance_app.initiatives.models import Initiative

        below = Q(pk__in=[])
        for path in paths:
            below |= Q(node__path__startswith=path)
        keys = Initiative.objects.filter(below).values_list("key", flat=True)
        lines = lines.filter(initiative__in=list(keys))
    return [BookLine(*row) for row in lines.values_list(*LINE_FIELDS)]


def live_lines(*, viewer: User, month: date, by_invoice: bool = False) -> list[BookLine]:
    """
    Give the lines of a month as the ledger has them now, in a fixed order.

    Args:
        by_invoice: name the invoice of each line too, which reads every key-month; without it
            lines are sums that pages can afford.

    Raises:
        MissingDayRate: days were worked at a rate that nobody set.
    """
    pricing = Pricing(coding())
    paths = access.scope_paths(viewer, "money.view")
    if not paths:
        return []
    found = [
        *_bills(month, paths, pricing, by_invoice=by_invoice),
        *_accruals(month, paths, pricing.rules),
        *_manual(month, paths, pricing),
        *_people(month, paths, pricing),
    ]
    return sorted(found, key=lambda line: astuple(line))


def source_totals(*, month: date) -> dict[tuple[uuid.UUID, str], tuple[Decimal, Decimal]]:
    """Give what the current loads of a billing month sum to: (source, currency) -> both costs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.source_id, t.currency, sum(t.billed), sum(t.effective)"
            " FROM spend_currentload c JOIN spend_loadtotal t ON t.load_id = c.load_id"
            " WHERE c.period = %s GROUP BY 1, 2",
            [month],
        )
        return {(row[0], row[1]): (row[2], row[3]) for row in cursor.fetchall()}


def _bills(
    month: date, paths: tuple[str, ...], pricing: Pricing, *, by_invoice: bool
) -> Iterator[BookLine]:
    coded, values = pricing.rules.as_sql()
    from_keys = by_invoice or pricing.rules.looks_at_tags
    tables, invoice = (BORNE, "m.invoice") if from_keys else (SUMMED, "''::text")
    # The partitioned table by its own column, so that one partition is read.
    condition = f"{'w' if from_keys else 'm'}.billing_month = %(month)s"
    if paths != ("",):
        values["paths"] = [f"{path}%" for path in paths]
        condition += (
            " AND (n.path LIKE ANY(%(paths)s) OR (i.id IS NULL AND fn.path LIKE ANY(%(paths)s)))"
        )
    texts = (
        "CASE l.kind WHEN 'adjustment' THEN 'late adjustment' ELSE 'bill' END", "f.name",
        *(coded[name] for name in ("payer", "entity", "cost_centre", "gl_account", "project",
                                   "vendor", "tax_code")),
        "coalesce(i.key, '')", "coalesce(u.name, '')", "k.issuer", invoice, "k.service",
        "k.charge_category", "m.currency",
    )  # fmt: skip
    group = ", ".join(str(n) for n in range(1, len(texts) + 1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(texts)}, sum(m.billed), sum(m.effective) {tables}"
            f" WHERE {condition} GROUP BY {group}",
            {**values, "month": month},
        )
        rows = cursor.fetchall()
    for *said, currency, billed, effective in rows:
        recoverable = Decimal(0)
        if said[14] == "Tax":
            recoverable = pricing.taxes.recoverable(said[3], said[8], effective, month)
        yield BookLine(*[*said, "", currency, billed, effective, recoverable])


def _accruals(month: date, paths: tuple[str, ...], rules: Coding) -> Iterator[BookLine]:
    lines = AccrualLine.objects.filter(accrual__withdrawn_at=None).filter(
        Q(accrual__month=month) | Q(accrual__reversal_month=month)
    )
    lines = lines.select_related("accrual__source__node", "initiative__node", "initiative__unit")
    for line in lines:
        accrual, initiative = line.accrual, line.initiative
        place = accrual.source.node.path if initiative is None else initiative.node.path
        if not _sees(paths, place):
            continue
        said = rules.of(
            {
                "source": accrual.source.name,
                "initiative": initiative.key if initiative else "",
                "charge category": "Usage",
                "category": "run",
                "path": place,
                "payer_path": accrual.source.node.path,
            },
            month,
        )
        is_reversal = accrual.reversal_month == month
        amount = -line.amount if is_reversal else line.amount
        yield _line(
            said, origin="reversal" if is_reversal else "accrual", source=accrual.source.name,
            initiative=initiative, text=f"{accrual.month:%b %Y}, {accrual.method}",
            currency=accrual.currency, billed=Decimal(0), effective=amount,
            recoverable=Decimal(0),
        )  # fmt: skip


def _manual(month: date, paths: tuple[str, ...], pricing: Pricing) -> Iterator[BookLine]:
    costs = ManualCost.objects.filter(month=month, withdrawn_at=None)
    for cost in costs.select_related("node", "entity", "initiative__node", "initiative__unit"):
        if not _sees(paths, cost.node.path):
            continue
        priced = pricing.manual(cost)
        yield _line(
            priced.said, origin="manual", source="Costs typed in", initiative=cost.initiative,
            issuer=cost.vendor, charge=cost.category, text=cost.description,
            currency=priced.currency, billed=priced.gross, effective=priced.gross,
            recoverable=priced.recoverable,
        )  # fmt: skip


def _people(month: date, paths: tuple[str, ...], pricing: Pricing) -> Iterator[BookLine]:
    worked = WorkedDays.objects.filter(month=month).exclude(days=0)
    for one in worked.select_related("entity", "initiative__node", "initiative__unit"):
        if not _sees(paths, one.initiative.node.path):
            continue
        priced = pricing.days(one)
        yield _line(
            priced.said, origin="people", source="People", initiative=one.initiative,
            service=one.persona, charge="people", text=f"{one.days.normalize():f} days",
            currency=priced.currency, billed=priced.gross, effective=priced.gross,
            recoverable=priced.recoverable,
        )  # fmt: skip


def _line(
    said: dict[str, str],
    *,
    initiative: Any,
    origin: str,
    source: str,
    currency: str,
    billed: Decimal,
    effective: Decimal,
    recoverable: Decimal,
    issuer: str = "",
    service: str = "",
    charge: str = "",
    text: str = "",
) -> BookLine:
    return BookLine(
        origin, source, said["payer"], said["entity"], said["cost_centre"], said["gl_account"],
        said["project"], said["vendor"], said["tax_code"], initiative.key if initiative else "",
        initiative.unit.name if initiative and initiative.unit else "", issuer, "", service,
        charge, text, currency, billed, effective, recoverable,
    )  # fmt: skip


def _sees(paths: tuple[str, ...], place: str) -> bool:
    return any(place.startswith(path) for path in paths)
