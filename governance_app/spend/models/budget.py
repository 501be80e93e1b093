from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money


class BudgetPlan(Row):
    """
    One version of the budget of a fiscal year: the original, or a revision of it.

    The highest number of a year counts. Its lines are written once, with the plan.
    """

    name = models.CharField(max_length=200)
    fiscal_year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField(help_text="Version within the year, from 1.")
    lines = models.PositiveIntegerField()
    totals = models.JSONField(help_text="Currency -> exact total as text.")
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of its lines: the same budget again is no version."
    )
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="budget_plans"
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["fiscal_year", "number"], name="spend_budget_version_once"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_original(self) -> bool:
        return self.number == 1


class Budget(UncapturedRow):
    """
    What a unit or initiative may spend in a month, by cost category; written with its plan.

    A ``quantity`` in the unit the bills count in lets a variance be split into price and volume.
    """

    plan = models.ForeignKey(BudgetPlan, on_delete=models.PROTECT, related_name="budgets")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="budgets")
    month = models.DateField()
    category = models.CharField(max_length=40, default="run")
    amount = money()
    currency = models.CharField(max_length=3)
    quantity = money(is_optional=True)
    quantity_unit = models.CharField(max_length=60, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "node", "month", "category"], name="spend_budget_once"
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="spend_budget_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="spend_budget_first_of_month"),
            models.CheckConstraint(
                condition=Q(quantity=None, quantity_unit="")
                | (Q(quantity__gt=0) & ~Q(quantity_unit="")),
                name="spend_budget_quantity_has_unit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.node} {self.month:%b %Y} {self.amount} {self.currency}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
