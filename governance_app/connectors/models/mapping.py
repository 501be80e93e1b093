"""How what comes in finds its initiative, and what has found none."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.connectors.models.connection import Connection
from governance_app.connectors.models.inbound import InboundToken
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class MappingRule(Row):
    """
    What matches belongs to an initiative; rules are asked in their order, the first one wins.

    An explicit link by a person or a tag that names an initiative wins over every rule.
    ``pattern`` is a whole value with * for any text and ? for one character, in any case.
    """

    class Looks(models.TextChoices):
        NAME = "name", "Name"
        TAG = "tag", "Tag"
        EXPERIMENT = "experiment", "Experiment"
        ACCOUNT = "account", "Account"

    position = models.PositiveIntegerField()
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, null=True, blank=True, related_name="mapping_rules",
        help_text="Empty: whatever the source.",
    )  # fmt: skip
    looks_at = models.CharField(max_length=12, choices=Looks)
    tag = models.CharField(max_length=200, blank=True)
    pattern = models.CharField(max_length=500)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, related_name="mapping_rules"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(looks_at="tag") & ~Q(tag="") | ~Q(looks_at="tag") & Q(tag=""),
                name="connectors_mappingrule_tag_named",
            ),
        ]

    def __str__(self) -> str:
        what = f"tag {self.tag}" if self.looks_at == self.Looks.TAG else self.looks_at
        return f"{what} {self.pattern}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node


class Stray(Row):
    """
    Something that came in and found no initiative: it waits until a person says where it goes.

    Its readings wait with it. Once placed, what comes later under the same name goes the same
    way; put aside, it is not asked about again.
    """

    class Kind(models.TextChoices):
        READINGS = "readings", "Readings"
        MODEL = "model", "Model"
        JOB = "job", "Pipeline"
        ITEM = "item", "Work item"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        PLACED = "placed", "Placed"
        ASIDE = "aside", "Put aside"

    source = models.CharField(max_length=100, help_text='"connection:<id>" or "inbound:<id>".')
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, null=True, blank=True, related_name="strays"
    )
    token = models.ForeignKey(
        InboundToken, on_delete=models.PROTECT, null=True, blank=True, related_name="strays"
    )
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="strays")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=500)
    labels = models.JSONField(default=dict, blank=True)
    why = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="strays"
    )
    settled_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "name"], name="connectors_stray_once"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at=None)
                | ~Q(state="waiting") & Q(settled_at__isnull=False),
                name="connectors_stray_settled_with_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="placed", initiative__isnull=False)
                | ~Q(state="placed") & Q(initiative=None),
                name="connectors_stray_placed_somewhere",
            ),
        ]
        indexes = [models.Index(fields=["state", "kind"], name="connectors_stray_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class StrayReading(UncapturedRow):
    """A reading that waits with its stray for an initiative."""

    stray = models.ForeignKey(Stray, on_delete=models.PROTECT, related_name="readings")
    series_key = models.CharField(max_length=300)
    series_name = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=50, blank=True)
    cadence_days = models.PositiveSmallIntegerField(null=True, blank=True)
    period_on = models.DateField()
    value = models.DecimalField(max_digits=38, decimal_places=18)
    source_ref = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["stray", "series_key", "period_on"], name="connectors_strayreading_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series_key} {self.period_on}"
