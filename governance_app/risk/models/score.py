from django.db import models

from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet
from governance_app.risk.models.risk import Risk


class RiskScore(Row):
    """
    How a risk was scored and why; added when the facts changed, never changed itself.

    ``lines`` is the explanation of ``domain.risk``; ``facts_hash`` tells whether something
    that counts differs. Null levels mean not assessed.
    """

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="scores")
    on = models.DateField(help_text="The day that aged evidence and review.")
    scored_at = models.DateTimeField()
    algorithm = models.CharField(max_length=20)
    facts_hash = models.CharField(max_length=64)
    inherent = models.PositiveSmallIntegerField(null=True)
    residual = models.PositiveSmallIntegerField(null=True)
    likelihood = models.PositiveSmallIntegerField(null=True)
    impact = models.PositiveSmallIntegerField(null=True)
    points = models.PositiveSmallIntegerField(null=True)
    confidence = models.CharField(max_length=6)
    lines = models.JSONField()
    facts = models.JSONField(default=dict, help_text="All that was judged, to judge it again.")

    scope_lookup = "risk__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["risk", "-scored_at"], name="risk_score_newest")]

    def __str__(self) -> str:
        return f"{self.algorithm} on {self.on}"
