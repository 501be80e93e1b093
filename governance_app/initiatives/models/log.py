"""Assumptions and issues; risks stand in the risk register, dependencies in their own table."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models.initiative import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class LogEntry(Row):
    """Something assumed, or something wrong, on an initiative; open until ``closed_on``."""

    class Kind(models.TextChoices):
        ASSUMPTION = "assumption"
        ISSUE = "issue"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="log")
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="log_entries"
    )
    due_on = models.DateField(null=True, blank=True)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="log_raised")
    closed_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True, help_text="How it ended; said when it is closed.")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None, outcome="")
                | Q(closed_on__isnull=False) & ~Q(outcome=""),
                name="initiatives_log_closed_with_outcome",
            )
        ]
        indexes = [models.Index(fields=["initiative", "kind"], name="initiatives_log")]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
