"""Policies as documents: versions, publication, who has read them, who need not follow them."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Document(Row):
    """A policy with its owner; what it says stands in its versions."""

    key = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    purpose = models.TextField(blank=True)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="policy_documents")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="policies_owned")
    review_months = models.PositiveSmallIntegerField(default=12)
    retired_on = models.DateField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(review_months__gte=1), name="compliance_document_review"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class DocumentVersion(Row):
    """
    One version of a policy's text. Only a draft changes; approved by somebody else than its
    author, then published from a day on.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Waits for approval"
        APPROVED = "approved", "Approved"
        PUBLISHED = "published", "In force"
        SUPERSEDED = "superseded", "Superseded"
        RETURNED = "returned", "Returned"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    changes = models.TextField(blank=True, help_text="What differs from the version before.")
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="policy_versions")
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="policies_decided"
    )
    decided_on = models.DateField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    in_force_from = models.DateField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="compliance_version_once"),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state="published"),
                name="compliance_version_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(state__in=["draft", "submitted", "approved"]),
                name="compliance_version_one_open",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("author")),
                name="compliance_version_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document.title}, version {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.document.node


class Campaign(Row):
    """That everybody in a part of the organisation is asked to attest a version by a day."""

    policy_version = models.ForeignKey(
        DocumentVersion, on_delete=models.PROTECT, related_name="campaigns"
    )
    audience = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="campaigns")
    begun_on = models.DateField()
    due_on = models.DateField()
    begun_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="campaigns_begun")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["policy_version", "audience"], name="compliance_campaign_once"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("begun_on")), name="compliance_campaign_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_version} in {self.audience}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.audience


class Attestation(Row):
    """That a person is asked in a campaign, and when they said that they read and follow it."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="attestations")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attestations")
    attested_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person"], name="compliance_attestation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.campaign}"


class DocumentException(Row):
    """
    Leave not to follow a policy somewhere until a day; granted by somebody else, or refused.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="exceptions")
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="policy_exceptions")
    reason = models.TextField()
    instead = models.TextField(blank=True, help_text="What is done instead.")
    expires_on = models.DateField()
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="exceptions_requested"
    )
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="exceptions_decided"
    )
    decided_on = models.DateField(null=True, blank=True)
    is_granted = models.BooleanField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    ended_on = models.DateField(null=True, blank=True, help_text="Given up before it expired.")

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None, is_granted=None)
                | Q(decided_by__isnull=False, is_granted__isnull=False)
                & ~Q(decided_by=F("requested_by")),
                name="compliance_exception_two_people",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} in {self.node}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
