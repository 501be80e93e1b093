from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.domain.risk import CATEGORIES, LEVELS
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet


class Appetite(Row):
    """
    The highest residual level of a category that a part of the organisation accepts, from a day.

    The nearest node above an initiative decides. Only the newest day counts.
    """

    category = models.CharField(max_length=20, choices=dict(CATEGORIES))
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="risk_appetites")
    level = models.PositiveSmallIntegerField(choices=dict(LEVELS))
    from_on = models.DateField()
    reason = models.TextField(blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["category", "node", "from_on"], name="risk_appetite_once_a_day"
            ),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="risk_appetite_level"),
        ]

    def __str__(self) -> str:
        return f"{CATEGORIES[self.category]}: {LEVELS[self.level].lower()} from {self.from_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
