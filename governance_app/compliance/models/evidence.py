"""Proof, and how long it lasts."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Evidence(Row):
    """A file or address that shows something about an initiative, from a day until a day."""

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=300)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    url = models.URLField(max_length=1000, blank=True)
    collected_on = models.DateField()
    valid_until = models.DateField(help_text="Last day it counts.")
    withdrawn_because = models.TextField(blank=True)
    collected_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evidence")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(file__isnull=False) | ~Q(url=""), name="compliance_evidence_is_there"
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("collected_on")),
                name="compliance_evidence_lasts",
            ),
        ]
        indexes = [
            models.Index(fields=["initiative", "valid_until"], name="compliance_evidence_ends")
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
