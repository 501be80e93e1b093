from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet


class CodingRule(Row):
    """
    One line of the chart of coding: what a field of the books says for costs that match.

    Per field the rules are asked in order of ``position``; the first whose ``conditions`` all
    match wins; one without conditions matches everything. ``conditions`` is a list of
    {"dimension", "tag", "value"}. Only the end of a rule is ever changed.
    """

    class Field(models.TextChoices):
        ENTITY = "entity", "Legal entity that bears the cost"
        PAYER = "payer", "Legal entity that pays the bill"
        COST_CENTRE = "cost_centre", "Cost centre"
        GL_ACCOUNT = "gl_account", "General ledger account"
        PROJECT = "project", "Project (WBS element)"
        VENDOR = "vendor", "Vendor number"
        TAX_CODE = "tax_code", "Tax code"

    field = models.CharField(max_length=12, choices=Field)
    position = models.PositiveIntegerField()
    conditions = models.JSONField(default=list, blank=True)
    value = models.CharField(max_length=100)
    from_month = models.DateField()
    until_month = models.DateField(
        null=True, blank=True, help_text="First accounting month it no longer applies to."
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(until_month=None) | Q(until_month__gte=F("from_month")),
                name="spend_coding_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(from_month__day=1) & (Q(until_month=None) | Q(until_month__day=1)),
                name="spend_coding_first_of_month",
            ),
        ]
        indexes = [models.Index(fields=["field", "position"], name="spend_coding_order")]

    def __str__(self) -> str:
        return f"{self.get_field_display()} {self.value}"
