from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet
from governance_app.readings.models import Series
from governance_app.value import choices
from governance_app.value.models.definition import KpiDefinition


class Kpi(Row):
    """
    What an initiative wants to move: a series of readings with its baseline, target and worth.

    Whoever may edit value changes it through ``value.services``. ``unit_value`` is money per
    unit of change and month. Null means that nobody said.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="kpis")
    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="kpis")
    control_series = models.ForeignKey(
        Series, on_delete=models.PROTECT, null=True, blank=True, related_name="controlled_kpis"
    )
    definition = models.ForeignKey(
        KpiDefinition, on_delete=models.PROTECT, null=True, blank=True, related_name="kpis"
    )
    formula = models.CharField(
        max_length=500, blank=True, help_text="Over the keys of other KPIs of the initiative."
    )
    name = models.CharField(max_length=300)
    unit = models.CharField(max_length=50, blank=True)
    direction = models.CharField(max_length=6, choices=choices.DIRECTIONS)
    value_type = models.CharField(max_length=30, choices=choices.VALUE_TYPES, blank=True)
    population = models.CharField(max_length=300, blank=True)

    baseline = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    baseline_month = models.DateField(null=True, blank=True)
    baseline_evidence = models.TextField(blank=True)
    baseline_trend = models.DecimalField(
        max_digits=38, decimal_places=18, null=True, blank=True, help_text="Change per month."
    )
    counterfactual = models.CharField(
        max_length=10, choices=choices.COUNTERFACTUALS, default="baseline"
    )
    target = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    target_on = models.DateField(null=True, blank=True)
    target_band = models.DecimalField(
        max_digits=38,
        decimal_places=18,
        null=True,
        blank=True,
        help_text="How far from its path a reading may lie and still be on track.",
    )

    unit_value = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    attribution = models.DecimalField(
        max_digits=7, decimal_places=6, default=1, help_text="Above 0, at most 1."
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "name"], name="value_kpi_name_once"),
            models.CheckConstraint(
                condition=Q(attribution__gt=0, attribution__lte=1), name="value_kpi_attribution"
            ),
            models.CheckConstraint(
                condition=Q(baseline=None, baseline_month=None)
                | Q(baseline__isnull=False, baseline_month__isnull=False),
                name="value_kpi_baseline_with_month",
            ),
            models.CheckConstraint(
                condition=Q(target=None, target_on=None)
                | Q(target__isnull=False, target_on__isnull=False),
                name="value_kpi_target_with_day",
            ),
            models.CheckConstraint(
                condition=Q(target_band=None) | Q(target_band__gte=0, target__isnull=False),
                name="value_kpi_band_around_a_target",
            ),
            models.CheckConstraint(
                condition=Q(unit_value=None, currency="") | Q(unit_value__gte=0) & ~Q(currency=""),
                name="value_kpi_unit_value_with_currency",
            ),
            models.CheckConstraint(
                condition=~Q(counterfactual="trend") | Q(baseline_trend__isnull=False),
                name="value_kpi_trend_has_slope",
            ),
            models.CheckConstraint(
                condition=~Q(counterfactual="control") | Q(control_series__isnull=False),
                name="value_kpi_control_has_series",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
