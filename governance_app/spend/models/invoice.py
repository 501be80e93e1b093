from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.books.models import LegalEntity
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money


class PurchaseOrder(Row):
    """What was ordered and may still be invoiced: a commitment until it is used up or closed."""

    number = models.CharField(max_length=100, unique=True)
    vendor = models.CharField(max_length=200)
    description = models.CharField(max_length=500, blank=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="purchase_orders")
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, null=True, blank=True,
        related_name="purchase_orders",
    )  # fmt: skip
    amount = money(help_text="Net of recoverable tax.")
    currency = models.CharField(max_length=3)
    from_month = models.DateField()
    until_month = models.DateField(help_text="Last month it may be invoiced for.")
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_on = models.DateField(null=True, blank=True, help_text="Nothing more will be invoiced.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="spend_order_not_negative"),
            models.CheckConstraint(
                condition=Q(until_month__gte=models.F("from_month")),
                name="spend_order_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"Purchase order {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class Invoice(Row):
    """
    What an issuer states in one currency: typed in, or the sum of its FOCUS invoice details.

    It is compared with the billed lines of the ledger, tax included. ``month`` is the billing
    month it speaks about. ``verdict`` is what finance says about a difference that stands.
    """

    class Status(models.TextChoices):
        OPEN = "open"
        ISSUED = "issued"
        VOIDED = "voided"

    class Verdict(models.TextChoices):
        NONE = "", "Not looked at"
        EXPLAINED = "explained", "Explained and accepted"
        DISPUTED = "disputed", "Disputed with the issuer"

    issuer = models.CharField(max_length=200)
    number = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    month = models.DateField(help_text="First day of the billing month.")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="invoices")
    entity = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, null=True, blank=True, related_name="invoices"
    )
    typed_total = money(is_optional=True, help_text="Tax included; null when only details came.")
    status = models.CharField(max_length=8, choices=Status, default=Status.ISSUED)
    issued_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    terms = models.CharField(max_length=100, blank=True)
    order_number = models.CharField(max_length=100, blank=True)
    refers_to = models.CharField(
        max_length=200, blank=True, help_text="Invoice that a credit note corrects."
    )
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    details_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.NONE, blank=True)
    comment = models.TextField(blank=True)
    explained = money(is_optional=True, help_text="The difference that the verdict is about.")
    judged_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="judged_invoices"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "number", "currency"], name="spend_invoice_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="spend_invoice_first_of_month"),
            models.CheckConstraint(
                condition=Q(judged_by=None, judged_at=None, verdict="", explained=None)
                | Q(judged_by__isnull=False, judged_at__isnull=False, explained__isnull=False)
                & ~Q(verdict=""),
                name="spend_invoice_verdict_whole",
            ),
        ]
        indexes = [models.Index(fields=["month"], name="spend_invoice_month")]

    def __str__(self) -> str:
        return f"Invoice {self.number} of {self.issuer}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class InvoiceLine(Row):
    """One line of a FOCUS invoice detail, as its issuer states it."""

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    detail_id = models.CharField(max_length=200)
    billing_account = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    charge = models.CharField(max_length=20, help_text="Usage, Purchase, Tax, Credit, Adjustment.")
    grain = models.JSONField(default=dict)
    amount = money()
    payment_currency = models.CharField(max_length=3, blank=True)
    payment_amount = money(is_optional=True)
    order_number = models.CharField(max_length=100, blank=True)
    updated_at = models.DateTimeField()

    scope_lookup = "invoice__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["invoice", "detail_id"], name="spend_invoice_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.charge} {self.amount}"
