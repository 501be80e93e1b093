from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.key import SpendKey
from governance_app.spend.models.load import Load
from governance_app.spend.models.source import Source


class LateAdjustment(Row):
    """
    What a bill that came for a closed month changes, and where that is booked.

    ``parked`` is the load that came; ``posted`` is the load of kind adjustment that says
    parked - (frozen + adjustments posted before) in an open month. A material one, or one that
    crosses the fiscal year, waits for a ruling of finance.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a ruling"
        POSTED = "posted"
        SUPERSEDED = "superseded", "A later bill took its place"
        SET_ASIDE = "set aside", "Finance ruled that nothing is booked"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="adjustments")
    scope = models.CharField(max_length=200)
    original_month = models.DateField()
    parked = models.OneToOneField(Load, on_delete=models.PROTECT, related_name="late_adjustment")
    posted = models.OneToOneField(
        Load, on_delete=models.PROTECT, null=True, blank=True, related_name="adjustment"
    )
    posted_month = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State)
    amounts = models.JSONField(
        help_text="Currency -> {billed, effective} that it changes, as exact text."
    )
    is_material = models.BooleanField()
    is_cross_year = models.BooleanField()
    sentence = models.TextField(help_text="Why it waits, or why it was posted at once.")
    ruling = models.TextField(blank=True)
    ruled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="ruled_adjustments"
    )
    ruled_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state="posted", posted__isnull=False, posted_month__isnull=False)
                | ~Q(state="posted") & Q(posted=None, posted_month=None),
                name="spend_adjustment_posted_whole",
            ),
            models.CheckConstraint(
                condition=Q(ruled_by=None, ruled_at=None)
                | Q(ruled_by__isnull=False, ruled_at__isnull=False),
                name="spend_adjustment_ruled_who_and_when",
            ),
        ]
        indexes = [
            models.Index(fields=["source", "scope", "original_month"], name="spend_adjustment_of")
        ]

    def __str__(self) -> str:
        return f"Late bill of {self.source} for {self.original_month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node


class ParkedKeyMonth(models.Model):
    """What a key costs in a parked load: the ledger does not hold it, an adjustment reads it."""

    pk = models.CompositePrimaryKey("load", "key", "charge_month", "currency", "invoice")
    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="parked_key_months")
    key = models.ForeignKey(
        SpendKey, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="parked_months",
    )  # fmt: skip
    invoice = models.TextField()
    charge_month = models.DateField()
    currency = models.CharField(max_length=3)
    billed = money()
    effective = money()
    contracted = money(is_optional=True)
    list = money(is_optional=True)
    consumed = money(is_optional=True)
    priced = money(is_optional=True)
    lines = models.BigIntegerField()

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.billed} {self.currency}, parked"
