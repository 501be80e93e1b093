from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models import Source
from governance_app.value import choices


class GridIntensity(Row):
    """How much CO2e a kilowatt hour of a region's grid stands for in a year; dated data."""

    region = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    kg_per_kwh = models.DecimalField(max_digits=12, decimal_places=6)
    source = models.CharField(max_length=300)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="value_intensity_once"),
            models.CheckConstraint(condition=Q(kg_per_kwh__gte=0), name="value_intensity"),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.year}"


class CarbonReport(Row):
    """
    What a provider says one account emitted in a month.

    It is shared out as the bills of the same source, account and month are; a new report of the
    same month takes the place of the old one.
    """

    spend_source = models.ForeignKey(
        Source, on_delete=models.PROTECT, related_name="carbon_reports"
    )
    account = models.CharField(max_length=200, blank=True, help_text="Blank: the whole source.")
    month = models.DateField()
    kg = models.DecimalField(max_digits=24, decimal_places=6)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unallocated_kg = models.DecimalField(max_digits=24, decimal_places=6, default=0)

    scope_lookup = "spend_source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["spend_source", "account", "month"], name="value_carbon_report_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, kg__gte=0, unallocated_kg__gte=0),
                name="value_carbon_report_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.spend_source_id} {self.account} {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.spend_source.node


class CarbonMonth(Row):
    """
    What one initiative emitted in a month: reported by providers, or estimated from energy.

    Where both stand, the reported figure counts. ``made_from`` names the reports and their
    shares, or the energy and the coefficient.
    """

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="carbon_months"
    )
    month = models.DateField()
    basis = models.CharField(max_length=8, choices=choices.CARBON_BASES)
    kg = models.DecimalField(max_digits=24, decimal_places=6)
    kwh = models.DecimalField(max_digits=24, decimal_places=6, null=True, blank=True)
    intensity = models.ForeignKey(
        GridIntensity, on_delete=models.PROTECT, null=True, blank=True, related_name="months"
    )
    made_from = models.JSONField(default=dict, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "month", "basis"], name="value_carbon_month_once"
            ),
            models.CheckConstraint(
                condition=Q(month__day=1, kg__gte=0)
                & (
                    Q(basis="reported", kwh=None, intensity=None)
                    | Q(basis="estimate", kwh__isnull=False, intensity__isnull=False)
                ),
                name="value_carbon_month_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative_id} {self.month:%b %Y} {self.basis}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
