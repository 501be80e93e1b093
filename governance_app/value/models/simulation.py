from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Simulation(Row):
    """
    One run of chance over a part of the portfolio; its seed repeats it.

    ``outcome`` is empty until the job is done. ``made_from`` names the cases and the shared
    drivers; ``left_out`` says in sentences what could not be drawn.
    """

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="simulations")
    seed = models.PositiveIntegerField()
    draws = models.PositiveIntegerField()
    on = models.DateField(help_text="The day it looks from: flows of later months are drawn.")
    currency = models.CharField(max_length=3)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="simulations")
    outcome = models.JSONField(default=dict, blank=True)
    made_from = models.JSONField(default=dict, blank=True)
    left_out = models.JSONField(default=list, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(draws__gt=0), name="value_simulation_draws"),
        ]
        indexes = [models.Index(fields=["node", "created_at"], name="value_simulation_newest")]

    def __str__(self) -> str:
        return f"Simulation of {self.node_id}, seed {self.seed}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
