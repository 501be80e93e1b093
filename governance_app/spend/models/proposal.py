from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.rule import Rule


class RuleProposal(Row):
    """
    A change of the rules as somebody asked for it, with what it would move.

    While the setting ``rules_four_eyes`` is on, somebody else approves or rejects it; otherwise
    it is applied when it is made. ``asked`` is what the service that applies it is given.
    """

    class Action(models.TextChoices):
        ADD = "add", "Add a rule"
        CHANGE = "change", "Let a rule say something else"
        END = "end", "End a rule"
        RESTORE = "restore", "Let an ended rule go on"
        MOVE = "move", "Ask a rule earlier or later"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for a second pair of eyes"
        APPLIED = "applied", "Applied"
        REJECTED = "rejected", "Rejected"

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="rule_proposals")
    action = models.CharField(max_length=10, choices=Action)
    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, null=True, blank=True, related_name="proposals"
    )
    asked = models.JSONField()
    effect = models.JSONField(default=dict, help_text="What it would move, when it was asked for.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="rules_proposed")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="rules_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    is_four_eyes = models.BooleanField(default=False)
    reason = models.TextField(blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(is_four_eyes=False)
                | ~Q(state="applied")
                | ~Q(decided_by=F("proposed_by")),
                name="spend_proposal_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_by=None, decided_at=None)
                | (~Q(state="waiting") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="spend_proposal_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="spend_proposal_newest")]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.asked.get('name') or self.rule}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
