from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value import choices
from governance_app.value.models.kpi import Kpi


class Benefit(Row):
    """
    One way in which an initiative pays, from its first month to its last.

    ``unit_value`` overrides the one of the KPI; in a labour formula it is the loaded hourly
    rate. Type and value type never share a headline: METHOD section 3.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="benefits")
    name = models.CharField(max_length=300)
    benefit_type = models.CharField(max_length=12, choices=choices.BENEFIT_TYPES)
    value_type = models.CharField(max_length=30, choices=choices.VALUE_TYPES)
    kpi = models.ForeignKey(
        Kpi, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits"
    )
    population = models.CharField(max_length=300, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits_owned"
    )
    starts_month = models.DateField()
    ends_month = models.DateField(help_text="Last month; from then on it is baseline.")
    method = models.CharField(max_length=15, choices=choices.METHODS, default="expert_claim")

    template = models.CharField(max_length=20, choices=choices.TEMPLATES, blank=True)
    dispositions = models.JSONField(
        default=dict, blank=True, help_text="Where freed time went -> share, as text."
    )
    rebased_month = models.DateField(
        null=True, blank=True, help_text="First month of the budget that holds it."
    )
    rebase_ref = models.CharField(max_length=300, blank=True)
    signed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="benefits_signed"
    )
    signed_at = models.DateTimeField(null=True, blank=True)

    formula = models.CharField(max_length=10, choices=choices.FORMULAS, default="kpi")
    unit_value = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3)
    attribution = models.DecimalField(max_digits=7, decimal_places=6, default=1)
    minutes_saved = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    acceptance = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)
    capture = models.DecimalField(max_digits=7, decimal_places=6, null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "name"], name="value_benefit_name_once"),
            models.CheckConstraint(
                condition=Q(starts_month__day=1, ends_month__day=1)
                & Q(ends_month__gte=F("starts_month")),
                name="value_benefit_months",
            ),
            models.CheckConstraint(
                condition=Q(attribution__gt=0, attribution__lte=1),
                name="value_benefit_attribution",
            ),
            models.CheckConstraint(
                condition=(Q(acceptance=None) | Q(acceptance__gte=0, acceptance__lte=1))
                & (Q(capture=None) | Q(capture__gte=0, capture__lte=1)),
                name="value_benefit_shares",
            ),
            models.CheckConstraint(
                condition=~Q(formula="labour")
                | Q(
                    minutes_saved__isnull=False,
                    acceptance__isnull=False,
                    capture__isnull=False,
                    unit_value__isnull=False,
                ),
                name="value_benefit_labour_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(rebased_month=None, rebase_ref="")
                | Q(rebased_month__day=1) & ~Q(rebase_ref=""),
                name="value_benefit_rebased_with_reference",
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by=F("owner"), signed_at__isnull=False),
                name="value_benefit_signed_by_its_owner",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class BenefitMonth(Row):
    """
    What one benefit is said to be worth in one month, on each rung it has reached.

    Null on a rung means that it was not reached, and never 0. Amounts are in the currency of
    the benefit. Finance reviews what was claimed: the validator is never the claimant.
    """

    RUNGS = ("claimed", "measured", "validated", "banked")

    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="benefit_months"
    )
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="months")
    month = models.DateField()
    currency = models.CharField(max_length=3)

    claimed = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    claimant = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="benefit_claims"
    )
    claim_basis = models.TextField(blank=True, help_text="How the estimate was made.")

    measured = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    measured_from = models.JSONField(
        default=dict, blank=True, help_text="The inputs of the measured amount, or the reason."
    )

    hours = models.DecimalField(
        max_digits=20,
        decimal_places=6,
        null=True,
        blank=True,
        help_text="Hours freed, where the formula is labour.",
    )
    valid_until_on = models.DateField(
        null=True, blank=True, help_text="Last day on which the validation holds."
    )

    review = models.CharField(max_length=10, choices=choices.REVIEWS, blank=True)
    validated = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    validator = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="benefit_reviews"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review_sentence = models.TextField(blank=True)
    evidence = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    evidence_ref = models.CharField(max_length=500, blank=True)

    banked = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    bank_ref = models.CharField(
        max_length=300, blank=True, help_text="Budget line or journal that holds it."
    )

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["benefit", "month"], name="value_benefit_month_once"),
            models.CheckConstraint(
                condition=Q(month__day=1), name="value_benefit_month_first_of_month"
            ),
            models.CheckConstraint(
                condition=Q(claimed=None, claimant=None)
                | Q(claimed__isnull=False, claimant__isnull=False),
                name="value_month_claimed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(review="", validator=None, reviewed_at=None)
                | ~Q(review="") & Q(validator__isnull=False, reviewed_at__isnull=False),
                name="value_month_reviewed_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(validator=None) | Q(claimant=None) | ~Q(validator=F("claimant")),
                name="value_month_validator_is_not_claimant",
            ),
            models.CheckConstraint(
                condition=Q(validated__isnull=True) & ~Q(review="validated")
                | Q(validated__isnull=False, review="validated")
                & (Q(evidence__isnull=False) | ~Q(evidence_ref="")),
                name="value_month_validated_with_evidence",
            ),
            models.CheckConstraint(
                condition=Q(banked=None, bank_ref="")
                | Q(banked__isnull=False, validated__isnull=False) & ~Q(bank_ref=""),
                name="value_month_banked_with_reference",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "month"], name="value_month_initiative")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.month:%b %Y}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
