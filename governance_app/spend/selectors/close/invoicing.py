"""Invoices against the ledger: what an issuer states, what its lines sum to, and the difference."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT, exact_sum, minor_places, round_half_up
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import Invoice, InvoiceLine, PrepaidEntry, PurchaseOrder

#: What became of the comparison -> whether a month may close on it.
STATUSES = {
    "tied": ("Ties to the last digit it states", True),
    "within tolerance": ("Within the tolerance", True),
    "explained": ("Explained and accepted", True),
    "disputed": ("Disputed with the issuer", False),
    "differs": ("Differs and is not explained", False),
    "no lines": ("No line of the ledger has this invoice", False),
    "not received": ("The lines name it, the invoice has not come", True),
    "not yet invoiced": ("The lines name no invoice yet", True),
    "voided": ("Voided by the issuer", True),
}


@dataclass(frozen=True, slots=True)
class Reconciled:
    """
    One invoice in one currency against the billed lines, tax included.

    ``stated`` - ``billed`` = ``difference`` = ``rounding`` + ``rest``. ``rounding`` is what
    the issuer rounded off the exact sum of its lines; ``rest`` is what has to be explained.
    """

    issuer: str
    number: str
    currency: str
    month: date
    invoice_id: uuid.UUID | None
    stated: Decimal | None
    details: Decimal | None
    billed: Decimal
    tax: Decimal
    lines: int
    difference: Decimal | None
    rounding: Decimal | None
    rest: Decimal | None
    status: str
    comment: str
    evidence: str

    @property
    def words(self) -> str:
        """Say the status as people read it."""
        return STATUSES[self.status][0]

    @property
    def may_close(self) -> bool:
        """Tell whether the month may close with it as it is."""
        return STATUSES[self.status][1]


def invoices(*, viewer: User, month: date | None = None) -> QuerySet[Invoice]:
    """Give the invoices that came, newest month first."""
    found = Invoice.objects.visible_to(viewer, "money.view").select_related(
        "entity", "evidence", "details_file", "judged_by", "node"
    )
    if month is not None:
        found = found.filter(month=month)
    return found.order_by("-month", "issuer", "number", "currency", "pk")


def invoice(*, viewer: User, invoice_id: uuid.UUID | str) -> Invoice | None:
    """Give one invoice, or None when it is not the viewer's to see."""
    return invoices(viewer=viewer).filter(pk=invoice_id).first()


def reconciliation(*, viewer: User, month: date) -> list[Reconciled]:
    """
    Compare each invoice of a billing month with the ledger, per issuer, number and currency.

    The lines of an invoice count wherever they are booked, late adjustments included; what has
    no invoice yet stands per issuer and currency, last.
    """
    stated = list(invoices(viewer=viewer, month=month))
    numbers = sorted({one.number for one in stated})
    sums = _billed(viewer, month, numbers)
    details = dict(
        InvoiceLine.objects.filter(invoice__in=stated)
        .values_list("invoice")
        .annotate(sum=Sum("amount"))
    )
    found = []
    for one in stated:
        billed, tax, lines = sums.pop(
            (one.issuer, one.number, one.currency), (Decimal(0), Decimal(0), 0)
        )
        found.append(_judged(one, details.get(one.pk), billed, tax, lines))
    known = {(one.issuer, one.number, one.currency) for one in _elsewhere(viewer, month, sums)}
    for (issuer, number, currency), (billed, tax, lines) in sums.items():
        if (issuer, number, currency) in known:
            continue
        found.append(
            Reconciled(
                issuer, number, currency, month, None, None, None, billed, tax, lines, None, None,
                None, "not received" if number else "not yet invoiced", "", "",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.number == "", one.issuer, one.number, one.currency))


def reconciled(*, viewer: User, one: Invoice) -> Reconciled:
    """Compare one invoice with the ledger."""
    return next(
        row for row in reconciliation(viewer=viewer, month=one.month) if row.invoice_id == one.pk
    )


