"""Tokens that let outside programs push, how often each was used, and what it delivered."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row, UncapturedRow
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet

CALLS_A_MINUTE = 600


class InboundToken(Row):
    """
    A secret with which one program may push some kinds of things below one node.

    Only its hash is kept. It reads nothing. ``initiative`` takes what says nothing better.
    """

    class Scope(models.TextChoices):
        METRICS = "metrics", "Metrics"
        LINEAGE = "lineage", "OpenLineage events"
        EVENTS = "events", "CloudEvents"

    name = models.CharField(max_length=200)
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="inbound_tokens")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="inbound_tokens"
    )
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.CharField(max_length=64)
    calls_a_minute = models.PositiveIntegerField(default=CALLS_A_MINUTE)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        triggers = capture("digest")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at=None),
                name="connectors_inboundtoken_name_once",
            ),
            models.CheckConstraint(
                condition=Q(calls_a_minute__gte=1), name="connectors_inboundtoken_some_calls"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node

    @property
    def source(self) -> str:
        """How rows of other nouns name what came with this token."""
        return f"inbound:{self.pk}"


class InboundMinute(UncapturedRow):
    """How often a token was used in one minute; the limit is kept with it, over all processes."""

    token = models.ForeignKey(InboundToken, on_delete=models.PROTECT, related_name="minutes")
    minute = models.DateTimeField()
    calls = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "minute"], name="connectors_inboundminute_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.token} at {self.minute:%Y-%m-%d %H:%M}"


class InboundEvent(UncapturedRow):
    """
    One event as it was received, and what became of it; written once.

    ``identity`` is what makes a repeat a repeat: a digest of the whole OpenLineage event, or of
    source and id of a CloudEvent.
    """

    class Outcome(models.TextChoices):
        TAKEN = "taken", "taken"
        WAITING = "waiting", "waits for an initiative"
        KEPT = "kept", "kept, of a type nobody reads"

    token = models.ForeignKey(InboundToken, on_delete=models.PROTECT, related_name="events")
    scope = models.CharField(max_length=20, choices=InboundToken.Scope)
    identity = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    kind = models.CharField(max_length=200, blank=True)
    subject = models.CharField(max_length=500, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome)
    sentence = models.CharField(max_length=500, blank=True)
    body = models.JSONField(default=dict)

    scope_lookup = "token__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "identity"], name="connectors_inboundevent_once"
            ),
        ]
        indexes = [
            models.Index(fields=["token", "-received_at"], name="connectors_inboundevent_newest")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"
