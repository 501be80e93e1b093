from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.initiatives.models import Initiative
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.key import SpendKey
from governance_app.spend.models.load import Delivery
from governance_app.spend.models.rule import RuleVersion
from governance_app.spend.models.source import Source


class KeyShare(models.Model):
    """
    The share of a key that an initiative bears in the charge months from ``from_month`` until
    before ``until_month``, by a version of a rule. Rebuilt by allocation, never edited.
    """

    pk = models.CompositePrimaryKey("key", "from_month", "initiative")
    key = models.ForeignKey(
        SpendKey, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="shares",
    )  # fmt: skip
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, db_constraint=False, related_name="key_shares"
    )
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="key_shares",
    )  # fmt: skip
    from_month = models.DateField()
    until_month = models.DateField()
    share = money()

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=1), name="spend_share_part"),
            models.CheckConstraint(
                condition=Q(until_month__gt=F("from_month")), name="spend_share_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share.normalize():f} from {self.from_month:%b %Y}"


class AllocationRun(Row):
    """
    One run of allocation with the invariant it kept, in its balances; never changed.

    ``cause``: a delivery that brought new figures, or the rules that changed.
    """

    class Cause(models.TextChoices):
        DELIVERY = "delivery"
        RULES = "rules"

    cause = models.CharField(max_length=10, choices=Cause)
    delivery = models.ForeignKey(
        Delivery, on_delete=models.PROTECT, null=True, blank=True, related_name="allocation_runs"
    )
    months = ArrayField(models.DateField(), help_text="Billing months it balanced.")
    rules = ArrayField(models.UUIDField(), help_text="Rule versions asked, in order.")
    asked = models.JSONField(
        default=list, help_text="What was asked, so that the next run does only what differs."
    )
    keys_touched = models.BigIntegerField(default=0)
    shares_added = models.BigIntegerField()
    shares_removed = models.BigIntegerField()

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["-created_at"], name="spend_run_newest")]

    def __str__(self) -> str:
        return f"Allocation of {self.created_at:%d %b %Y %H:%M}"


class AllocationBalance(UncapturedRow):
    """
    Allocated + unallocated = source, for one source, billing month, currency and cost basis.

    ``source_total`` comes from the totals counted while the lines were read, the other two from
    the key-months; the database refuses a balance that does not hold.
    """

    class Basis(models.TextChoices):
        BILLED = "billed"
        EFFECTIVE = "effective"
        CONTRACTED = "contracted"
        LIST = "list"

    run = models.ForeignKey(AllocationRun, on_delete=models.PROTECT, related_name="balances")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="balances")
    billing_month = models.DateField()
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=10, choices=Basis)
    source_total = money()
    allocated = money()
    unallocated = money()

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(source_total=F("allocated") + F("unallocated")),
                name="spend_balance_holds",
            ),
            models.UniqueConstraint(
                fields=["run", "source", "billing_month", "currency", "basis"],
                name="spend_balance_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.billing_month:%b %Y} {self.basis} {self.currency}"
