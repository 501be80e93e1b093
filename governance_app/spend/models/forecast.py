from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.people.models import ScopeNode, User
from governance_app.people.querysets import ScopedQuerySet
from governance_app.spend.models.fields import money


class ForecastRound(Row):
    """
    One round of submitted forecasts of a fiscal year, such as 8+4: eight months of actuals and
    the owners' estimates of the other four. Finance opens it and locks it; locked, it stays.
    """

    name = models.CharField(max_length=200)
    fiscal_year = models.PositiveSmallIntegerField()
    first_month = models.DateField(help_text="First month that owners estimate.")
    last_month = models.DateField(help_text="Last month of the fiscal year.")
    due_on = models.DateField()
    locked_at = models.DateTimeField(null=True, blank=True)
    locked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="locked_forecasts"
    )

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "name"], name="spend_round_named_once"),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1)
                & Q(last_month__gte=F("first_month")),
                name="spend_round_of_whole_months",
            ),
            models.CheckConstraint(
                condition=Q(locked_at=None, locked_by=None)
                | Q(locked_at__isnull=False, locked_by__isnull=False),
                name="spend_round_locked_who_and_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_locked(self) -> bool:
        return self.locked_at is not None


class ForecastSubmission(Row):
    """
    An owner's estimate to complete for one unit or initiative in a round.

    Never edited: sending it again is the next number, and the highest counts.
    """

    round = models.ForeignKey(ForecastRound, on_delete=models.PROTECT, related_name="submissions")
    node = models.ForeignKey(
        ScopeNode, on_delete=models.PROTECT, related_name="forecast_submissions"
    )
    number = models.PositiveIntegerField()
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="forecast_submissions"
    )
    currency = models.CharField(max_length=3)
    total = money()
    note = models.TextField(blank=True)

    scope_lookup = "node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["round", "node", "number"], name="spend_submission_number_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round}, {self.node}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.node


class ForecastMonth(UncapturedRow):
    """What an owner expects a month to cost, by category; written with its submission."""

    submission = models.ForeignKey(
        ForecastSubmission, on_delete=models.PROTECT, related_name="months"
    )
    month = models.DateField()
    category = models.CharField(max_length=40, default="run")
    amount = money()

    scope_lookup = "submission__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "month", "category"], name="spend_forecast_month_once"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="spend_forecast_first_of_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%b %Y} {self.amount}"
