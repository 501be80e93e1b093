"""Costs no bill brings, people, orders, taxes, prepaid entries, recharges between entities."""

from datetime import date, datetime
from decimal import Decimal

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.models import LegalEntity
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import (
    CostCategory,
    DayRate,
    ManualCost,
    PrepaidEntry,
    PurchaseOrder,
    RechargeAgreement,
    Source,
    TaxRule,
    WorkedDays,
)
from governance_app.spend.two_people import COSTS, refuse_alone


@recorded
def set_tax_rule(
    *,
    entity: LegalEntity,
    code: str,
    rate: Decimal,
    recoverable: Decimal,
    from_month: date,
    by: User,
) -> TaxRule:
    """
    Say what a tax code means for an entity from a month on.

    Raises:
        Sentence: a ratio cannot be, or the month is closed.
    """
    access.require(by, "close.prepare")
    from_month = month_of(from_month)
    refuse_closed(month=from_month, what="a tax")
    if rate < 0 or not 0 <= recoverable <= 1:
        raise Sentence("A tax rate is not negative, and from nothing to all of it comes back.")
    if TaxRule.objects.filter(entity=entity, code=code.strip(), from_month=from_month).exists():
        raise Sentence(f"{code} of {entity} has a rule from {from_month:%B %Y} already.")
    if not code.strip():
        raise Sentence("A tax has the code that the ERP knows it by.")
    return TaxRule.objects.create(
        entity=entity, code=code.strip(), rate=rate, recoverable=recoverable, from_month=from_month
    )


@recorded
def add_purchase_order(
    *,
    number: str,
    vendor: str,
    amount: Decimal,
    currency: str,
    from_month: date,
    until_month: date,
    by: User,
    description: str = "",
    entity: LegalEntity | None = None,
    node: ScopeNode | None = None,
    evidence: StoredFile | None = None,
) -> PurchaseOrder:
    """
    Enter a purchase order: a commitment until it is invoiced, runs out or is closed.

    Raises:
        Sentence: the number is taken or empty, the amount negative, or it ends before it begins.
    """
    place = node or _organisation()
    access.require(by, "close.prepare", place)
    if not number.strip() or not vendor.strip():
        raise Sentence("A purchase order has a number and a vendor.")
    if PurchaseOrder.objects.filter(number=number.strip()).exists():
        raise Sentence(f"Purchase order {number.strip()} stands already.")
    if amount < 0 or until_month < from_month:
        raise Sentence("An order is not negative, and ends after it begins.")
    return PurchaseOrder.objects.create(
        number=number.strip(), vendor=vendor.strip(), amount=amount, currency=currency,
        from_month=month_of(from_month), until_month=month_of(until_month),
        description=description.strip(), entity=entity, node=place, evidence=evidence,
    )  # fmt: skip


@recorded
def close_purchase_order(
    *, order: PurchaseOrder, on: date, by: User, version: int | None = None
) -> PurchaseOrder:
    """Say that nothing more will be invoiced on an order; what is left is no commitment."""
    access.require(by, "close.prepare", order)
    order = PurchaseOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    check_version(order, version)
    save_changes(order, closed_on=on)
    return order


@recorded
def add_manual_cost(
    *,
    month: date,
    description: str,
    category: str,
    amount: Decimal,
    currency: str,
    evidence: StoredFile,
    by: User,
    initiative: Initiative | None = None,
    node: ScopeNode | None = None,
    tax: Decimal = Decimal(0),
    tax_code: str = "",
    vendor: str = "",
    entity: LegalEntity | None = None,
    order: PurchaseOrder | None = None,
    is_capex: bool = False,
    is_recurring: bool = False,
) -> ManualCost:
    """
    Enter a cost no bill brings, with the file that proves it.

    Args:
        amount: net of tax; ``tax`` beside it, of which the entity's rule says what comes back.
        initiative: who bears it; None = the ``node``, or the organisation.

    Raises:
        Sentence: a second person has to approve it.
        Sentence: it says nothing, or names an unknown category.
        MonthClosed: the month is closed.
    """
    refuse_alone(COSTS, by)
    return put_manual_cost(
        month=month,
        description=description,
        category=category,
        amount=amount,
        currency=currency,
        evidence=evidence,
        by=by,
        initiative=initiative,
        node=node,
        tax=tax,
        tax_code=tax_code,
        vendor=vendor,
        entity=entity,
        order=order,
        is_capex=is_capex,
        is_recurring=is_recurring,
    )


def put_manual_cost(
    *,
    month: date,
    description: str,
    category: str,
    amount: Decimal,
    currency: str,
    evidence: StoredFile,
    by: User,
    initiative: Initiative | None = None,
    node: ScopeNode | None = None,
    tax: Decimal = Decimal(0),
    tax_code: str = "",
    vendor: str = "",
    entity: LegalEntity | None = None,
    order: PurchaseOrder | None = None,
    is_capex: bool = False,
    is_recurring: bool = False,
) -> ManualCost:
    """Do what ``add_manual_cost`` says, whoever else had to look."""
    place = initiative.node if initiative is not None else node or _organisation()
    access.require(by, "close.prepare", place)
    month = month_of(month)
    refuse_closed(month=month, what="a cost")
    if category not in CostCategory.values:
        raise Sentence(
            f"Unknown category {category!r}; categories are {', '.join(CostCategory.values)}."
        )
    if not description.strip():
        raise Sentence("Write what the cost is for.")
    return ManualCost.objects.create(
        month=month, description=description.strip()[:500], category=category, amount=amount,
        currency=currency, evidence=evidence, initiative=initiative, node=place, tax=tax,
        tax_code=tax_code.strip(), vendor=vendor.strip(), entity=entity, order=order,
        is_capex=is_capex, is_recurring=is_recurring, entered_by=by,
    )  # fmt: skip


