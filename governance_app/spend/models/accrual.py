from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.source import Source


class Accrual(Row):
    """
    What a source is estimated to cost in a month whose bill has not come, or not whole.

    It counts in ``month`` and is taken back by itself in ``reversal_month``; when the bill
    comes, ``actual`` says what it was and the difference is the true-up.
    """

    class Method(models.TextChoices):
        LAST_MONTH = "last month", "What the source cost in the month before"
        AVERAGE = "average", "The average of the last three months"
        RUN_RATE = "run rate", "The days that have come, carried to the end of the month"
        STATED = "stated", "A figure from a contract, quote or the vendor's console"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="accruals")
    month = models.DateField()
    reversal_month = models.DateField()
    currency = models.CharField(max_length=3)
    amount = money()
    method = models.CharField(max_length=12, choices=Method)
    sentence = models.TextField(help_text="Why this much, as an auditor reads it.")
    workings = models.JSONField(default=dict, help_text="The figures the estimate was made from.")
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    accrued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="accruals")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    actual = money(is_optional=True, help_text="What the bill came to, once it came.")
    trued_up_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "month", "currency"],
                condition=Q(withdrawn_at=None),
                name="spend_accrual_once",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, reversal_month__day=1, reversal_month__gt=F("month")),
                name="spend_accrual_months",
            ),
            models.CheckConstraint(
                condition=Q(actual=None, trued_up_at=None)
                | Q(actual__isnull=False, trued_up_at__isnull=False),
                name="spend_accrual_true_up_whole",
            ),
            models.CheckConstraint(
                condition=~Q(method="stated") | Q(evidence__isnull=False),
                name="spend_accrual_stated_has_evidence",
            ),
        ]

    def __str__(self) -> str:
        return f"Accrual of {self.source}, {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node


class AccrualLine(Row):
    """The part of an accrual that an initiative bears; without one it is unallocated."""

    accrual = models.ForeignKey(Accrual, on_delete=models.PROTECT, related_name="lines")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="accrual_lines"
    )
    amount = money()

    scope_lookup = "accrual__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["accrual", "initiative"],
                name="spend_accrual_line_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
