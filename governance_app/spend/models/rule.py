from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.pool import Pool


class Rule(Row):
    """A named allocation rule; what it says stands in its versions."""

    name = models.CharField(max_length=200, unique=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="spend_rules")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        pass

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class RuleVersion(Row):
    """
    What a rule says from a charge month on; only its end and its place are ever changed.

    Rules are asked in order of ``position``; the first that matches wins. ``conditions`` is a
    list of {"dimension", "tag", "match", "values"}: all must match (``spend.saying`` reads it).
    A rule with a ``from_pool`` has none: it passes on what the pool received. A ``direct`` rule
    sends everything to ``initiative``, or, when ``takes_key``, to the initiative whose key is
    the matched value; a ``pool`` rule to ``pool``; the others split over their targets, a
    ``driver`` rule without targets over every initiative ``within`` a unit that has the driver.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct", "All of it to one initiative"
        EVEN = "even", "Split evenly"
        FIXED = "fixed", "Split by fixed shares"
        DRIVER = "driver", "Split in proportion to a driver"
        POOL = "pool", "Into a shared-cost pool"

    class Driver(models.TextChoices):
        COST = "cost", "direct cost"
        TOKENS = "tokens", "tokens"
        REQUESTS = "requests", "requests"
        SEATS = "seats", "seats"

    class WhenZero(models.TextChoices):
        UNALLOCATED = "unallocated", "Stays unallocated"
        EVEN = "even", "Is split evenly"

    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    from_month = models.DateField()
    until_month = models.DateField(
        null=True, blank=True, help_text="First charge month it no longer applies to."
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.DIRECT)
    conditions = models.JSONField()
    takes_key = models.BooleanField(default=False)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="spend_rules"
    )
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="filled_by"
    )
    from_pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="passed_on_by"
    )
    driver = models.CharField(max_length=10, choices=Driver, blank=True)
    when_zero = models.CharField(
        max_length=12, choices=WhenZero, default=WhenZero.UNALLOCATED, blank=True
    )
    within = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    takes_unused = models.BooleanField(
        default=False, help_text="Splits unused commitments too; else they stay with the buyer."
    )

    scope_lookup = "rule__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="spend_rule_version_once"),
            models.CheckConstraint(
                condition=Q(kind="direct", pool=None, takes_key=True, initiative=None)
                | Q(kind="direct", pool=None, takes_key=False, initiative__isnull=False)
                | Q(kind="pool", pool__isnull=False, takes_key=False, initiative=None)
                | Q(
                    kind__in=["even", "fixed", "driver"],
                    pool=None,
                    takes_key=False,
                    initiative=None,
                ),
                name="spend_rule_has_one_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(kind="driver") & ~Q(driver="")) | (~Q(kind="driver") & Q(driver="")),
                name="spend_rule_driver_when_driven",
            ),
            models.CheckConstraint(
                condition=Q(until_month=None) | Q(until_month__gte=F("from_month")),
                name="spend_rule_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(from_month__day=1) & (Q(until_month=None) | Q(until_month__day=1)),
                name="spend_rule_first_of_month",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule}, version {self.number}"


class RuleTarget(Row):
    """
    Somebody a rule version splits to: an initiative, or a later pool; never changed.

    ``share`` is set for fixed shares only.
    """

    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="targets")
    position = models.PositiveIntegerField()
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="rule_targets"
    )
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, null=True, blank=True, related_name="rule_targets"
    )
    share = money(is_optional=True)

    scope_lookup = "rule_version__rule__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["rule_version", "initiative"], name="spend_target_initiative_once"
            ),
            models.UniqueConstraint(fields=["rule_version", "pool"], name="spend_target_pool_once"),
            models.CheckConstraint(
                condition=Q(initiative=None, pool__isnull=False)
                | Q(initiative__isnull=False, pool=None),
                name="spend_target_is_one",
            ),
            models.CheckConstraint(
                condition=Q(share=None) | Q(share__gt=0, share__lte=1), name="spend_target_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative or self.pool}"
