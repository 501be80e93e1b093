from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class SecondLook(Row):
    """
    Something of the close that a second person approves before it is done.

    Asked for while the setting ``close_four_eyes`` names its kind; ``asked`` is what the service
    that does it is given, ``words`` what it says to people.
    """

    class Action(models.TextChoices):
        COST = "cost", "Enter a cost"
        WITHDRAW_COST = "withdraw cost", "Withdraw a cost"
        ADD_CODING = "add coding", "Add a rule of coding"
        END_CODING = "end coding", "End a rule of coding"
        REOPEN = "reopen", "Reopen a closed month"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a second pair of eyes"
        DONE = "done", "Approved and done"
        REJECTED = "rejected", "Rejected"

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="second_looks")
    action = models.CharField(max_length=14, choices=Action)
    asked = models.JSONField()
    words = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="second_looks_asked")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="second_looks_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was rejected.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(decided_by=F("asked_by")),
                name="spend_second_look_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | ~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="spend_second_look_decided_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=""),
                name="spend_second_look_rejected_with_reason",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="spend_second_look_newest")]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.words}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