def invoice_months(*, viewer: User, one: Invoice) -> list[tuple[date, str, str, Decimal, int]]:
    """Give where the lines of an invoice are booked: month, source, charge, billed, lines."""
    condition, values = _visible(viewer)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.billing_month, f.name, k.charge_category, sum(m.billed), sum(m.lines)"
            f" {_LINES} WHERE {condition} AND k.issuer = %(issuer)s AND m.invoice = %(number)s"
            " AND m.currency = %(currency)s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {**values, "issuer": one.issuer, "number": one.number, "currency": one.currency},
        )
        return [(*row[:4], int(row[4])) for row in cursor.fetchall()]


_LINES = """
FROM spend_spendkeymonth m
JOIN spend_spendkey k ON k.id = m.key_id
JOIN spend_load l ON l.id = m.load_id
JOIN spend_source f ON f.id = l.source_id
JOIN people_scopenode fn ON fn.id = f.node_id
"""


def _visible(viewer: User) -> tuple[str, dict[str, Any]]:
    paths = access.scope_paths(viewer, "money.view")
    return "fn.path LIKE ANY(%(paths)s)", {"paths": [f"{path}%" for path in paths]}


def _billed(
    viewer: User, month: date, numbers: Sequence[str]
) -> dict[tuple[str, str, str], tuple[Decimal, Decimal, int]]:
    """Sum lines by invoice: those of the month, and of the named invoices wherever booked."""
    condition, values = _visible(viewer)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.issuer, m.invoice, m.currency, sum(m.billed),"
            " coalesce(sum(m.billed) FILTER (WHERE k.charge_category = 'Tax'), 0), sum(m.lines)"
            f" {_LINES} WHERE {condition} AND ((m.billing_month = %(month)s AND (m.invoice = ''"
            " OR NOT EXISTS (SELECT FROM spend_lateadjustment a WHERE a.posted_id = l.id)))"
            " OR (m.invoice <> '' AND m.invoice = ANY(%(numbers)s)))"
            " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            {**values, "month": month, "numbers": list(numbers)},
        )
        return {
            (issuer, number, currency): (billed, tax, int(lines))
            for issuer, number, currency, billed, tax, lines in cursor.fetchall()
        }


def _elsewhere(
    viewer: User, month: date, sums: dict[tuple[str, str, str], tuple[Decimal, Decimal, int]]
) -> list[Invoice]:
    """Give invoices of other months whose numbers lines of this month carry."""
    numbers = [number for _, number, _ in sums if number]
    return list(invoices(viewer=viewer).filter(number__in=numbers).exclude(month=month))


def _judged(
    one: Invoice, details: Decimal | None, billed: Decimal, tax: Decimal, lines: int
) -> Reconciled:
    stated = one.typed_total if one.typed_total is not None else details
    difference = rounding = rest = None
    if stated is not None:
        difference = EXACT.subtract(stated, billed)
        rounding = EXACT.subtract(round_half_up(billed, minor_places(one.currency)), billed)
        if max(0, -int(stated.normalize().as_tuple().exponent)) > minor_places(one.currency):
            rounding = Decimal(0)  # an issuer that states every digit rounds nothing
        rest = EXACT.subtract(difference, rounding)
    return Reconciled(
        one.issuer, one.number, one.currency, one.month, one.pk, stated, details, billed, tax,
        lines, difference, rounding, rest, _status(one, rest, lines), one.comment,
        one.evidence.name if one.evidence else "",
    )  # fmt: skip


def _status(one: Invoice, rest: Decimal | None, lines: int) -> str:
    if one.status == Invoice.Status.VOIDED:
        return "voided"
    if rest is None:
        return "differs"
    if not rest and lines:
        return "tied"
    unit = Decimal(1).scaleb(-minor_places(one.currency))
    tolerance = unit * int(books.setting(key="close_invoice_tolerance", on=one.month))
    if lines and abs(rest) <= tolerance:
        return "within tolerance"
    if one.verdict and one.explained == rest:
        return one.verdict
    return "differs" if lines else "no lines"


