"""Reading seats of AI assistants: what is bought, given out, used, and would come back."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery

from governance_app.connectors.models import SeatCount, WorkItem
from governance_app.people import access
from governance_app.people.models import User


@dataclass(frozen=True)
class Seats:
    """
    The newest count of one product.

    ``idle`` seats are bought and not used: never given out, or given out and not active.
    ``comes_back`` is what they cost a month; None where a count or the price is not known, or
    the viewer sees no money.
    """

    count: SeatCount
    idle: int | None
    comes_back: Decimal | None
    history: tuple[tuple[dt.date, int, int | None], ...]


def seats(*, viewer: User) -> list[Seats]:
    """Give the newest count of each product, the most money to be had back first."""
    newest = SeatCount.objects.filter(
        connection=OuterRef("connection"), product=OuterRef("product")
    ).order_by("-counted_on", "-pk")
    rows = (
        SeatCount.objects.visible_to(viewer, "connection.view")
        .filter(connection__deleted_at=None, pk=Subquery(newest.values("pk")[:1]))
        .select_related("connection__node", "initiative")
    )
    found = [_seats(row, viewer) for row in rows]
    return sorted(
        found,
        key=lambda each: (-(each.comes_back or 0), -(each.idle or 0), each.count.product),
    )


def work_items(*, viewer: User) -> QuerySet[WorkItem]:
    """Give the items of trackers, those that are due first; gone ones last."""
    found = WorkItem.objects.visible_to(viewer, "connection.view")
    return found.select_related("connection", "initiative").order_by("gone_at", "due_on", "key")


def idle_of(*, bought: int | None, assigned: int, active: int | None) -> int | None:
    """
    Count seats that are paid for and not used; None when nobody says who is active.

    >>> idle_of(bought=100, assigned=80, active=50)
    50
    >>> idle_of(bought=None, assigned=80, active=50)
    30
    """
    if active is None:
        return None
    return max((bought if bought is not None else assigned) - active, 0)


def _seats(row: SeatCount, viewer: User) -> Seats:
    idle = idle_of(bought=row.bought, assigned=row.assigned, active=row.active)
    money = None
    if idle is not None and row.price is not None and access.sees_money(viewer, row.scope_node):
        money = idle * row.price
    history = SeatCount.objects.filter(connection=row.connection, product=row.product)
    days = history.order_by("counted_on").values_list("counted_on", "assigned", "active")
    return Seats(row, idle, money, tuple(days))
