"""Policies by version, and in which mode a unit decides from when on."""

import pgtrigger
from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.domain.policy import MODES
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet

_FROZEN = """
    IF OLD.state <> 'draft' AND (
        TG_OP = 'DELETE' OR NEW.document IS DISTINCT FROM OLD.document
        OR NEW.sha256 <> OLD.sha256 OR NEW.node_id <> OLD.node_id OR NEW.number <> OLD.number
    ) THEN
        RAISE EXCEPTION 'A policy that was in force is frozen; write a new version beside it.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


class PolicyVersion(Row):
    """
    A version of the gate policy of the organisation (the floor) or of a unit (added to it).

    A draft is rewritten; a second person puts it in force, and from then on the database
    refuses any change. ``examples``: sets of facts with what should happen, checked before.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active", "In force"
        RETIRED = "retired", "Replaced"

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="gate_policies")
    number = models.PositiveIntegerField(help_text="1, 2, ... of this node.")
    title = models.CharField(max_length=200)
    document = models.JSONField(help_text="Rules, material facts, numbers of distributed mode.")
    sha256 = models.CharField(max_length=64)
    examples = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    reason = models.TextField(blank=True, help_text="Why it changes.")

    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="policies_written")
    activated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="policies_activated"
    )
    activated_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["node", "number"], name="gates_policy_number_once"),
            models.UniqueConstraint(
                fields=["node"], condition=Q(state="active"), name="gates_one_active_policy"
            ),
            models.UniqueConstraint(
                fields=["node"], condition=Q(state="draft"), name="gates_one_draft_policy"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", activated_by=None, activated_at=None)
                | Q(activated_by__isnull=False, activated_at__isnull=False) & ~Q(state="draft"),
                name="gates_policy_activated_who_when",
            ),
            models.CheckConstraint(
                condition=Q(activated_by=None) | ~Q(activated_by=models.F("written_by")),
                name="gates_policy_four_eyes",
            ),
        ]
        triggers = [
            *capture(),
            pgtrigger.Trigger(
                name="frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class UnitMode(Row):
    """
    From a day on a unit decides so; rows are added, never changed.

    ``probation`` brings it back to the board until somebody decides otherwise.
    """

    class Origin(models.TextChoices):
        CHOSEN = "chosen", "Chosen"
        PROBATION = "probation", "On probation"

    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="gate_modes")
    mode = models.CharField(max_length=12, choices=dict(MODES))
    from_on = models.DateField()
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.CHOSEN)
    reason = models.TextField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="modes_decided")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(origin="probation") | Q(mode="central"),
                name="gates_probation_is_central",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="gates_mode_has_a_reason"),
        ]
        indexes = [models.Index(fields=["node", "-from_on"], name="gates_mode_newest")]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} from {self.from_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
