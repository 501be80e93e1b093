"""Series of readings from anywhere, and what was known of each value when."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet

STALE_AFTER_CADENCES = 2


class Series(Row):
    """
    A quantity of one initiative read again and again; only ``readings.services`` writes it.

    Its points are written in bulk and not captured one by one: each recording counts this
    row's version up, so the trail and the rollups see that there is something new.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="series")
    key = models.CharField(max_length=300, help_text="Stable name within the initiative.")
    name = models.CharField(max_length=300)
    unit = models.CharField(max_length=50, blank=True)
    cadence_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How often a value is expected; empty when nobody said."
    )
    source = models.CharField(
        max_length=100, help_text='Who delivers: "manual", "push" or "connection:<id>".'
    )
    latest_on = models.DateField(null=True, blank=True, editable=False)
    recorded_at = models.DateTimeField(null=True, blank=True, editable=False)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        verbose_name_plural = "series"
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "key"], name="readings_series_key_once_per_initiative"
            ),
            models.CheckConstraint(
                condition=Q(latest_on=None, recorded_at=None)
                | Q(latest_on__isnull=False, recorded_at__isnull=False),
                name="readings_series_latest_with_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node

    def is_stale(self, on: dt.date) -> bool:
        """Tell whether two expected values have been missed; never without a cadence."""
        if self.cadence_days is None:
            return False
        if self.latest_on is None:
            return True
        return (on - self.latest_on).days > STALE_AFTER_CADENCES * self.cadence_days


class Point(UncapturedRow):
    """
    A value of a series for one day, from the moment it was known until it was corrected.

    Never edited: a correction ends ``known_to`` and adds another row.
    """

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="points")
    period_on = models.DateField()
    value = models.DecimalField(max_digits=38, decimal_places=18)
    known_from = models.DateTimeField()
    known_to = models.DateTimeField(null=True, blank=True)
    source_ref = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    scope_lookup = "series__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "period_on"],
                condition=Q(known_to=None),
                name="readings_one_current_point_per_day",
            ),
            models.CheckConstraint(
                condition=Q(known_to=None) | Q(known_to__gt=F("known_from")),
                name="readings_point_known_forwards",
            ),
        ]
        indexes = [
            models.Index(fields=["series", "period_on", "known_from"], name="readings_point_as_of")
        ]

    def __str__(self) -> str:
        return f"{self.period_on}: {self.value.normalize():f}"
