"""Months, journals, adjustments and the rest of the close as they stand; chargeback."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from governance_app.books.models import AccountingMonth, LegalEntity
from governance_app.domain.money import EXACT
from governance_app.people.models import User
from governance_app.spend.models import (
    Accrual,
    CodingRule,
    DayRate,
    Dispute,
    Explanation,
    Journal,
    LateAdjustment,
    ManualCost,
    MonthClose,
    PurchaseOrder,
    RechargeAgreement,
    SecondLook,
    TaxRule,
    WorkedDays,
)
from governance_app.spend.selectors.close.lines import BookLine, book_lines


@dataclass(frozen=True, slots=True)
class Charge:
    """What a unit is charged in a month for an initiative, from a source and service."""

    unit: str
    initiative: str
    source: str
    service: str
    origin: str
    entity: str
    cost_centre: str
    gl_account: str
    currency: str
    amount: Decimal


def month_state(*, month: date) -> str:
    """Give the state of a month of the books; one nobody opened yet is open."""
    row = AccountingMonth.objects.filter(month=month).values_list("state", flat=True).first()
    return row or AccountingMonth.State.OPEN.value


def closes(*, viewer: User, month: date | None = None) -> QuerySet[MonthClose]:
    """Give the passages through the close that the viewer may see, newest first."""
    found = MonthClose.objects.visible_to(viewer, "money.view").select_related(
        "prepared_by", "approved_by", "closed_by", "reopened_by", "pack", "month"
    )
    if month is not None:
        found = found.filter(month__month=month)
    return found.order_by("-month__month", "-number")


def pack_as_of(*, viewer: User, month: date, at: datetime) -> MonthClose | None:
    """Give the close whose pack was in force at a moment: later ones do not touch it."""
    return closes(viewer=viewer, month=month).filter(closed_at__lte=at).first()


def journals(*, viewer: User, month: date | None = None) -> QuerySet[Journal]:
    """Give the journals of a month, or all, newest month first."""
    found = Journal.objects.visible_to(viewer, "money.view").select_related(
        "posted_by", "document", "reverses"
    )
    if month is not None:
        found = found.filter(month=month)
    return found.prefetch_related("lines").order_by("-month", "entity", "kind", "number")


def journal(*, viewer: User, journal_id: uuid.UUID | str) -> Journal | None:
    """Give one journal, or None when it is not the viewer's to see."""
    return journals(viewer=viewer).filter(pk=journal_id).first()


def accruals(*, viewer: User, month: date | None = None) -> QuerySet[Accrual]:
    """Give the accruals of a month, withdrawn ones included, or all, newest month first."""
    found = Accrual.objects.visible_to(viewer, "money.view").select_related(
        "source__owner", "evidence", "accrued_by"
    )
    if month is not None:
        found = found.filter(month=month)
    return found.order_by("-month", "source__name", "currency", "created_at")


def adjustments(*, viewer: User, month: date | None = None) -> QuerySet[LateAdjustment]:
    """Give late changes of closed months: those of or booked in a month, or all, newest first."""
    found = LateAdjustment.objects.visible_to(viewer, "money.view").select_related(
        "source", "parked__delivery", "posted", "ruled_by"
    )
    if month is not None:
        found = found.filter(original_month=month) | found.filter(posted_month=month)
    return found.order_by("-created_at", "-pk")


def coding_rules(*, viewer: User) -> QuerySet[CodingRule]:
    """Give the rules of coding in the order they are asked."""
    return CodingRule.objects.visible_to(viewer).order_by("field", "position", "from_month", "pk")


def tax_rules(*, viewer: User) -> QuerySet[TaxRule]:
    """Give what tax codes mean, by entity."""
    found = TaxRule.objects.visible_to(viewer).select_related("entity")
    return found.order_by("entity__code", "code", "-from_month")


def agreements(*, viewer: User) -> QuerySet[RechargeAgreement]:
    """Give the agreements on recharges between entities."""
    found = RechargeAgreement.objects.visible_to(viewer).select_related("payer", "bearer")
    return found.order_by("payer__code", "bearer__code", "-from_month")


