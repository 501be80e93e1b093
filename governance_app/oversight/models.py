"""What the daily rounds found, and what somebody should do about it."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Round(Row):
    """One daily round: when it went, and what it found by kind."""

    on = models.DateField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Round of {self.on}"


class Action(Row):
    """
    Something a person should do about an initiative, found by a round or written by somebody.

    A round closes what is over by itself. ``owner`` empty means that nobody answers for it,
    which is itself in the queue of whoever leads the unit.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="actions")
    kind = models.CharField(max_length=30)
    ref = models.CharField(max_length=200, blank=True, help_text="Tells two of a kind apart.")
    title = models.CharField(max_length=300)
    sentence = models.TextField(help_text="Value, threshold, source and time.")
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="oversight_actions"
    )
    raised_at = models.DateTimeField()
    due_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="actions_closed"
    )
    closed_because = models.TextField(blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "kind", "ref"],
                condition=Q(closed_at=None),
                name="oversight_action_open_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, closed_because="")
                | Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_because=""),
                name="oversight_action_closed_who_why",
            ),
        ]
        indexes = [models.Index(fields=["owner", "due_on"], name="oversight_queue")]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
