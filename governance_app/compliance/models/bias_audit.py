"""What somebody independent found about how often each group is selected."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.domain.fairness import CATEGORIES
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class BiasAudit(Row):
    """
    An independent look at the selection rates of groups; added or withdrawn, never changed.

    It counts until ``expires_on``. The limits it was judged by are kept with it.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="bias_audits")
    auditor = models.CharField(max_length=200)
    independence = models.TextField(help_text="Why the auditor is independent.")
    outcome = models.CharField(max_length=300, help_text="The decision that was looked at.")
    data_from = models.DateField()
    data_until = models.DateField()
    unknown_assessed = models.PositiveIntegerField(
        default=0, help_text="People assessed whose group nobody knows."
    )
    publication_url = models.URLField(max_length=1000, blank=True)
    audited_on = models.DateField()
    expires_on = models.DateField(help_text="Last day it counts.")
    small_share = models.DecimalField(max_digits=5, decimal_places=4)
    least_ratio = models.DecimalField(max_digits=5, decimal_places=4)
    recorded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="bias_audits_recorded"
    )
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="bias_audits_withdrawn"
    )
    withdrawn_because = models.TextField(blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(data_until__gte=F("data_from"), audited_on__gte=F("data_until"))
                & Q(expires_on__gte=F("audited_on")),
                name="compliance_bias_audit_days",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None, withdrawn_by=None, withdrawn_because="")
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_because=""),
                name="compliance_bias_audit_withdrawn_who_when_why",
            ),
            models.CheckConstraint(
                condition=Q(small_share__range=(0, 1), least_ratio__range=(0, 1)),
                name="compliance_bias_audit_limits",
            ),
        ]
        indexes = [
            models.Index(
                fields=["initiative", "expires_on"],
                condition=Q(withdrawn_on=None),
                name="compliance_bias_audit_counts",
            )
        ]

    def __str__(self) -> str:
        return f"Bias audit by {self.auditor}, {self.audited_on:%d %b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class BiasAuditGroup(Row):
    """One group of a bias audit with its counts, as the auditor wrote them."""

    audit = models.ForeignKey(BiasAudit, on_delete=models.PROTECT, related_name="groups")
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=20, choices=dict(CATEGORIES))
    name = models.CharField(max_length=200)
    selected = models.PositiveIntegerField()
    assessed = models.PositiveIntegerField()

    scope_lookup = "audit__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "category", "name"], name="compliance_bias_group_once"
            ),
            models.CheckConstraint(
                condition=Q(selected__lte=F("assessed")), name="compliance_bias_group_counts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_category_display().lower()})"

    @property
    def scope_node(self) -> ScopeNode:
        return self.audit.initiative.node
