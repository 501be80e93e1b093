"""The board: sittings with an agenda of what waits, and minutes of what was decided."""

import datetime as dt

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.gates.models import AgendaItem, BoardMeeting, GateRequest
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import sentence_of, today
from governance_app.people import access
from governance_app.people.models import ScopeNode, User


@refusals_noted
@recorded
def call_meeting(*, node: ScopeNode, on: dt.date, title: str, by: User) -> BoardMeeting:
    """
    Call a sitting; everything that waits in its part of the tree goes on the agenda, oldest first.

    Raises:
        GateRefused: the day is over, or there is a sitting on it already.
    """
    access.require(by, "gate.decide", node)
    if on < today():
        raise GateRefused(f"{on} is over; call the meeting for today or later.")
    if BoardMeeting.objects.filter(node=node, on=on).exists():
        raise GateRefused(f"{node} has a meeting on {on} already.")
    meeting = BoardMeeting.objects.create(
        node=node, on=on, title=sentence_of(title, "A meeting needs a title."), called_by=by
    )
    _fill(meeting)
    return meeting


@refusals_noted
@recorded
def fill_agenda(*, meeting: BoardMeeting, by: User) -> int:
    """Put on the agenda what came in since; give how many."""
    access.require(by, "gate.decide", meeting)
    row = BoardMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if row.held_at is not None:
        raise GateRefused(f"{row} was held; its agenda is closed.")
    return _fill(row)


@refusals_noted
@recorded
def minute(*, item: AgendaItem, text: str, by: User) -> AgendaItem:
    """Write what was said about a point of the agenda."""
    access.require(by, "gate.decide", item)
    row = AgendaItem.objects.select_for_update(of=("self",)).get(pk=item.pk)
    if row.meeting.held_at is not None:
        raise GateRefused(f"The minutes of {row.meeting} are closed.")
    save_changes(row, minute=text.strip())
    return row


@refusals_noted
@recorded
def close_meeting(
    *, meeting: BoardMeeting, minutes: str, by: User, version: int | None = None
) -> BoardMeeting:
    """Close the minutes of a sitting: from then on nothing in them changes."""
    access.require(by, "gate.decide", meeting)
    row = BoardMeeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    check_version(row, version)
    if row.held_at is not None:
        raise GateRefused(f"{row} is closed already.")
    if row.on > today():
        raise GateRefused(f"{row} has not taken place yet.")
    save_changes(row, minutes=minutes.strip(), held_at=timezone.now(), held_by=by)
    return row


def _fill(meeting: BoardMeeting) -> int:
    """Add the requests that wait for the board and stand on no open agenda yet."""
    waiting = GateRequest.objects.filter(
        state=GateRequest.State.IN_REVIEW,
        initiative__node__path__startswith=meeting.node.path,
        verdict__steps__contains=[{"who": "gate.decide"}],
    ).exclude(agenda_items__meeting__held_at=None, agenda_items__isnull=False)
    position = AgendaItem.objects.filter(meeting=meeting).count()
    added = 0
    for request in waiting.order_by("submitted_at", "number"):
        position += 1
        added += 1
        AgendaItem.objects.create(meeting=meeting, request=request, position=position)
    return added
