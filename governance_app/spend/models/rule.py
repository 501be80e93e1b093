from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet


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
    What a rule says from a charge month on; only its end is ever changed.

    Rules are asked in order of ``position``; the first that matches wins. ``conditions`` is a
    list of {"dimension", "tag", "value"}: all must match. A ``direct`` rule sends everything to
    ``initiative``, or, when ``takes_key``, to the initiative whose key is the matched value.
    """

    class Kind(models.TextChoices):
        DIRECT = "direct", "All of it to one initiative"

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

    scope_lookup = "rule__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="spend_rule_version_once"),
            models.CheckConstraint(
                condition=Q(takes_key=True, initiative=None)
                | Q(takes_key=False, initiative__isnull=False),
                name="spend_rule_has_one_target",
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