@recorded
def withdraw_manual_cost(
    *, cost: ManualCost, by: User, now: datetime, version: int | None = None
) -> ManualCost:
    """
    Take back a cost that was typed in wrongly.

    Raises:
        Sentence: a second person has to approve it.
        MonthClosed: its month is closed; enter the opposite in an open one.
    """
    refuse_alone(COSTS, by)
    return put_withdrawal(cost=cost, by=by, now=now, version=version)


def put_withdrawal(
    *, cost: ManualCost, by: User, now: datetime, version: int | None = None
) -> ManualCost:
    """Do what ``withdraw_manual_cost`` says, whoever else had to look."""
    access.require(by, "close.prepare", cost)
    cost = ManualCost.objects.select_for_update(of=("self",)).get(pk=cost.pk)
    check_version(cost, version)
    refuse_closed(month=cost.month, what="a cost")
    if cost.withdrawn_at is None:
        save_changes(cost, withdrawn_at=now)
    return cost


@recorded
def set_day_rate(
    *,
    persona: str,
    amount: Decimal,
    currency: str,
    from_month: date,
    by: User,
    entity: LegalEntity | None = None,
    tax_code: str = "",
) -> DayRate:
    """
    Set what a day of a kind of person costs from a month on; earlier months keep theirs.

    Raises:
        Sentence: it stands already or is negative.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    from_month = month_of(from_month)
    refuse_closed(month=from_month, what="a day rate")
    persona = persona.strip()
    if not persona or amount < 0:
        raise Sentence("A day rate names the kind of person and is not negative.")
    if DayRate.objects.filter(
        persona__iexact=persona, entity=entity, from_month=from_month
    ).exists():
        raise Sentence(f"A day of {persona} has a rate from {from_month:%B %Y} already.")
    return DayRate.objects.create(
        persona=persona, amount=amount, currency=currency, from_month=from_month, entity=entity,
        tax_code=tax_code.strip(), node=_organisation(),
    )  # fmt: skip


@recorded
def enter_days(
    *,
    initiative: Initiative,
    persona: str,
    month: date,
    days: Decimal,
    by: User,
    entity: LegalEntity | None = None,
    note: str = "",
    evidence: StoredFile | None = None,
) -> WorkedDays:
    """
    Enter the days people of one kind worked for an initiative in a month; again corrects them.

    Raises:
        Sentence: the days cannot be.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", initiative)
    month = month_of(month)
    refuse_closed(month=month, what="a timesheet")
    if not persona.strip() or not days.is_finite() or not 0 <= days < 100_000:
        raise Sentence("Name the kind of person, and days that are not negative.")
    row = (
        WorkedDays.objects.select_for_update(of=("self",))
        .filter(initiative=initiative, persona__iexact=persona.strip(), entity=entity, month=month)
        .first()
    )
    if row is None:
        return WorkedDays.objects.create(
            initiative=initiative, persona=persona.strip(), entity=entity, month=month, days=days,
            note=note.strip(), evidence=evidence, entered_by=by,
        )  # fmt: skip
    save_changes(row, days=days, note=note.strip(), evidence=evidence or row.evidence)
    return row


@recorded
def enter_prepaid(
    *,
    source: Source,
    month: date,
    currency: str,
    kind: str,
    amount: Decimal,
    sentence: str,
    by: User,
    evidence: StoredFile | None = None,
) -> PrepaidEntry:
    """
    Move a prepaid balance besides bills: opening, write-off (an amount that goes), FX.

    Args:
        amount: a write-off is written as what goes, positive.

    Raises:
        Sentence: unknown kind, or no reason.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", source)
    month = month_of(month)
    refuse_closed(month=month, what="a prepaid balance")
    if kind not in PrepaidEntry.Kind.values:
        raise Sentence(f"Unknown kind {kind!r}; kinds are {', '.join(PrepaidEntry.Kind.values)}.")
    if not sentence.strip():
        raise Sentence("Write why the balance moves.")
    signed = -abs(amount) if kind == PrepaidEntry.Kind.WRITE_OFF else amount
    return PrepaidEntry.objects.create(
        source=source, month=month, currency=currency, kind=kind, amount=signed,
        sentence=sentence.strip(), evidence=evidence, entered_by=by,
    )  # fmt: skip


@recorded
def add_recharge_agreement(
    *,
    payer: LegalEntity,
    bearer: LegalEntity,
    reference: str,
    mark_up: Decimal,
    tax_code: str,
    from_month: date,
    by: User,
    until_month: date | None = None,
    evidence: StoredFile | None = None,
) -> RechargeAgreement:
    """
    Agree on what terms an entity charges another for what it paid on its behalf.

    Raises:
        Sentence: the two are one, an agreement overlaps, or a ratio cannot be.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    from_month = month_of(from_month)
    refuse_closed(month=from_month, what="an agreement")
    if payer == bearer or mark_up < 0 or not reference.strip():
        raise Sentence("An agreement has a reference, two entities, and a mark-up of 0 or more.")
    overlapping = RechargeAgreement.objects.filter(payer=payer, bearer=bearer).exclude(
        until_month__lte=from_month
    )
    if until_month is not None:
        overlapping = overlapping.filter(from_month__lt=until_month)
    if (other := overlapping.first()) is not None:
        raise Sentence(f"{other} is in force from {other.from_month:%B %Y}; end it first.")
    return RechargeAgreement.objects.create(
        payer=payer, bearer=bearer, reference=reference.strip(), mark_up=mark_up,
        tax_code=tax_code.strip(), from_month=from_month, until_month=until_month,
        evidence=evidence,
    )  # fmt: skip


def _organisation() -> ScopeNode:
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    return place
