import pgtrigger
from django.db import models
from django.db.models import F, Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row, UncapturedRow
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value import choices

_FROZEN_CASE = """
    IF OLD.state = 'approved' THEN
        RAISE EXCEPTION 'An approved business case is frozen; write a new version beside it.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""

_FROZEN_LINES = """
    PERFORM 1 FROM value_businesscase
        WHERE state = 'approved' AND id IN ({cases});
    IF FOUND THEN
        RAISE EXCEPTION 'The lines of an approved business case are frozen.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


_OLD, _NEW = "SELECT case_id FROM old_lines", "SELECT case_id FROM new_lines"


def _freeze_lines(operation: pgtrigger.Operation, cases: str, **tables: str) -> pgtrigger.Trigger:
    """Check a whole statement at once: a case of thousands of lines asks one question."""
    return pgtrigger.Trigger(
        name=f"freeze_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        func=_FROZEN_LINES.format(cases=cases),
    )


class BusinessCase(Row):
    """
    One version of what an initiative promises, with its reasons.

    A draft is rewritten by whoever may edit value; somebody else approves it. From then on
    the database refuses any change: a re-baseline is another version beside it, and the
    highest approved number is the promise in force.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="cases")
    number = models.PositiveSmallIntegerField(help_text="1, 2, ... within the initiative.")
    state = models.CharField(max_length=10, choices=choices.CASE_STATES, default="draft")
    assumptions = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    annual_rate = models.DecimalField(
        max_digits=7, decimal_places=6, help_text="Discount rate; 0.10 is 10 %."
    )
    valuation_month = models.DateField(help_text="Month of t = 0.")
    go_live_month = models.DateField(null=True, blank=True)

    total_cost = models.DecimalField(max_digits=38, decimal_places=18, default=0)
    total_benefit = models.DecimalField(max_digits=38, decimal_places=18, default=0)
    line_count = models.PositiveIntegerField(default=0)
    lines_sha256 = models.CharField(
        max_length=64, help_text="Of the lines in order; what was approved can be proved."
    )

    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cases_written")
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_approved"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_sentence = models.TextField(blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "number"], name="value_case_number_once"),
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(state="draft"), name="value_case_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", approved_by=None, approved_at=None)
                | Q(state="approved", approved_by__isnull=False, approved_at__isnull=False),
                name="value_case_approved_who_and_when",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("written_by")),
                name="value_case_approver_is_not_author",
            ),
            models.CheckConstraint(condition=Q(annual_rate__gt=-1), name="value_case_rate"),
            models.CheckConstraint(
                condition=Q(valuation_month__day=1)
                & (Q(go_live_month=None) | Q(go_live_month__day=1)),
                name="value_case_first_of_month",
            ),
        ]
        triggers = [
            *capture(),
            pgtrigger.Trigger(
                name="freeze_approved",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=_FROZEN_CASE,
            ),
        ]

    def __str__(self) -> str:
        return f"Business case {self.number}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node

    @property
    def is_approved(self) -> bool:
        return self.state == "approved"


class CaseLine(UncapturedRow):
    """
    One amount of a business case in one month, in the currency of the case, never negative.

    Written in one go with its case, whose row in the trail carries count, totals and digest.
    """

    case = models.ForeignKey(BusinessCase, on_delete=models.PROTECT, related_name="lines")
    side = models.CharField(max_length=7, choices=choices.SIDES)
    category = models.CharField(
        max_length=20, choices={**choices.COST_CATEGORIES, **choices.BENEFIT_TYPES}
    )
    month = models.DateField()
    amount = models.DecimalField(max_digits=38, decimal_places=18, help_text="Likely.")
    low = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    high = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3)
    is_recurring = models.BooleanField(default=True)
    treatment = models.CharField(max_length=5, choices=choices.TREATMENTS, blank=True)

    scope_lookup = "case__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="value_line_not_negative"),
            models.CheckConstraint(condition=Q(month__day=1), name="value_line_first_of_month"),
            models.CheckConstraint(
                condition=(Q(low=None) | Q(low__gte=0, low__lte=F("amount")))
                & (Q(high=None) | Q(high__gte=F("amount"))),
                name="value_line_range",
            ),
            models.CheckConstraint(
                condition=Q(side="cost", category__in=list(choices.COST_CATEGORIES))
                | Q(side="benefit", category__in=list(choices.BENEFIT_TYPES), treatment=""),
                name="value_line_category_of_its_side",
            ),
        ]
        triggers = [
            _freeze_lines(pgtrigger.Insert, _NEW, new="new_lines"),
            _freeze_lines(
                pgtrigger.Update, f"{_OLD} UNION ALL {_NEW}", old="old_lines", new="new_lines"
            ),
            _freeze_lines(pgtrigger.Delete, _OLD, old="old_lines"),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.category} {self.month:%b %Y}"
