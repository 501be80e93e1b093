from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row
from governance_app.domain.risk import CATEGORIES, SIGNAL_KINDS
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet


class Signal(Row):
    """
    Something known to be going wrong with an initiative, until it is cleared.

    It can only raise levels; what it does is kept with it, since defaults are policy.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="signals")
    kind = models.CharField(
        max_length=30, choices=[(kind.slug, kind.name) for kind in SIGNAL_KINDS.values()]
    )
    ref = models.CharField(
        max_length=200, blank=True, help_text="Tells two open signals of a kind apart."
    )
    categories = ArrayField(models.CharField(max_length=20, choices=dict(CATEGORIES)))
    up = models.PositiveSmallIntegerField(default=0)
    floor = models.PositiveSmallIntegerField(default=1)
    likelihood_floor = models.PositiveSmallIntegerField(default=1)
    lowers_confidence = models.BooleanField(default=False)
    evidence = models.TextField(help_text="Value, threshold, source and time in a sentence.")

    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signals_raised")
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="signals_cleared"
    )
    cleared_because = models.TextField(blank=True)

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "kind", "ref"],
                condition=Q(cleared_at=None),
                name="risk_signal_open_once",
            ),
            models.CheckConstraint(
                condition=Q(cleared_at=None, cleared_by=None, cleared_because="")
                | Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(cleared_because=""),
                name="risk_signal_cleared_who_when_why",
            ),
            models.CheckConstraint(
                condition=Q(up__lte=2, floor__range=(1, 5), likelihood_floor__range=(1, 5)),
                name="risk_signal_effects",
            ),
        ]

    def __str__(self) -> str:
        return f"{SIGNAL_KINDS[self.kind].name}: {self.evidence}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.initiative.node
