"""What is not as it should be, and where requirements stand."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.compliance.models.assessment import Assessment
from governance_app.compliance.models.bias_audit import BiasAuditGroup
from governance_app.compliance.models.evidence import Evidence
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Gap(Row):
    """
    A gap of an assessment or a finding of a validation: who mends it by when.

    Closed with evidence by somebody other than its owner when it is severe.
    """

    class Kind(models.TextChoices):
        GAP = "gap", "Gap"
        FINDING = "finding", "Finding"

    class Severity(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="gaps")
    kind = models.CharField(max_length=10, choices=Kind)
    severity = models.CharField(max_length=10, choices=Severity)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="gaps"
    )
    question = models.CharField(max_length=60, blank=True)
    bias_group = models.ForeignKey(
        BiasAuditGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="gaps"
    )
    found_on = models.DateField()
    found_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gaps_found")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="gaps_owned"
    )
    due_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="gaps_closed"
    )
    closed_because = models.TextField(blank=True)
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="gaps"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None, closed_by=None, closed_because="")
                | Q(closed_on__isnull=False, closed_by__isnull=False) & ~Q(closed_because=""),
                name="compliance_gap_closed_who_when_why",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("found_on")), name="compliance_gap_due_later"
            ),
            models.UniqueConstraint(
                fields=["bias_group"], condition=Q(closed_on=None), name="compliance_gap_bias_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["initiative", "due_on"],
                condition=Q(closed_on=None),
                name="compliance_gap_open",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class NodeStanding(UncapturedRow):
    """
    Where one requirement stands for one initiative, as far as something is known of it.

    Derived from assessments, controls and mappings; no row means that nothing is known.
    """

    class State(models.TextChoices):
        MET = "met", "Met"
        PARTLY = "partly", "Partly"
        GAP = "gap", "Gap"
        NOT_APPLICABLE = "na", "Does not apply"

    initiative = models.ForeignKey(
        Initiative, on_delete=models.CASCADE, related_name="node_standings"
    )
    framework = models.CharField(max_length=60)
    ref = models.CharField(max_length=60)
    state = models.CharField(max_length=6, choices=State)
    until = models.DateField(null=True, blank=True, help_text="Last day its evidence counts.")
    because = models.CharField(max_length=300)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "framework", "ref"], name="compliance_standing_once"
            )
        ]
        indexes = [
            models.Index(fields=["framework", "ref", "state"], name="compliance_standing_counts")
        ]

    def __str__(self) -> str:
        return f"{self.framework}:{self.ref} {self.state}"
