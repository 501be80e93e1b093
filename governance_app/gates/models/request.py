"""What was asked at a gate, on which facts, with which evidence, and who decided what."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.domain.gates import CHOICES, ENDINGS
from governance_app.domain.policy import MODES
from governance_app.files.models import StoredFile
from governance_app.gates.models.policy import PolicyVersion
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet

_APPEND_ONLY = """
    RAISE EXCEPTION 'Decisions are added, never changed.'
        USING ERRCODE = 'integrity_constraint_violation';
"""


class GateRequest(Row):
    """
    Somebody asks that an initiative may enter a stage, stay in it, turn or stop.

    ``facts`` are frozen when it is submitted and hashed over what the policy calls material;
    ``verdict`` is what the policies said to them. Only ``gates.services`` changes it.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved"
        REJECTED = "rejected"
        CHANGES = "changes", "Changes wanted"
        WITHDRAWN = "withdrawn"
        STALE = "stale", "Overtaken by a change"
        EXPIRED = "expired"

    OPEN = (State.DRAFT, State.IN_REVIEW)

    class Kind(models.TextChoices):
        MOVE = "move", "Enter a stage"
        RENEWAL = "renewal", "Attest again"

    number = models.PositiveIntegerField(unique=True)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="gates")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MOVE)
    from_stage = models.SlugField(max_length=30, blank=True)
    to_stage = models.SlugField(max_length=30)
    model_version = models.CharField(max_length=200, blank=True)
    proposal = models.CharField(max_length=8, choices=dict(ENDINGS), default="scale")
    reason = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)

    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gates_asked")
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    floor = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="floor_of"
    )
    own_policy = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="own_of"
    )
    mode = models.CharField(max_length=12, choices=dict(MODES), blank=True)
    facts = models.JSONField(default=dict, blank=True)
    known_on = models.JSONField(default=dict, blank=True)
    facts_hash = models.CharField(max_length=64, blank=True)
    verdict = models.JSONField(default=dict, blank=True)

    decided_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=8, choices=dict(ENDINGS), blank=True)
    ending_sentence = models.TextField(blank=True)
    released = models.JSONField(
        default=dict, blank=True, help_text="Money that a stop sets free, with its terms."
    )
    is_self_approved = models.BooleanField(default=False)
    is_sampled = models.BooleanField(default=False)
    overtaken_by = models.JSONField(
        default=list, blank=True, help_text="The material facts that changed since."
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "to_stage"],
                condition=Q(state__in=("draft", "in_review")),
                name="gates_one_open_request",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "withdrawn"))
                | Q(submitted_at__isnull=False, floor__isnull=False) & ~Q(facts_hash=""),
                name="gates_submitted_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(decided_at__isnull=False) & ~Q(ending="") & ~Q(ending_sentence=""),
                name="gates_ends_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["initiative", "to_stage", "state"], name="gates_valid_approval"),
            models.Index(fields=["state", "due_on"], name="gates_waiting"),
        ]

    def __str__(self) -> str:
        return f"G-{self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class GateEvidence(Row):
    """A proof that goes with a request; added while it is a draft, kept with it for good."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20)
    reference = models.CharField(max_length=500, blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    collected_on = models.DateField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gate_evidence")

    scope_lookup = "request__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(reference="") | Q(file__isnull=False),
                name="gates_evidence_is_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.request.initiative.node


class GateDecision(Row):
    """
    What one person said at one step, on which facts; added, never changed.

    ``acting_for`` is who delegated; both count as having decided.
    """

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="decisions")
    slot = models.CharField(max_length=60)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="gate_decisions")
    acting_for = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_through"
    )
    choice = models.CharField(max_length=8, choices=dict(CHOICES))
    ending = models.CharField(max_length=8, choices=dict(ENDINGS), blank=True)
    sentence = models.TextField(blank=True)
    facts_hash = models.CharField(max_length=64)
    decided_at = models.DateTimeField()
    authenticated_at = models.DateTimeField(
        null=True, blank=True, help_text="When the decider last gave a password."
    )
    ip = models.GenericIPAddressField(null=True, blank=True, help_text="From where.")

    scope_lookup = "request__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["request", "person", "facts_hash"], name="gates_a_person_decides_once"
            ),
            models.UniqueConstraint(
                "request",
                Coalesce("acting_for", "person"),
                "facts_hash",
                name="gates_a_principal_decides_once",
            ),
            models.CheckConstraint(
                condition=Q(acting_for=None) | ~Q(acting_for=F("person")),
                name="gates_nobody_stands_in_for_themselves",
            ),
        ]
        triggers = [
            *capture(),
            pgtrigger.Trigger(
                name="append_only",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_APPEND_ONLY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} at {self.slot}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.request.initiative.node


class AfterReview(Row):
    """A self-approval that was drawn to be looked at afterwards by somebody else."""

    class Finding(models.TextChoices):
        GOOD = "good", "In order"
        BAD = "bad", "Not in order"

    request = models.OneToOneField(
        GateRequest, on_delete=models.PROTECT, related_name="after_review"
    )
    due_on = models.DateField()
    finding = models.CharField(max_length=4, choices=Finding, blank=True)
    sentence = models.TextField(blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="gates_looked_at"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "request__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(finding="", reviewed_by=None, reviewed_at=None)
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(finding=""),
                name="gates_review_who_when",
            ),
        ]

    def __str__(self) -> str:
        return f"Sample of {self.request_id}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.request.initiative.node
