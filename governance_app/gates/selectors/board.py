"""Reading the board's sittings."""

import uuid

from django.db.models import Count, Prefetch, QuerySet

from governance_app.gates.models import AgendaItem, BoardMeeting
from governance_app.people.models import User


def meetings(*, viewer: User) -> QuerySet[BoardMeeting]:
    """Give the sittings a viewer may see, newest first, each with how many points it has."""
    rows = BoardMeeting.objects.visible_to(viewer).select_related("node", "called_by", "held_by")
    return rows.annotate(points=Count("items")).order_by("-on", "-pk")


def meeting(*, viewer: User, meeting_id: uuid.UUID | str) -> BoardMeeting | None:
    """Give one sitting with its agenda in order, or None when it is not the viewer's to see."""
    items = (
        AgendaItem.objects.select_related(
            "request__initiative__node", "request__initiative__unit", "request__requested_by"
        )
        .prefetch_related("request__decisions__person")
        .order_by("position", "pk")
    )
    rows = meetings(viewer=viewer).prefetch_related(Prefetch("items", items, to_attr="agenda"))
    return rows.filter(pk=meeting_id).first()