@dataclass(frozen=True, slots=True)
class Prepaid:
    """
    The prepaid balance of a source in a month: opening + purchases - amortised - written off
    +- FX = closing.
    """

    source: str
    currency: str
    opening: Decimal
    purchases: Decimal
    amortised: Decimal
    written_off: Decimal
    fx: Decimal
    closing: Decimal


def prepaid(*, viewer: User, month: date) -> list[Prepaid]:
    """
    Roll prepaid balances forward to the end of a month, per source and currency.

    Purchases are what was billed ahead of use (purchase lines, billed less effective);
    amortised is what other lines bear beyond what they bill. Sources without any are left out.
    """
    condition, values = _visible(viewer)
    moved: dict[tuple[str, str], list[Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.name, m.currency,"
            " coalesce(sum(m.billed - m.effective) FILTER (WHERE m.billing_month < %(month)s), 0),"
            " coalesce(sum(m.billed - m.effective) FILTER (WHERE m.billing_month = %(month)s"
            "  AND k.charge_category = 'Purchase'), 0),"
            " coalesce(sum(m.effective - m.billed) FILTER (WHERE m.billing_month = %(month)s"
            "  AND k.charge_category <> 'Purchase'), 0)"
            f" {_LINES} WHERE {condition} AND m.billing_month <= %(month)s"
            " AND m.billed <> m.effective GROUP BY 1, 2",
            {**values, "month": month},
        )
        for source, currency, opening, purchases, amortised in cursor.fetchall():
            moved[source, currency] = [opening, purchases, amortised, Decimal(0), Decimal(0)]
    entries = PrepaidEntry.objects.visible_to(viewer, "money.view").filter(month__lte=month)
    for entry in entries.select_related("source"):
        row = moved.setdefault((entry.source.name, entry.currency), [Decimal(0)] * 5)
        if entry.month < month or entry.kind == PrepaidEntry.Kind.OPENING:
            row[0] = EXACT.add(row[0], entry.amount)
        elif entry.kind == PrepaidEntry.Kind.WRITE_OFF:
            row[3] = EXACT.subtract(row[3], entry.amount)
        else:
            row[4] = EXACT.add(row[4], entry.amount)
    found = []
    for (source, currency), row in sorted(moved.items()):
        opening, purchases, amortised, written_off, fx = row
        closing = exact_sum((opening, purchases, -amortised, -written_off, fx))
        found.append(
            Prepaid(source, currency, opening, purchases, amortised, written_off, fx, closing)
        )
    return found


@dataclass(frozen=True, slots=True)
class Commitment:
    """A purchase order with what was invoiced on it and what is still committed."""

    order: PurchaseOrder
    invoiced: Decimal
    costs: Decimal
    open: Decimal


def commitments(*, viewer: User, on: date, node: ScopeNode | None = None) -> list[Commitment]:
    """
    Give purchase orders with what is still committed: ordered - invoiced - costs typed in.

    An order that is closed or has run out commits nothing more. ``node`` keeps its own orders.
    """
    orders = PurchaseOrder.objects.visible_to(viewer, "money.view").select_related("entity", "node")
    if node is not None:
        orders = orders.filter(node=node)
    found = []
    for order in orders.order_by("number"):
        lines = InvoiceLine.objects.filter(
            order_number=order.number, invoice__currency=order.currency
        ).exclude(invoice__status=Invoice.Status.VOIDED)
        by_lines = lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
        whole = Invoice.objects.filter(
            order_number=order.number, currency=order.currency, typed_total__isnull=False
        ).exclude(status=Invoice.Status.VOIDED)
        whole = whole.exclude(lines__order_number=order.number)
        invoiced = EXACT.add(by_lines, whole.aggregate(sum=Sum("typed_total"))["sum"] or Decimal(0))
        costs = order.costs.filter(withdrawn_at=None, currency=order.currency).aggregate(
            sum=Sum("amount")
        )["sum"] or Decimal(0)
        left = EXACT.subtract(EXACT.subtract(order.amount, invoiced), costs)
        is_over = order.closed_on is not None or order.until_month < on.replace(day=1)
        found.append(Commitment(order, invoiced, costs, Decimal(0) if is_over else left))
    return found
