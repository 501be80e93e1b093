"""What a law takes an initiative for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.compliance.models.library import Library
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Classification(Row):
    """
    One classification of an initiative by one version of a questionnaire; never changed.

    Answers, facts and the questionnaire are kept, so judging again gives the same result.
    ``tier`` is what was computed unless ``override_reason`` says why it is another.
    """

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="classifications"
    )
    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="classifications")
    scheme = models.CharField(max_length=60, help_text="The key of the library.")
    number = models.PositiveIntegerField()
    on = models.DateField()
    answers = models.JSONField()
    notes = models.JSONField(default=dict, blank=True, help_text="Question -> why this answer.")
    facts = models.JSONField()
    computed_tier = models.CharField(max_length=40)
    floor = models.CharField(max_length=40, blank=True)
    ceiling = models.CharField(max_length=40, blank=True)
    tier = models.CharField(max_length=40)
    override_reason = models.TextField(blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    open_flags = ArrayField(models.CharField(max_length=40), default=list)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    because = models.JSONField(help_text="Sentences and the questions each rests on.")
    duties = models.JSONField(help_text="What follows, with dates, as the file said that day.")
    facts_hash = models.CharField(max_length=64)
    classified_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="classifications"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "scheme", "number"], name="compliance_classification_once"
            ),
            models.CheckConstraint(
                condition=~Q(override_reason="") | Q(tier=models.F("computed_tier")),
                name="compliance_override_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.initiative.key}, {self.scheme} no. {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class ClassificationReview(Row):
    """What a second person says about a classification, once."""

    class Verdict(models.TextChoices):
        CONFIRM = "confirm", "Confirmed"
        REFUSE = "refuse", "Refused"

    classification = models.OneToOneField(
        Classification, on_delete=models.PROTECT, related_name="review"
    )
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.TextField(blank=True)
    reviewer = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="classification_reviews"
    )
    on = models.DateField()

    scope_lookup = "classification__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="confirm") | ~Q(reason=""),
                name="compliance_refusal_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} by {self.reviewer}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.classification.initiative.node


class TierNow(Row):
    """
    Which tier counts for an initiative under a scheme now; only services write it.

    ``confirmed`` is the newest that a second person agreed with, ``proposed`` a newer one that
    waits. A proposal can raise what counts at once; it lowers nothing before it is confirmed.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="tiers_now")
    scheme = models.CharField(max_length=60)
    tier = models.CharField(max_length=40)
    flags = ArrayField(models.CharField(max_length=40), default=list)
    roles = ArrayField(models.CharField(max_length=40), default=list)
    confirmed = models.ForeignKey(
        Classification, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed = models.ForeignKey(
        Classification, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "scheme"], name="compliance_tier_once")
        ]
        indexes = [models.Index(fields=["scheme", "tier"], name="compliance_tier_scheme")]

    def __str__(self) -> str:
        return f"{self.initiative.key}: {self.tier}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
