from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.books.models import LegalEntity
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money


class RechargeAgreement(Row):
    """On what terms one legal entity charges another for costs it paid on the other's behalf."""

    payer = models.ForeignKey(LegalEntity, on_delete=models.PROTECT, related_name="recharges_given")
    bearer = models.ForeignKey(
        LegalEntity, on_delete=models.PROTECT, related_name="recharges_taken"
    )
    reference = models.CharField(max_length=200)
    mark_up = models.DecimalField(max_digits=9, decimal_places=6, help_text="0.05 is 5 %.")
    tax_code = models.CharField(max_length=20)
    from_month = models.DateField()
    until_month = models.DateField(null=True, blank=True)
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=~Q(payer=F("bearer")), name="spend_recharge_two"),
            models.CheckConstraint(condition=Q(mark_up__gte=0), name="spend_recharge_mark_up"),
            models.CheckConstraint(
                condition=Q(until_month=None) | Q(until_month__gt=F("from_month")),
                name="spend_recharge_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} recharges {self.bearer}: {self.reference}"


class Journal(Row):
    """
    A document for the general ledger: balanced in one entity, currency and month.

    A draft is made anew as often as the month changes; a posted one never changes but for the
    number the ERP gives it. ``key`` makes posting twice one document.
    """

    class Kind(models.TextChoices):
        ALLOCATION = "allocation", "Cost allocation"
        ACCRUAL = "accrual", "Accrual"
        REVERSAL = "reversal", "Reversal of an accrual"
        TRUE_UP = "true-up", "True-up and late adjustments"
        RECHARGE = "recharge", "Recharge between entities"

    class State(models.TextChoices):
        DRAFT = "draft"
        POSTED = "posted"

    number = models.CharField(max_length=40, unique=True)
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind)
    entity = models.CharField(max_length=20, help_text="Code of the legal entity.")
    currency = models.CharField(max_length=3)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="journals")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    debit = money()
    credit = money()
    digest = models.CharField(max_length=64, help_text="SHA-256 of its lines.")
    key = models.CharField(max_length=200, blank=True)
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    posted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="posted_journals"
    )
    posted_at = models.DateTimeField(null=True, blank=True)
    erp_number = models.CharField(max_length=100, blank=True)
    erp_at = models.DateTimeField(null=True, blank=True)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(debit=F("credit")), name="spend_journal_balances"),
            models.UniqueConstraint(
                fields=["month", "kind", "entity", "currency"],
                condition=Q(state="draft"),
                name="spend_journal_one_draft",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=~Q(key=""), name="spend_journal_key_once"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", posted_by=None, posted_at=None, document=None)
                | Q(
                    state="posted",
                    posted_by__isnull=False,
                    posted_at__isnull=False,
                    document__isnull=False,
                ),
                name="spend_journal_posted_whole",
            ),
        ]
        indexes = [models.Index(fields=["month"], name="spend_journal_month")]

    def __str__(self) -> str:
        return f"Journal {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class JournalLine(Row):
    """One side of an entry; written with its journal and never edited."""

    journal = models.ForeignKey(Journal, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    account = models.CharField(max_length=100)
    cost_centre = models.CharField(max_length=100, blank=True)
    project = models.CharField(max_length=100, blank=True)
    vendor = models.CharField(max_length=100, blank=True)
    tax_code = models.CharField(max_length=100, blank=True)
    partner = models.CharField(max_length=20, blank=True, help_text="The other entity.")
    initiative = models.CharField(max_length=40, blank=True, help_text="Key.")
    text = models.CharField(max_length=300)
    debit = money()
    credit = money()

    scope_lookup = "journal__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["journal", "number"], name="spend_journal_line_once"),
            models.CheckConstraint(
                condition=Q(debit__gte=0, credit=0) | Q(debit=0, credit__gte=0),
                name="spend_journal_line_one_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.text}"
