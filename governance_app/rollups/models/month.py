from django.db import models
from django.db.models import F, Q

from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.rollups.models.figures import Figures, FiguresQuerySet, amount


class InitiativeMonth(Figures):
    """
    Every figure of one initiative in one month, in the reporting currency.

    Costs are of the charge month. ``cost`` is what it actually costs: effective cost of bills
    + costs typed in + people + open accruals, and ``tax_back``, below zero, for tax that comes
    back; each part has its column. ``promised`` and ``promised_cost`` come from the approved
    case in force. The rungs hold hard benefits alone; avoided and soft ones stand in columns of
    their own and are never added to them (METHOD section 3). Null without a reason means that
    there is nothing, with one that there is something which cannot be told. Only
    ``rollups.services`` writes it.
    """

    MONEY = (
        "cost", "manual", "people", "accrued", "tax_back",
        "billed", "effective", "contracted", "list", "budget", "promised_cost", "promised",
        "claimed", "measured", "validated", "banked",
        "promised_avoided", "claimed_avoided", "measured_avoided", "validated_avoided",
        "banked_avoided", "promised_soft", "claimed_soft", "measured_soft", "validated_soft",
    )  # fmt: skip

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="figures_by_month"
    )
    month = models.DateField()

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
    is_reviewed = models.BooleanField(default=False, help_text="Finance has reviewed the month.")

    scope_lookup = "initiative__node__path"
    objects = FiguresQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "month"],
                condition=Q(known_to=None),
                name="rollups_one_current_initiative_month",
            ),
            models.CheckConstraint(
                condition=Q(known_to=None) | Q(known_to__gte=F("known_from")),
                name="rollups_initiative_month_forwards",
            ),
        ]
        indexes = [
            models.Index(
                fields=["month"], condition=Q(known_to=None), name="rollups_month_current"
            ),
            models.Index(fields=["initiative", "known_from"], name="rollups_month_as_of"),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
