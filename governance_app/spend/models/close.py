from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.books.models import AccountingMonth
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.source import Source


class SourceMonth(Row):
    """Somebody's word that what a source brought for a month is final."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="months")
    month = models.DateField()
    sentence = models.CharField(max_length=300)
    declared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="final_sources")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "month"],
                condition=Q(withdrawn_at=None),
                name="spend_source_month_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source} is final for {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node


class MonthClose(Row):
    """
    One passage of a month through the close: who prepared, approved and closed it, on what.

    A reopened month gets a new one beside the old; the frozen facts and the pack of each stay.
    """

    month = models.ForeignKey(AccountingMonth, on_delete=models.PROTECT, related_name="closes")
    number = models.PositiveIntegerField(help_text="Passage of the month, from 1.")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="closes")
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="prepared_closes")
    prepared_at = models.DateTimeField()
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="approved_closes"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_digest = models.CharField(
        max_length=64, blank=True, help_text="Of the figures as they were approved."
    )
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="ledger_closes"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    totals = models.JSONField(default=list)
    checklist = models.JSONField(default=list)
    rates = models.JSONField(default=list, help_text="Every rate the month used, with its value.")
    validations = models.JSONField(default=list)
    rules = ArrayField(models.UUIDField(), default=list, help_text="Rule versions in force.")
    loads = ArrayField(models.UUIDField(), default=list, help_text="Loads that counted.")
    row_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its key-months.")
    pack = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    returned_at = models.DateTimeField(null=True, blank=True, help_text="Sent back to open.")
    reopened_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="reopened_closes"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was sent back or reopened.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["month", "number"], name="spend_close_once"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, pack=None)
                | Q(
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                    pack__isnull=False,
                    approved_at__isnull=False,
                ),
                name="spend_close_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="spend_close_approved_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(reopened_at=None, reopened_by=None)
                | Q(reopened_at__isnull=False, reopened_by__isnull=False) & ~Q(reason=""),
                name="spend_close_reopened_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Close {self.number} of {self.month.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class ClosedLine(UncapturedRow):
    """A line of the books as it was frozen: what a closed month keeps whatever comes later."""

    close = models.ForeignKey(MonthClose, on_delete=models.PROTECT, related_name="lines")
    number = models.PositiveIntegerField()
    origin = models.CharField(max_length=20)
    source = models.CharField(max_length=200)
    payer = models.CharField(max_length=100)
    entity = models.CharField(max_length=100)
    cost_centre = models.CharField(max_length=100)
    gl_account = models.CharField(max_length=100)
    project = models.CharField(max_length=100)
    vendor = models.CharField(max_length=100)
    tax_code = models.CharField(max_length=100)
    initiative = models.CharField(max_length=40)
    unit = models.CharField(max_length=500)
    issuer = models.TextField()
    invoice = models.TextField()
    service = models.TextField()
    charge = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    billed = money()
    effective = money()
    recoverable = money()

    scope_lookup = "close__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["close", "number"], name="spend_closed_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.effective} {self.currency}"


class TrialBalance(Row):
    """What the general ledger says for a month, as imported; a later import replaces it."""

    month = models.DateField()
    number = models.PositiveIntegerField()
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="trial_balances")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    rows = models.PositiveIntegerField()
    imported_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="trial_balances")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["month", "number"], name="spend_trial_balance_once")
        ]

    def __str__(self) -> str:
        return f"Trial balance of {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class TrialBalanceLine(UncapturedRow):
    """The balance of an account of an entity, by cost centre; debits are positive."""

    balance = models.ForeignKey(TrialBalance, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(help_text="Row of the file; the header is row 1.")
    entity = models.CharField(max_length=100)
    account = models.CharField(max_length=100)
    cost_centre = models.CharField(max_length=100, blank=True)
    currency = models.CharField(max_length=3)
    amount = money()

    scope_lookup = "balance__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["balance", "row"], name="spend_trial_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.account} {self.amount} {self.currency}"


class Explanation(Row):
    """
    Why a figure of a month is not what it should be: an owner says it, finance accepts it.

    It is about ``amount``: when the figure moves afterwards, it has to be explained again.
    """

    class About(models.TextChoices):
        VARIANCE = "variance", "Actual against budget"
        GENERAL_LEDGER = "general ledger", "Ledger against general ledger"

    class State(models.TextChoices):
        PROPOSED = "proposed"
        ACCEPTED = "accepted"
        RETURNED = "returned"

    month = models.DateField()
    about = models.CharField(max_length=16, choices=About)
    subject = models.CharField(max_length=300, help_text="What it is about, as the pages key it.")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="explanations")
    amount = money()
    currency = models.CharField(max_length=3)
    sentence = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="explanations")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_explanations"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by=None, decided_at=None)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="spend_explanation_decided_whole",
            )
        ]
        indexes = [models.Index(fields=["month", "about"], name="spend_explanation_month")]

    def __str__(self) -> str:
        return f"{self.get_about_display()}: {self.subject}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class Dispute(Row):
    """
    A unit's objection to a line that is charged to it; it moves no total by itself.

    An accepted one says what is done about it (a rule from a month on, a journal); that is
    where the figures change, in the open.
    """

    class State(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    month = models.DateField()
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="disputes")
    initiative = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=200)
    service = models.CharField(max_length=500, blank=True)
    amount = money(help_text="What the line was when it was disputed.")
    currency = models.CharField(max_length=3)
    reason = models.TextField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="raised_disputes")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="owned_disputes")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    outcome = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_disputes"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, decided_at=None)
                | ~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="spend_dispute_decided_whole",
            )
        ]
        indexes = [models.Index(fields=["month"], name="spend_dispute_month")]

    def __str__(self) -> str:
        return f"Dispute of {self.node}, {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
