"""Seats of AI assistants, and work items that stand for milestones."""

from django.db import models
from django.db.models import F, Q

from governance_app.audit.rows import Row
from governance_app.connectors.models.connection import Connection
from governance_app.initiatives.models import Initiative, Milestone
from governance_app.people.models import ScopeNode
from governance_app.people.querysets import ScopedQuerySet


class SeatCount(Row):
    """
    How many seats of one product were bought, assigned and used, as counted on one day.

    Counts only: who sits on a seat is never kept. ``price`` is one seat's, a month.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="seat_counts")
    product = models.CharField(max_length=200)
    counted_on = models.DateField()
    bought = models.PositiveIntegerField(null=True, blank=True)
    assigned = models.PositiveIntegerField()
    active = models.PositiveIntegerField(null=True, blank=True)
    active_days = models.PositiveSmallIntegerField(default=30)
    price = models.DecimalField(max_digits=38, decimal_places=18, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="seat_counts"
    )

    scope_lookup = "connection__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "product", "counted_on"], name="connectors_seatcount_once"
            ),
            models.CheckConstraint(
                condition=Q(active=None) | Q(active__lte=F("assigned")),
                name="connectors_seatcount_active_are_assigned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} on {self.counted_on}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.connection.node


class WorkItem(Row):
    """
    An item of an outside tracker that stands for a milestone; the tracker decides what it says.

    One that left the tracker keeps its row with ``gone_at``, and its milestone stays.
    """

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="work_items")
    key = models.CharField(max_length=200)
    title = models.CharField(max_length=500)
    state = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=1000, blank=True)
    due_on = models.DateField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True)
    initiative = models.ForeignKey(
        Initiative, on_delete=models.PROTECT, null=True, blank=True, related_name="work_items"
    )
    milestone = models.OneToOneField(
        Milestone, on_delete=models.PROTECT, null=True, blank=True, related_name="work_item"
    )
    gone_at = models.DateTimeField(null=True, blank=True)

    scope_lookup = "connection__node__path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["connection", "key"], name="connectors_workitem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def scope_node(self) -> ScopeNode:
        return self.connection.node
