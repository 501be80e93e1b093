from django.db import models
from django.db.models import F, Q

from governance_app.people.models import ScopeNode
from governance_app.rollups.models.figures import Figures, FiguresQuerySet, amount
from governance_app.rollups.models.month import InitiativeMonth


class PortfolioMonth(Figures):
    """
    The sums of a unit or the organisation, everything below included, in one month.

    ``allocated`` sums the initiatives; ``unallocated`` is what the sources placed there cost
    and no rule gave to anybody: full cost is both. ``left_out``: column -> how many initiatives
    could not be counted in it. Only ``rollups.services`` writes it.
    """

    class Part(models.TextChoices):
        ALLOCATED = "allocated"
        UNALLOCATED = "unallocated"

    MONEY = InitiativeMonth.MONEY

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="figures_by_month")
    month = models.DateField()
    part = models.CharField(max_length=11, choices=Part)

    cost = amount()
    manual = amount()
    people = amount()
    accrued = amount()
    tax_back = amount()
    billed = amount()
    effective = amount()
    contracted = amount()
    list = amount()
    budget = amount()
    promised_cost = amount()
    promised = amount()
    claimed = amount()
    measured = amount()
    validated = amount()
    banked = amount()
    promised_avoided = amount()
    claimed_avoided = amount()
    measured_avoided = amount()
    validated_avoided = amount()
    banked_avoided = amount()
    promised_soft = amount()
    claimed_soft = amount()
    measured_soft = amount()
    validated_soft = amount()
    initiatives = models.PositiveIntegerField(default=0, help_text="With a figure in the month.")
    reviewed = models.PositiveIntegerField(default=0, help_text="Of them reviewed by finance.")
    left_out = models.JSONField(default=dict)

    scope_lookup = "node__path"
    objects = FiguresQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["node", "month", "part"],
                condition=Q(known_to=None),
                name="rollups_one_current_portfolio_month",
            ),
            models.CheckConstraint(
                condition=Q(known_to=None) | Q(known_to__gte=F("known_from")),
                name="rollups_portfolio_month_forwards",
            ),
        ]
        indexes = [
            models.Index(fields=["node", "month", "known_from"], name="rollups_portfolio_as_of")
        ]

    def __str__(self) -> str:
        return f"{self.node_id} {self.month:%b %Y} {self.part}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
