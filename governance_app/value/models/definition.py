from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value import choices


class KpiDefinition(Row):
    """
    What a KPI means wherever it is used: unit, direction, cadence, and how it is made of others.

    The library ships with the product; administrators add their own. A KPI that follows a
    definition keeps its own copy of what it says, so changing a definition moves no figure.
    """

    key = models.SlugField(max_length=60, help_text="Named by formulas: handling_time.")
    name = models.CharField(max_length=300)
    meaning = models.TextField(blank=True)
    unit = models.CharField(max_length=50, blank=True)
    direction = models.CharField(max_length=6, choices=choices.DIRECTIONS)
    cadence_days = models.PositiveSmallIntegerField(null=True, blank=True)
    value_type = models.CharField(max_length=30, choices=choices.VALUE_TYPES, blank=True)
    formula = models.CharField(max_length=500, blank=True, help_text="Over keys of other KPIs.")
    personas = models.JSONField(default=list, blank=True, help_text="Whom it concerns.")
    is_retired = models.BooleanField(default=False)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["key"], name="value_definition_key_once"),
            models.CheckConstraint(
                condition=Q(cadence_days=None) | Q(cadence_days__gt=0),
                name="value_definition_cadence",
            ),
        ]

    def __str__(self) -> str:
        return self.name
