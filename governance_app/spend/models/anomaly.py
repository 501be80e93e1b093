from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money
from governance_app.spend.models.source import Source


class Anomaly(Row):
    """
    A service in an account that cost far more or less on a day, or in a month, than it usually
    does; found by a job, explained or dismissed by a person.

    A later look changes the figures of an open one, and never what somebody decided.
    """

    class Grain(models.TextChoices):
        DAY = "day"
        MONTH = "month"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        EXPLAINED = "explained", "Explained"
        DISMISSED = "dismissed", "Dismissed"
        GONE = "gone", "Gone: a restated bill took it away"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="anomalies")
    provider = models.TextField(blank=True)
    service = models.TextField(blank=True)
    account = models.TextField(blank=True)
    account_name = models.TextField(blank=True)
    grain = models.CharField(max_length=5, choices=Grain)
    on = models.DateField(help_text="The day, or the first day of the month.")
    currency = models.CharField(max_length=3)
    actual = money()
    usual = money()
    ratio = models.FloatField(null=True, blank=True, help_text="Actual / usual; empty at usual 0.")
    score = models.FloatField(help_text="Robust deviations from the usual.")
    sentence = models.TextField()
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="anomalies"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    note = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="anomalies_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "source__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        verbose_name_plural = "anomalies"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "provider", "service", "account", "grain", "on", "currency"],
                name="spend_anomaly_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "gone"], decided_by=None, decided_at=None)
                | Q(
                    state__in=["explained", "dismissed"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="spend_anomaly_decided_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "-on"], name="spend_anomaly_open")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def scope_node(self) -> ScopeNode:
        return self.source.node
