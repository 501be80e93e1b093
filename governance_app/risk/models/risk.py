from django.db import models
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import Cast, Coalesce

from governance_app.audit.rows import Row
from governance_app.compliance.models import AppliedControl
from governance_app.domain.risk import CATEGORIES, UNASSESSED_RANK
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet

STEPS = Q(likelihood=None, impact=None) | Q(
    likelihood__gte=1, likelihood__lte=5, impact__gte=1, impact__lte=5
)

#: How bad a risk is for the order of a list, as ``domain.risk.sort_key``.
WORST = Coalesce(Cast("residual", FloatField()), Value(UNASSESSED_RANK))


class Risk(Row):
    """
    One scenario of an initiative; likelihood and impact are null until somebody assessed it.

    What the newest ``RiskScore`` says, the appetite where it stands and the next review are
    repeated here; only ``risk.services`` writes them. Null means not assessed, never no risk.
    """

    class Treatment(models.TextChoices):
        AVOID = "avoid"
        MITIGATE = "mitigate"
        TRANSFER = "transfer"
        ACCEPT = "accept"

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="risks")
    category = models.CharField(max_length=20, choices=dict(CATEGORIES))
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="risks_owned"
    )
    treatment = models.CharField(max_length=10, choices=Treatment, blank=True)

    likelihood = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5.")
    impact = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 to 5.")
    reasons = models.TextField(blank=True, help_text="Why this likelihood and impact.")
    reviewed_on = models.DateField(null=True, blank=True)
    review_days = models.PositiveSmallIntegerField(default=180)
    closed_at = models.DateTimeField(null=True, blank=True)

    inherent = models.PositiveSmallIntegerField(null=True, editable=False)
    residual = models.PositiveSmallIntegerField(null=True, editable=False)
    points = models.PositiveSmallIntegerField(null=True, editable=False)
    confidence = models.CharField(max_length=6, editable=False, default="low")
    likelihood_now = models.PositiveSmallIntegerField(null=True, editable=False)
    impact_now = models.PositiveSmallIntegerField(null=True, editable=False)
    appetite = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="The level accepted where it stands, null if not set."
    )
    review_due_on = models.DateField(null=True, editable=False, help_text="Null: never reviewed.")

    loss_probability = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, blank=True, help_text="Chance in a year, 0 to 1."
    )
    loss_low = models.DecimalField(
        max_digits=38,
        decimal_places=18,
        null=True,
        blank=True,
        help_text="With 90 % certainty the loss, if it happens, is not below this",
    )
    loss_high = models.DecimalField(
        max_digits=38, decimal_places=18, null=True, blank=True, help_text="nor above this."
    )
    loss_currency = models.CharField(max_length=3, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(condition=STEPS, name="risk_both_steps_or_none"),
            models.CheckConstraint(
                condition=Q(likelihood=None, residual=None, inherent=None, points=None)
                | Q(
                    likelihood__isnull=False,
                    residual__isnull=False,
                    inherent__isnull=False,
                    points__isnull=False,
                ),
                name="risk_unassessed_has_no_level",
            ),
            models.CheckConstraint(condition=Q(review_days__gte=1), name="risk_review_days"),
            models.UniqueConstraint(
                fields=["initiative", "category", "title"],
                condition=Q(closed_at=None),
                name="risk_once_while_open",
            ),
            models.CheckConstraint(
                condition=Q(loss_probability=None, loss_low=None, loss_high=None, loss_currency="")
                | Q(
                    loss_probability__gt=0,
                    loss_probability__lte=1,
                    loss_low__gt=0,
                    loss_high__gt=F("loss_low"),
                )
                & ~Q(loss_currency=""),
                name="risk_loss_is_a_range",
            ),
        ]
        indexes = [
            models.Index(
                fields=["likelihood_now", "impact_now"],
                condition=Q(closed_at=None),
                name="risk_open_map",
            ),
            models.Index(
                WORST.desc(),
                F("points").desc(nulls_last=True),
                "id",
                condition=Q(closed_at=None),
                name="risk_open_by_worst",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Control(Row):
    """
    What is done about a risk. Its credit lasts as long as its evidence is fresh.

    ``design`` and ``operating`` are shares in 0..1.
    """

    class Kind(models.TextChoices):
        PREVENT = "prevent", "Prevents: lowers likelihood"
        LIMIT = "limit", "Limits: lowers impact"

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="controls")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=7, choices=Kind)
    design = models.DecimalField(max_digits=4, decimal_places=3)
    operating = models.DecimalField(max_digits=4, decimal_places=3)
    evidence_on = models.DateField(null=True, blank=True)
    evidence_ref = models.CharField(max_length=500, blank=True)
    evidence_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    max_age_days = models.PositiveSmallIntegerField(default=365)
    applied = models.ForeignKey(
        AppliedControl,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="risk_controls",
        help_text="The control of the library whose tests say what it is worth.",
    )

    scope_lookup = "risk__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(design__gte=0, design__lte=1, operating__gte=0, operating__lte=1),
                name="risk_control_shares",
            ),
            models.CheckConstraint(
                condition=Q(evidence_on=None)
                | ~Q(evidence_ref="")
                | Q(evidence_file__isnull=False),
                name="risk_control_evidence_is_named",
            ),
            models.UniqueConstraint(fields=["risk", "title"], name="risk_control_once"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def scope_node(self) -> ScopeNode:
        return self.risk.initiative.node
