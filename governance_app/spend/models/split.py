from django.db import models
from django.db.models import F, Q

from governance_app.initiatives.models import Initiative
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.key import SpendKey
from governance_app.spend.models.rule import RuleVersion


class KeySplit(models.Model):
    """
    A key whose cost a version of a rule splits, in the charge months from ``from_month`` until
    before ``until_month``. Rebuilt by allocation, never edited; such a key has no KeyShare then.
    """

    pk = models.CompositePrimaryKey("key", "from_month")
    key = models.ForeignKey(
        SpendKey, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="splits",
    )  # fmt: skip
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, db_constraint=False, related_name="key_splits"
    )
    from_month = models.DateField()
    until_month = models.DateField()

    scope_lookup = "rule_version__rule__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_month__gt=F("from_month")), name="spend_split_lasts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_version} from {self.from_month:%b %Y}"


class SplitShare(models.Model):
    """
    How a rule version splits one charge month: this initiative's ``weight`` of ``total``.

    An empty initiative is what stays unallocated: a pool nobody passes on, a driver nobody
    used. ``share`` is weight / total to 18 decimals, for people; amounts are split by the whole
    numbers. ``steps`` says how it came about: per pool stepped through the rule, the share, the
    driver and its quantities. Rebuilt by allocation, never edited.
    """

    id = models.BigAutoField(primary_key=True)
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, related_name="split_shares"
    )
    charge_month = models.DateField()
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="split_shares"
    )
    position = models.PositiveIntegerField()
    weight = models.DecimalField(max_digits=900, decimal_places=0)
    total = models.DecimalField(max_digits=900, decimal_places=0)
    share = money()
    steps = models.JSONField(default=list)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule_version", "charge_month", "initiative"],
                nulls_distinct=False,
                name="spend_split_share_once",
            ),
            models.CheckConstraint(
                condition=Q(weight__gt=0, total__gte=F("weight")), name="spend_split_share_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.share.normalize():f} in {self.charge_month:%b %Y}"


class SplitPart(models.Model):
    """
    What an initiative bears of one key-month that is split; the parts sum to it exactly.

    Split by largest remainder in 10^-18. An empty initiative is the part that stays
    unallocated. ``number`` counts the parts of a key-month from 1. Rebuilt by allocation.
    """

    id = models.BigAutoField(primary_key=True)
    load = models.ForeignKey(
        "spend.Load", on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="split_parts",
    )  # fmt: skip
    key = models.ForeignKey(
        SpendKey, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="split_parts",
    )  # fmt: skip
    invoice = models.TextField()
    billing_month = models.DateField()
    charge_month = models.DateField()
    currency = models.CharField(max_length=3)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, db_constraint=False, null=True, blank=True,
        related_name="split_parts",
    )  # fmt: skip
    rule_version = models.ForeignKey(
        RuleVersion, on_delete=models.PROTECT, db_constraint=False, db_index=False,
        related_name="split_parts",
    )  # fmt: skip
    number = models.PositiveIntegerField()
    share = money()
    billed = money()
    effective = money()
    contracted = money(is_optional=True)
    list = money(is_optional=True)
    consumed = money(is_optional=True)
    priced = money(is_optional=True)
    lines = models.BigIntegerField()

    scope_lookup = "load__source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["key", "charge_month"], name="spend_part_of_key"),
            models.Index(fields=["load"], name="spend_part_of_load"),
        ]

    def __str__(self) -> str:
        return f"{self.billed} {self.currency} in {self.charge_month:%b %Y}"
