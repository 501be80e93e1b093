import datetime as dt

from django.db import models
from django.db.models import F, Q

from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.rollups.models.figures import Figures, FiguresQuerySet, amount


class InitiativeNow(Figures):
    """
    The present figures of one initiative: sums to the end of ``through``, returns, KPIs, risk.

    ``_to_date`` sums since the start, ``_year`` over the fiscal year of ``through`` so far,
    ``_full_year`` over all of it, ``_month`` is ``through`` alone. What moves with the days
    (time box, staleness) is kept as the day it turns, so a row stays true while time passes.
    Rungs and returns count hard benefits; avoided ones have sums of their own.
    ``returns``: rung -> return -> value, reason, warnings. Only ``rollups.services`` writes it.
    """

    SUMS = ("spend", "budget", "promised", "claimed", "measured", "validated", "banked")

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="figures_now")
    path = models.TextField(help_text="Its place in the scope tree when this was made.")
    through = models.DateField(help_text="First day of the last complete month.")

    stage = models.CharField(max_length=30, blank=True)
    stage_position = models.PositiveSmallIntegerField(null=True)
    stage_since = models.DateField(null=True)
    time_box_on = models.DateField(null=True)
    status = models.CharField(max_length=10, blank=True)
    status_on = models.DateField(null=True)

    spend_to_date = amount()
    spend_year = amount()
    spend_month = amount()
    spend_month_before = amount()
    budget_to_date = amount()
    budget_year = amount()
    budget_month = amount()
    budget_full_year = amount()
    promised_to_date = amount()
    promised_year = amount()
    promised_full_year = amount()
    promised_ahead = amount()
    claimed_to_date = amount()
    claimed_year = amount()
    measured_to_date = amount()
    measured_year = amount()
    validated_to_date = amount()
    validated_year = amount()
    banked_to_date = amount()
    banked_year = amount()
    promised_avoided_to_date = amount()
    promised_avoided_year = amount()
    claimed_avoided_to_date = amount()
    claimed_avoided_year = amount()
    measured_avoided_to_date = amount()
    measured_avoided_year = amount()
    validated_avoided_to_date = amount()
    validated_avoided_year = amount()
    banked_avoided_to_date = amount()
    banked_avoided_year = amount()
    pending_benefit = amount()
    pending_avoided = amount()
    pending_months = models.PositiveIntegerField(default=0)
    to_go = amount()

    returns = models.JSONField(default=dict)
    bridge = models.JSONField(default=dict, help_text="Step -> its change, hard benefits.")
    roi_promised = models.FloatField(null=True)
    roi_measured = models.FloatField(null=True)
    roi_validated = models.FloatField(null=True)
    irr_promised = models.FloatField(null=True)
    npv_promised = amount()
    payback_promised = models.FloatField(null=True, help_text="Months.")

    efficiency_gain = models.FloatField(null=True, help_text="0.25 is 25 % better.")
    efficiency_kpi = models.CharField(max_length=300, blank=True)
    kpi_count = models.PositiveIntegerField(default=0)
    stale_from_on = models.DateField(null=True, help_text="First day on which a KPI is stale.")

    risk_level = models.PositiveSmallIntegerField(null=True, help_text="Residual; null unknown.")
    risk_known_level = models.PositiveSmallIntegerField(null=True)
    risk_driver = models.CharField(max_length=300, blank=True)
    risk_category = models.CharField(max_length=20, blank=True)
    risk_confidence = models.CharField(max_length=6, blank=True)
    risk_count = models.PositiveIntegerField(default=0)
    risk_above_appetite = models.PositiveIntegerField(default=0)
    risk_not_assessed = models.PositiveIntegerField(default=0)

    scope_lookup = "initiative__node__path"
    objects = FiguresQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"],
                condition=Q(known_to=None),
                name="rollups_one_current_initiative_now",
            ),
            models.CheckConstraint(
                condition=Q(known_to=None) | Q(known_to__gte=F("known_from")),
                name="rollups_initiative_now_forwards",
            ),
        ]
        indexes = [
            models.Index(fields=["initiative", "known_from"], name="rollups_now_as_of"),
            # What pages count and put in order of all initiatives, a tenth as wide as the rows.
            models.Index(
                fields=["initiative"],
                condition=Q(known_to=None),
                include=[
                    "id", "stage", "status_on", "time_box_on", "stale_from_on", "known_from",
                    "spend_year", "budget_year", "promised_year", "promised_full_year",
                    "validated_year", "banked_year", "roi_validated", "to_go", "pending_benefit",
                    "pending_months", "risk_known_level", "risk_above_appetite",
                    "efficiency_gain",
                ],
                name="rollups_now_counted",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.initiative_id} through {self.through:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node

    def is_stale(self, on: dt.date) -> bool:
        """Tell whether a KPI has missed its readings by a day."""
        return self.stale_from_on is not None and on >= self.stale_from_on

    def days_in_stage(self, on: dt.date) -> int | None:
        """Count the days since the stage was entered; None when nobody knows the day."""
        return None if self.stage_since is None else (on - self.stage_since).days

    def days_past_time_box(self, on: dt.date) -> int:
        """Count the days past the time box; 0 inside it or without one."""
        return 0 if self.time_box_on is None else max(0, (on - self.time_box_on).days)
