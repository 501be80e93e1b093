"""Stages as data, and how initiatives moved through them."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.initiatives import choices
from governance_app.initiatives.models.initiative import Initiative
from governance_app.people.models import User
from governance_app.people.querysets import ScopedQuerySet


class StageTemplate(Row):
    """A named sequence of stages; a new installation has one, the default."""

    name = models.CharField(max_length=100, unique=True)
    is_default = models.BooleanField(default=False)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="initiatives_one_default_template",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Stage(Row):
    """One step of a template, in order of ``position``; ``domain.stages`` says what each means."""

    template = models.ForeignKey(StageTemplate, on_delete=models.PROTECT, related_name="stages")
    slug = models.SlugField(max_length=30)
    name = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField()
    time_box_days = models.PositiveIntegerField(null=True, blank=True)
    can_skip = models.BooleanField(default=False)
    is_final = models.BooleanField(default=False)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["template", "slug"], name="initiatives_stage_slug"),
            models.UniqueConstraint(
                fields=["template", "position"], name="initiatives_stage_position"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StageDate(Row):
    """
    When an initiative was meant to enter a stage, and when it did.

    The precision says how exactly a date was known: a month is kept as its first day.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="stage_dates")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="dates")
    planned_on = models.DateField(null=True, blank=True)
    planned_precision = models.CharField(max_length=8, choices=choices.PRECISIONS, default="day")
    actual_on = models.DateField(null=True, blank=True)
    actual_precision = models.CharField(max_length=8, choices=choices.PRECISIONS, default="day")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "stage"], name="initiatives_stage_date_once"
            ),
            models.CheckConstraint(
                condition=Q(planned_on__isnull=False) | Q(actual_on__isnull=False),
                name="initiatives_stage_date_has_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id}: planned {self.planned_on}, actual {self.actual_on}"


class StageMove(Row):
    """
    An initiative entered a stage on a day; rows are added, never changed.

    ``planned_on`` is what the plan said at that moment. ``from_stage`` is empty for the first.
    """

    initiative = models.ForeignKey(Initiative, on_delete=models.PROTECT, related_name="stage_moves")
    from_stage = models.ForeignKey(
        Stage, on_delete=models.PROTECT, null=True, blank=True, related_name="moves_out"
    )
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="moves_in")
    on = models.DateField()
    planned_on = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    moved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="stage_moves")

    scope_lookup = "initiative__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(from_stage=None) | ~Q(from_stage=F("to_stage")),
                name="initiatives_move_goes_somewhere",
            ),
        ]
        indexes = [models.Index(fields=["initiative", "on"], name="initiatives_move_history")]

    def __str__(self) -> str:
        return f"{self.from_stage_id} to {self.to_stage_id} on {self.on}"
