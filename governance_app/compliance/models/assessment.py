"""Looking into an initiative by a questionnaire, and the independent look at its models."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.compliance.models.evidence import Evidence
from governance_app.compliance.models.library import Library
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelAsset
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Assessment(Row):
    """
    One run through an assessment's questions; answers change while it is a draft, never after.

    Approved by somebody other than who submitted it; it counts until ``valid_until``.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        APPROVED = "approved", "Approved"
        RETURNED = "returned", "Returned"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="assessments")
    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="assessments")
    subject = models.CharField(max_length=40, help_text="model_risk, bias, privacy, ...")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    answers = models.JSONField(default=dict)
    notes = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    tier = models.CharField(max_length=40, blank=True)
    results = models.JSONField(default=dict, help_text="Question -> met, partly, gap, na, unknown.")
    facts_hash = models.CharField(max_length=64, blank=True)
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="assessments_begun")
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments_submitted"
    )
    submitted_on = models.DateField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments_decided"
    )
    decided_on = models.DateField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    valid_until = models.DateField(null=True, blank=True)
    evidence = models.ManyToManyField(
        Evidence, through="AssessmentEvidence", related_name="assessments"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "subject", "number"], name="compliance_assessment_once"
            ),
            models.UniqueConstraint(
                fields=["initiative", "subject"],
                condition=Q(state__in=["draft", "submitted"]),
                name="compliance_assessment_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("submitted_by")),
                name="compliance_assessment_two_people",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted"], decided_by=None)
                | Q(state__in=["approved", "returned"], decided_by__isnull=False),
                name="compliance_assessment_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.library.name} of {self.initiative.key}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class AssessmentEvidence(Row):
    """That evidence stands behind an answer of an assessment."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="evidence_links"
    )
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, related_name="assessment_links"
    )
    question = models.CharField(max_length=60)

    scope_lookup = "assessment__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "evidence", "question"],
                name="compliance_assessment_evidence_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.evidence} for {self.question}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.assessment.initiative.node


class ModelValidation(Row):
    """
    What somebody independent found about a model of an initiative; added, never changed.

    The validator is none of the people who build, own or assessed it.
    """

    class Outcome(models.TextChoices):
        APPROVED = "approved", "Fit for use"
        CONDITIONAL = "conditional", "Fit for use with conditions"
        REFUSED = "refused", "Not fit for use"

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="model_validations"
    )
    model = models.ForeignKey(
        ModelAsset, on_delete=models.PROTECT, null=True, blank=True, related_name="validations"
    )
    model_version = models.CharField(max_length=100, blank=True)
    scope = models.TextField(help_text="What was looked at.")
    outcome = models.CharField(max_length=12, choices=Outcome)
    conditions = models.TextField(blank=True)
    validated_on = models.DateField()
    next_due_on = models.DateField()
    validator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="model_validations")
    evidence = models.ForeignKey(
        Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="model_validations"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome="conditional") | ~Q(conditions=""),
                name="compliance_validation_conditions",
            ),
            models.CheckConstraint(
                condition=Q(next_due_on__gt=F("validated_on")), name="compliance_validation_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.validated_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
