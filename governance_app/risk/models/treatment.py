"""What is done about a risk that is too high: a plan, or somebody accepts it for a time."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.risk.models.risk import Risk


class TreatmentStep(Row):
    """One action of a treatment plan: who does what by when, and to which level it should lead."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="treatment_steps")
    treatment = models.CharField(max_length=10, choices=Risk.Treatment)
    title = models.CharField(max_length=300)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="treatment_steps"
    )
    due_on = models.DateField()
    target_residual = models.PositiveSmallIntegerField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    done_note = models.TextField(blank=True)

    scope_lookup = "risk__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(target_residual=None) | Q(target_residual__range=(1, 5)),
                name="risk_step_target",
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | ~Q(done_note=""), name="risk_step_done_how"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.risk.initiative.node


class Acceptance(Row):
    """
    That a risk above appetite is asked to be lived with until a day, and who agreed.

    It holds up to ``level``: once the residual level rises above it, it no longer counts.
    """

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="acceptances")
    level = models.PositiveSmallIntegerField()
    reason = models.TextField()
    expires_on = models.DateField()
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="acceptances_requested"
    )
    requested_on = models.DateField()
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="acceptances_decided"
    )
    decided_on = models.DateField(null=True, blank=True)
    is_granted = models.BooleanField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True)
    ended_because = models.TextField(blank=True)

    scope_lookup = "risk__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="risk_acceptance_level"),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("requested_on")), name="risk_acceptance_expires"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None, is_granted=None)
                | Q(decided_by__isnull=False, is_granted__isnull=False)
                & ~Q(decided_by=F("requested_by")),
                name="risk_acceptance_two_people",
            ),
            models.UniqueConstraint(
                fields=["risk"],
                condition=Q(ended_on=None) & ~Q(is_granted=False),
                name="risk_acceptance_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.risk}” accepted until {self.expires_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.risk.initiative.node
