"""One AI initiative, programme or portfolio."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives import choices
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


def _owner(role: str) -> "models.ForeignKey[User | None, User | None]":
    return models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name=f"{role}_of"
    )


class InitiativeQuerySet(ScopedQuerySet["Initiative"]):
    """Filters that chain, beside ``visible_to``."""

    def active(self) -> "InitiativeQuerySet":
        """Keep what is not retired; an unknown stage counts as active."""
        return self.exclude(stage__is_final=True)

    def at(self, slug: str) -> "InitiativeQuerySet":
        """Keep what is in one stage; an empty slug keeps what has none."""
        return self.filter(stage__slug=slug) if slug else self.filter(stage=None)

    def below(self, node: ScopeNode) -> "InitiativeQuerySet":
        """Keep what stands in a unit or anywhere under it."""
        return self.filter(node__path__startswith=node.path)

    def for_reading(self) -> "InitiativeQuerySet":
        """
        Bring what every list and page shows, so that no row asks again.

        People come apart: five more joins take the database longer to plan than to run.
        """
        return self.select_related("node", "unit", "stage").prefetch_related(
            "sponsor", "business_owner", "technical_owner", "risk_owner", "program_manager"
        )


class Initiative(Row):
    """
    An AI initiative with its place, people, nature and stage; only ``initiatives.services``
    and the import change it.

    Blank text, null and ``None`` lists mean unknown. ``node`` is its own place in the scope
    tree, under the node of its ``unit``. ``extra`` keeps columns of an imported inventory that
    no field takes, label -> text.
    """

    KIND = choices.KINDS

    number = models.PositiveIntegerField(unique=True, help_text="142 of AI-142; orders the keys.")
    key = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=12, choices=choices.KINDS, default="initiative")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    node = models.OneToOneField(ScopeNode, on_delete=models.PROTECT, related_name="initiative")
    unit = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="initiatives")
    reference = models.CharField(max_length=200, blank=True, help_text="Its id in another list.")

    name = models.CharField(max_length=500)
    purpose = models.TextField(blank=True)

    stage = models.ForeignKey(
        "initiatives.Stage",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="initiatives",
    )
    status = models.CharField(max_length=10, choices=choices.STATUSES, blank=True)
    status_sentence = models.TextField(blank=True)
    status_on = models.DateField(null=True, blank=True)
    planned_start_on = models.DateField(null=True, blank=True)
    planned_end_on = models.DateField(null=True, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    time_box_on = models.DateField(
        null=True, blank=True, help_text="The present stage should be over by this day."
    )

    sponsor = _owner("sponsor")
    business_owner = _owner("business_owner")
    technical_owner = _owner("technical_owner")
    risk_owner = _owner("risk_owner")
    program_manager = _owner("program_manager")

    ai_type = models.CharField(max_length=20, choices=choices.AI_TYPES, blank=True)
    modality = models.CharField(max_length=20, choices=choices.MODALITIES, blank=True)
    deployment_target = models.CharField(
        max_length=20, choices=choices.DEPLOYMENT_TARGETS, blank=True
    )
    autonomy = models.CharField(max_length=20, choices=choices.AUTONOMIES, blank=True)
    data_classes = ArrayField(
        models.CharField(max_length=20, choices=choices.DATA_CLASSES), null=True, blank=True
    )
    risk_flags = ArrayField(
        models.CharField(max_length=20, choices=choices.RISK_FLAGS), null=True, blank=True
    )
    vendor = models.CharField(max_length=300, blank=True)
    sourcing = models.CharField(max_length=10, choices=choices.SOURCINGS, blank=True)

    expected_value = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    expected_value_currency = models.CharField(max_length=3, blank=True)

    tags = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    extra = models.JSONField(default=dict, blank=True)

    scope_lookup = "node__path"
    objects = InitiativeQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(expected_value=None, expected_value_currency="")
                | Q(expected_value__isnull=False) & ~Q(expected_value_currency=""),
                name="initiatives_value_with_currency",
            ),
            models.CheckConstraint(
                condition=Q(expected_value=None) | Q(expected_value__gte=0),
                name="initiatives_value_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=F("id")), name="initiatives_not_own_parent"
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "stage"], name="initiatives_unit_stage"),
            models.Index(fields=["stage", "status"], name="initiatives_stage_status"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.name}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node
