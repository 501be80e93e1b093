"""What outside companies do for initiatives, as registers of third parties ask."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import Vendor
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet


class Arrangement(Row):
    """A contract with a supplier that an initiative stands on; the register of it is exported."""

    class Substitutability(models.TextChoices):
        NOT = "not", "Not substitutable"
        HIGHLY_COMPLEX = "highly_complex", "Highly complex to substitute"
        MEDIUM = "medium", "Medium complexity"
        EASY = "easy", "Easily substitutable"

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="arrangements"
    )
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, related_name="arrangements")
    reference = models.CharField(max_length=100, help_text="The number of the contract.")
    service = models.CharField(max_length=200)
    service_type = models.CharField(
        max_length=3, blank=True, help_text="S01 to S19, as the register's annex counts them."
    )
    supported_function = models.CharField(max_length=300, blank=True)
    is_critical = models.BooleanField(null=True, blank=True)
    lei = models.CharField(max_length=20, blank=True, help_text="Legal entity identifier.")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    notice_days = models.PositiveIntegerField(null=True, blank=True)
    governing_law = models.CharField(max_length=2, blank=True, help_text="ISO 3166 code.")
    service_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    data_countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    has_subcontractors = models.BooleanField(null=True, blank=True)
    substitutability = models.CharField(max_length=15, choices=Substitutability, blank=True)
    exit_plan_on = models.DateField(null=True, blank=True, help_text="When it was last tested.")
    audited_on = models.DateField(null=True, blank=True)
    annual_cost = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "vendor", "reference"],
                condition=Q(ended_at=None),
                name="compliance_arrangement_once",
            ),
            models.CheckConstraint(
                condition=Q(annual_cost=None, currency="")
                | Q(annual_cost__gte=0) & ~Q(currency=""),
                name="compliance_arrangement_cost",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gte=F("starts_on")),
                name="compliance_arrangement_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} with {self.vendor}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
