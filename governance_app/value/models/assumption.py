import pgtrigger
from django.db import models
from django.db.models import F, Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.value import choices
from governance_app.value.models.case import BusinessCase

_FROZEN = """
    PERFORM 1 FROM value_businesscase
        WHERE state = 'approved' AND id = (CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END).case_id;
    IF FOUND THEN
        RAISE EXCEPTION 'The assumptions of an approved business case are frozen.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
"""


class CaseAssumption(Row):
    """
    What a business case rests on: a value with its range, who answers for it, and on what proof.

    ``factor`` ties it to a step of the value bridge; ``driver`` names what it shares with other
    cases, so that a simulation moves them together. Frozen with its case.
    """

    case = models.ForeignKey(BusinessCase, on_delete=models.PROTECT, related_name="rests_on")
    name = models.CharField(max_length=200)
    factor = models.CharField(max_length=12, choices=choices.FACTORS, blank=True)
    unit = models.CharField(max_length=50, blank=True)
    low = models.DecimalField(max_digits=38, decimal_places=18)
    likely = models.DecimalField(max_digits=38, decimal_places=18)
    high = models.DecimalField(max_digits=38, decimal_places=18)
    moves = models.CharField(max_length=7, choices=choices.SIDES, default="benefit")
    driver = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="assumptions"
    )
    evidence = models.CharField(max_length=500, blank=True)

    scope_lookup = "case__initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["case", "name"], name="value_assumption_name_once"),
            models.CheckConstraint(
                condition=Q(low__lte=F("likely"), high__gte=F("likely")),
                name="value_assumption_range",
            ),
        ]
        triggers = [
            *capture(),
            pgtrigger.Trigger(
                name="freeze_with_case",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=_FROZEN,
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.case.initiative.node
