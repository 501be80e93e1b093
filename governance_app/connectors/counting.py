"""Taking over seats and work items: rows of their own, and what follows from them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.rows import save_changes
from governance_app.connectors.models import Connection, SeatCount, Stray, WorkItem
from governance_app.connectors.placing import Placer
from governance_app.domain.belonging import Thing
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading, ReadingRecord, SeatRecord, WorkItemRecord
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.choices import STATUSES
from governance_app.initiatives.models import Initiative
from governance_app.inventory import services as inventory
from governance_app.inventory.merging import merge
from governance_app.people.models import User


@dataclass(frozen=True)
class Counted:
    """What seat counts changed, and the readings that say the same."""

    tally: inventory.Tally
    readings: list[ReadingRecord]


def take_seats(connection: Connection, records: Sequence[SeatRecord], placer: Placer) -> Counted:
    """Write seat counts; where a key or rule names an initiative they are its readings too."""
    rows: dict[tuple[str, Any], dict[str, Any]] = {}
    readings: list[ReadingRecord] = []
    refused: list[tuple[str, str]] = []
    for record in records:
        if record.active is not None and record.active > record.assigned:
            said = f"{record.active} active seats of {record.assigned} assigned cannot be."
            refused.append((record.product, said))
            continue
        owner = placer.by_key(record.initiative_key) if record.initiative_key else None
        owner = owner or placer.by_rule(Thing(record.product))
        if record.initiative_key and owner is None:
            said = f"There is no initiative {record.initiative_key}."
            refused.append((record.product, said))
        rows[record.product, record.counted_on] = {
            "connection_id": connection.pk,
            "product": record.product[:200],
            "counted_on": record.counted_on,
            "bought": record.bought,
            "assigned": record.assigned,
            "active": record.active,
            "active_days": record.active_days,
            "price": None if record.price is None else str(record.price),
            "currency": record.currency,
            "initiative_id": owner.pk if owner else None,
        }
        if owner is not None:
            readings += _readings(record, owner)
    key = ("connection_id", "product", "counted_on")
    new, changed = merge(SeatCount, list(rows.values()), key=key)
    return Counted(inventory.Tally(new=new, changed=changed, refused=tuple(refused)), readings)


def take_items(
    connection: Connection, records: Sequence[WorkItemRecord], placer: Placer, *, by: User
) -> inventory.Tally:
    """Write work items; one with an initiative and a day is a milestone of it."""
    standing = {
        item.key: item
        for item in WorkItem.objects.select_for_update(of=("self",))
        .select_related("initiative", "milestone")
        .filter(connection=connection, key__in=[record.key for record in records])
    }
    new = changed = 0
    refused: list[tuple[str, str]] = []
    for record in records:
        thing = Thing(record.labels.get("name", record.key), record.labels)
        owner, why = placer.place(Stray.Kind.ITEM, thing, record.initiative_key)
        if owner is None and why:
            placer.wait(Stray.Kind.ITEM, thing, why)
        said = {
            "title": record.title[:500],
            "state": record.state[:100],
            "address": record.address[:1000],
            "due_on": record.due_on,
            "done_on": record.done_on,
            "initiative_id": owner.pk if owner else None,
            "gone_at": None,
        }
        item = standing.get(record.key)
        if item is None:
            item = WorkItem.objects.create(connection=connection, key=record.key, **said)
            new += 1
        elif save_changes(item, **said):
            changed += 1
        try:
            _follow(item, owner, by)
        except Sentence as error:
            refused.append((str(item), str(error)))
        if owner is not None:
            _say_status(owner, record, by)
    return inventory.Tally(new=new, changed=changed, refused=tuple(refused))


def settle_items(connection: Connection, seen: AbstractSet[str]) -> int:
    """End a complete listing of items: those it lacks have gone; their milestones stay."""
    missing = WorkItem.objects.select_for_update().filter(connection=connection, gone_at=None)
    now = timezone.now()
    gone = [item for item in missing if item.key not in seen]
    for item in gone:
        save_changes(item, gone_at=now)
    return len(gone)


def _readings(record: SeatRecord, owner: Initiative) -> list[ReadingRecord]:
    """Say a seat count as readings of its initiative."""
    counts = {"bought": record.bought, "assigned": record.assigned, "active": record.active}
    return [
        ReadingRecord(
            initiative_key=owner.key,
            series_key=f"seats/{record.product}/{what}",
            name=f"Seats {what}, {record.product}",
            unit="seats",
            cadence_days=1,
            reading=Reading(record.counted_on, Decimal(count), f"{record.product} seats"),
        )
        for what, count in counts.items()
        if count is not None
    ]


def _follow(item: WorkItem, owner: Initiative | None, by: User) -> None:
    """Let the milestone of an item say what the item says; make it when it can be one."""
    if owner is None or item.due_on is None:
        return
    name = f"{item.title} ({item.key})"[:300]
    if item.milestone is not None and item.milestone.initiative_id == owner.pk:
        initiatives.change_milestone(
            milestone=item.milestone, name=name, due_on=item.due_on, done_on=item.done_on, by=by
        )
        return
    made = initiatives.add_milestone(
        initiative=owner, name=name, due_on=item.due_on, done_on=item.done_on, by=by
    )
    save_changes(item, milestone_id=made.pk)


def _say_status(owner: Initiative, record: WorkItemRecord, by: User) -> None:
    """Post the status that a tracker gives an initiative, when it is another than the last."""
    if record.status not in STATUSES:
        return
    owner.refresh_from_db(fields=["status", "status_sentence"])
    sentence = record.sentence or f"{record.key} {record.title}: {record.state}"
    if (owner.status, owner.status_sentence) != (record.status, sentence):
        initiatives.post_status(initiative=owner, status=record.status, sentence=sentence, by=by)