def manual_costs(*, viewer: User, month: date) -> QuerySet[ManualCost]:
    """Give the costs typed in for a month, withdrawn ones included."""
    found = ManualCost.objects.visible_to(viewer, "money.view").filter(month=month)
    return found.select_related("initiative", "node", "entity", "evidence", "order").order_by(
        "created_at", "pk"
    )


def day_rates(*, viewer: User) -> QuerySet[DayRate]:
    """Give what a day of each kind of person costs, newest first."""
    found = DayRate.objects.visible_to(viewer, "money.view").select_related("entity")
    return found.order_by("persona", "-from_month", "pk")


def worked_days(*, viewer: User, month: date) -> QuerySet[WorkedDays]:
    """Give the days worked in a month."""
    found = WorkedDays.objects.visible_to(viewer, "money.view").filter(month=month)
    return found.select_related("initiative", "entity", "evidence").order_by(
        "initiative__number", "persona", "pk"
    )


def orders(*, viewer: User) -> QuerySet[PurchaseOrder]:
    """Give the purchase orders by number."""
    return PurchaseOrder.objects.visible_to(viewer, "money.view").order_by("number")


def explanations(*, viewer: User, month: date) -> QuerySet[Explanation]:
    """Give what was said about differences of a month, newest first."""
    found = Explanation.objects.visible_to(viewer, "money.view").filter(month=month)
    return found.select_related("author", "decided_by", "node").order_by("-created_at", "-pk")


def disputes(*, viewer: User, month: date | None = None) -> QuerySet[Dispute]:
    """Give the disputes of a month, or all, newest first."""
    found = Dispute.objects.visible_to(viewer, "money.view")
    if month is not None:
        found = found.filter(month=month)
    return found.select_related("node", "raised_by", "owner", "decided_by").order_by(
        "-created_at", "-pk"
    )


def chargeback(*, viewer: User, month: date, unit: str = "") -> list[Charge]:
    """
    Give what each unit is charged in a month: cost without the tax that comes back, exactly.

    What nobody bears stands under an empty unit. The sum is the cost of the books.
    """
    sums: dict[tuple[str, ...], Decimal] = {}
    for line in book_lines(viewer=viewer, month=month):
        if unit and line.unit != unit:
            continue
        key = (
            line.unit, line.initiative, line.source, line.service, line.origin, line.entity,
            line.cost_centre, line.gl_account, line.currency,
        )  # fmt: skip
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), line.cost)
    return [Charge(*key, amount) for key, amount in sorted(sums.items())]  # type: ignore[arg-type,call-arg]


def summed(lines: list[BookLine]) -> list[dict[str, Any]]:
    """Sum lines of the books by currency and origin, for a page or an answer."""
    found: dict[tuple[str, str], dict[str, Decimal]] = {}
    for line in lines:
        row = found.setdefault(
            (line.currency, line.origin),
            dict.fromkeys(
                ("billed", "effective", "recoverable", "cost", "unallocated"), Decimal(0)
            ),
        )
        for name in ("billed", "effective", "recoverable", "cost"):
            row[name] = EXACT.add(row[name], getattr(line, name))
        if not line.initiative:
            row["unallocated"] = EXACT.add(row["unallocated"], line.cost)
    return [
        {"currency": currency, "origin": origin, **row}
        for (currency, origin), row in sorted(found.items())
    ]


def second_looks(*, viewer: User) -> QuerySet[SecondLook]:
    """Give what waits for a second person and what was decided, newest first."""
    found = SecondLook.objects.visible_to(viewer, "money.view")
    return found.select_related("asked_by", "decided_by", "node").order_by("-created_at", "-pk")


def entity(*, viewer: User, code: str) -> LegalEntity | None:
    """Give a legal entity by its code."""
    return LegalEntity.objects.visible_to(viewer).filter(code=code).first()
