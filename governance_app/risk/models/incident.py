"""What went wrong: how bad, what happened when, who had to be told by when."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.risk.models.risk import Risk


class Incident(Row):
    """
    Something that happened with an initiative, until it is closed with what was learned.

    ``facts`` answers the questions that decide which authorities must be told.
    """

    class Severity(models.IntegerChoices):
        LOW = 1, "Low"
        MODERATE = 2, "Moderate"
        HIGH = 3, "High"
        CRITICAL = 4, "Critical"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONTAINED = "contained", "Contained"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"

    number = models.PositiveIntegerField(unique=True)
    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="incidents")
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    facts = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    aware_at = models.DateTimeField(help_text="When the organisation became aware.")
    people_affected = models.PositiveIntegerField(null=True, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents_owned"
    )
    reported_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="incidents_reported"
    )
    cause = models.TextField(blank=True)
    lessons = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    risks = models.ManyToManyField(Risk, through="IncidentRisk", related_name="incidents")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(severity__range=(1, 4)), name="risk_incident_severity"
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("detected_at")) & Q(detected_at__lte=F("aware_at")),
                name="risk_incident_moments_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") & Q(closed_at=None)
                | Q(state="closed", closed_at__isnull=False) & ~Q(lessons=""),
                name="risk_incident_closed_with_lessons",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "-occurred_at"], name="risk_incident_newest")]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def key(self) -> str:
        return f"INC-{self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class IncidentEvent(Row):
    """One line of an incident's timeline; added, never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="timeline")
    at = models.DateTimeField()
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="incident_events")

    scope_lookup = "incident__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["incident", "at"], name="risk_incident_timeline")]

    def __str__(self) -> str:
        return self.text

    @property
    def scope_node(self) -> ScopeNode:
        return self.incident.initiative.node


class IncidentNotice(Row):
    """That an authority must be told of an incident by a moment, and when it was."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notices")
    clock = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    authority = models.CharField(max_length=200)
    article = models.CharField(max_length=100)
    source_url = models.URLField(max_length=500)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    sent_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="notices_sent"
    )
    lapsed_because = models.TextField(blank=True, help_text="Why it is no longer owed.")

    scope_lookup = "incident__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["incident", "clock"], name="risk_notice_once"),
            models.CheckConstraint(
                condition=Q(sent_at=None, sent_by=None)
                | Q(sent_at__isnull=False, sent_by__isnull=False) & ~Q(reference=""),
                name="risk_notice_sent_who_and_ref",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.incident.initiative.node


class IncidentRisk(Row):
    """That an incident is a risk that came true."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="risk_links")
    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="incident_links")

    scope_lookup = "incident__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["incident", "risk"], name="risk_incident_risk_once")
        ]

    def __str__(self) -> str:
        return f"{self.incident} was “{self.risk}”"

    @property
    def scope_node(self) -> ScopeNode:
        return self.incident.initiative.node
