from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.budget import BudgetPlan
from governance_app.spend.models.fields import money


class BudgetAlert(Row):
    """
    A budget of a fiscal year reached a threshold: raised once for a plan, a place and a threshold.

    ``kind`` says whether what was spent reached it, or what is forecast for the whole year.
    """

    class Kind(models.TextChoices):
        ACTUAL = "actual", "spent"
        FORECAST = "forecast", "forecast"

    plan = models.ForeignKey(BudgetPlan, on_delete=models.PROTECT, related_name="alerts")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="budget_alerts")
    kind = models.CharField(max_length=10, choices=Kind)
    threshold_ratio = models.DecimalField(max_digits=8, decimal_places=4)
    through = models.DateField(help_text="Last complete month it counts.")
    amount = money()
    budget = money()
    currency = models.CharField(max_length=3)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="budget_alerts"
    )
    sentence = models.TextField()

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "node", "kind", "threshold_ratio"], name="spend_alert_once"
            ),
            models.CheckConstraint(
                condition=Q(threshold_ratio__gt=0), name="spend_alert_threshold_positive"
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="spend_alert_newest")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
