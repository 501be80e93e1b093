"""The daily rounds, closing what they found, and handing over when a person leaves."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.domain.ids import uuid7
from governance_app.gates import services as gates
from governance_app.gates.models import Delegation, GateRequest
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.oversight import looking
from governance_app.oversight.held import MANY, held
from governance_app.oversight.models import Action, Round
from governance_app.people import access
from governance_app.people.models import User
from governance_app.people.services import system_user
from governance_app.risk import services as risks
from governance_app.risk.models import Signal

#: How many initiatives a round reads at once.
CHUNK = 500
#: What the signals of a round are called, so that only a round clears them.
MARK = "round:"


class BadAction(Sentence):
    """Something that cannot be done with what a round found; says why."""


@dataclass(slots=True)
class Went:
    """What a round did."""

    looked: int = 0
    found: Counter[str] = field(default_factory=Counter)
    raised: int = 0
    closed: int = 0
    guardrails: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Give the counts."""
        return {
            "looked": self.looked,
            "found": dict(self.found),
            "raised": self.raised,
            "closed": self.closed,
            "guardrails": self.guardrails,
        }


@recorded
def go_round(*, on: dt.date, by: User) -> Went:
    """
    Look at everything that is not retired: what may be wrong, then the guardrails over it.

    A finding becomes an action with an owner and a day, and a signal where risk should know;
    what is no longer found is closed and cleared. A second round on the same day adds nothing.
    """
    access.require(by, "oversight.act")
    row, _made = Round.objects.get_or_create(on=on, defaults={"started_at": timezone.now()})
    done = Went()
    gates.expire_due(on=on, by=by)
    ids = list(
        Initiative.objects.active()
        .filter(kind="initiative")
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for start in range(0, len(ids), CHUNK):
        _look(ids[start : start + CHUNK], on, by, done)
    done.guardrails = gates.look_at_guardrails(on=on, by=by).as_json()
    for start in range(0, len(ids), CHUNK):
        world = _world(ids[start : start + CHUNK], on, by, with_facts=False)
        _actions(world, list(world.clocks()), looking.CLOCKS, on, by, done)
    done.closed += _close_gone(by)
    save_changes(row, finished_at=timezone.now(), counts=done.as_json())
    _tell(on, row.started_at, by)
    return done


@recorded
def add_action(
    *,
    initiative: Initiative,
    title: str,
    sentence: str,
    due_on: dt.date,
    by: User,
    owner: User | None = None,
) -> Action:
    """
    Write down something that should be done about an initiative; no round closes it.

    Args:
        owner: whose it is; by default whoever answers for the initiative.

    Raises:
        BadAction: no title or reason, a day that is over, it is retired, or the owner cannot
            see it.
        Refused: the actor may not act on it.
    """
    access.require(by, "oversight.act", initiative)
    if not title.strip() or not sentence.strip():
        raise BadAction("Say what is to be done, and why.")
    if due_on < timezone.localdate():
        raise BadAction(f"{due_on} is over; it can be due today or later.")
    if initiative.stage is not None and initiative.stage.is_final:
        raise BadAction(f"{initiative} is retired: nothing is to be done about it any more.")
    whose = owner or _owner(initiative, looking.SEATS[0])
    if whose is not None and (not whose.is_active or not access.can(whose, "view", initiative)):
        raise BadAction(f"{whose} cannot see {initiative}.")
    return Action.objects.create(
        initiative=initiative,
        kind=looking.BY_HAND,
        ref=uuid7().hex,
        title=title.strip()[:300],
        sentence=sentence.strip(),
        owner=whose,
        raised_at=timezone.now(),
        due_on=due_on,
    )


@recorded
def close_action(*, action: Action, because: str, by: User, version: int | None = None) -> Action:
    """
    Say that something a round found is done or does not matter, and why.

    A round that finds it again opens it again.

    Raises:
        BadAction: no reason, or it is closed already.
    """
    if action.owner_id != by.pk:
        access.require(by, "oversight.act", action)
    access.require(by, "view", action)
    row = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    check_version(row, version)
    if row.closed_at is not None:
        raise BadAction(f"“{row}” is closed already.")
    if not because.strip():
        raise BadAction("Say in a sentence why it is over.")
    save_changes(row, closed_at=timezone.now(), closed_by=by, closed_because=because.strip())
    return row


@recorded
def give_action(*, action: Action, owner: User, by: User, version: int | None = None) -> Action:
    """Give an action to somebody who can see the initiative."""
    if action.owner_id != by.pk:
        access.require(by, "oversight.act", action)
    row = Action.objects.select_for_update(of=("self",)).get(pk=action.pk)
    check_version(row, version)
    if row.closed_at is not None:
        raise BadAction(f"“{row}” is closed already.")
    if not owner.is_active or not access.can(owner, "view", action):
        raise BadAction(f"{owner} cannot see {row.initiative}.")
    save_changes(row, owner=owner)
    return row


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What went from one person to another; ``owned`` counts by sort what they owned."""

    seats: int
    owned: Mapping[str, int]
    requests: int
    delegations: int

    @property
    def sentence(self) -> str:
        """Say it."""
        counts = {"seat": self.seats, **self.owned, "request": self.requests}
        parts = [
            spelling.plural(count, one, MANY.get(one)) for one, count in counts.items() if count
        ]
        ended = spelling.plural(self.delegations, "delegation")
        return f"Handed over: {', '.join(parts) or 'nothing was held'}; {ended} ended."


@recorded
def hand_over(*, person: User, successor: User, reason: str, by: User) -> HandedOver:
    """
    Give everything a person answers for to another: seats, whatever they own that is not done,
    requests they began.

    What they decided stays theirs; delegations by and to them end.

    Raises:
        BadAction: to the same person, to somebody who left, or without a reason.
        Refused: the actor may not manage people.
    """
    access.require(by, "people.edit")
    if person.pk == successor.pk:
        raise BadAction("Choose somebody else to hand over to.")
    if not successor.is_active or successor.is_system:
        raise BadAction(f"{successor} cannot take anything over.")
    if not reason.strip():
        raise BadAction("Say in a sentence why it is handed over.")
    principal = _principal()
    seats = 0
    for seat in looking.SEATS:
        seated = Initiative.objects.active().filter(**{seat: person}).order_by("pk")
        for initiative in seated:
            change: dict[str, Any] = {seat: successor}
            initiatives.edit(initiative=initiative, by=principal, **change)
            seats += 1
    owned: dict[str, int] = {}
    for sort, rows in held(viewer=principal, person=person):
        for row in rows.select_for_update(of=("self",)):
            save_changes(row, owner=successor)
            owned[sort.one] = owned.get(sort.one, 0) + 1
    drafts = GateRequest.objects.select_for_update(of=("self",)).filter(
        requested_by=person, state=GateRequest.State.DRAFT
    )
    asked = 0
    for request in drafts.order_by("pk"):
        save_changes(request, requested_by=successor)
        asked += 1
    ended = 0
    given = Delegation.objects.filter(ended_at=None, until_on__gte=timezone.localdate())
    for delegation in (given.filter(giver=person) | given.filter(taker=person)).order_by("pk"):
        gates.end_delegation(delegation=delegation, by=by)
        ended += 1
    done = HandedOver(seats, owned, asked, ended)
    audit.note(
        by=by,
        action="hand over",
        subject=person,
        sentence=f"Handed over from {person} to {successor}: {reason.strip()}",
        data={"seats": seats, "requests": asked, **owned},
    )
    return done


def _principal() -> User:

    return system_user("oversight")


def _look(ids: Sequence[uuid.UUID], on: dt.date, by: User, done: Went) -> None:
    world = _world(ids, on, by)
    found = list(world.findings())
    done.looked += len(ids)
    _actions(world, found, frozenset(looking.KINDS) - looking.CLOCKS, on, by, done)
    _signals(world, found, on, by)
    risks.follow_bills(initiatives=ids, on=on, by=by)


def _world(
    ids: Sequence[uuid.UUID], on: dt.date, by: User, *, with_facts: bool = True
) -> looking.Round:
    rows = (
        Initiative.objects.filter(pk__in=ids)
        .select_related("stage", "node")
        .prefetch_related(*looking.SEATS)
    )
    return looking.Round(initiatives=list(rows), on=on, by=by, with_facts=with_facts)


def _actions(
    world: looking.Round,
    found: Sequence[looking.Found],
    kinds: frozenset[str],
    on: dt.date,
    by: User,
    done: Went,
) -> None:
    """Open, keep and close the actions of some kinds."""
    done.found.update(each.kind for each in found)
    standing = {
        (row.initiative_id, row.kind, row.ref): row
        for row in Action.objects.filter(
            initiative__in=list(world.rows), kind__in=kinds, closed_at=None
        )
        .select_for_update(of=("self",))
    }  # fmt: skip
    now = timezone.now()
    days = int(world.limits["act_days"])
    for each in found:
        title, _, seat = looking.KINDS[each.kind]
        known = standing.pop((each.initiative_id, each.kind, each.ref), None)
        if known is not None:
            changes: dict[str, Any] = {"sentence": each.sentence}
            if known.owner is None or not known.owner.is_active:
                changes["owner"] = _owner(world.rows[each.initiative_id], seat)
            save_changes(known, **changes)
            continue
        Action.objects.create(
            initiative_id=each.initiative_id,
            kind=each.kind,
            ref=each.ref,
            title=title,
            sentence=each.sentence,
            owner=_owner(world.rows[each.initiative_id], seat),
            raised_at=now,
            due_on=each.due_on or on + dt.timedelta(days=days),
        )
        done.raised += 1
    for row in standing.values():
        save_changes(row, closed_at=now, closed_by=by, closed_because="No longer found by a round.")
        done.closed += 1


def _signals(world: looking.Round, found: Sequence[looking.Found], on: dt.date, by: User) -> None:
    """Raise what risk should know, and clear what a round raised and no longer finds."""
    wanted: set[tuple[uuid.UUID, str, str]] = set()
    for each in found:
        kind = looking.KINDS[each.kind][1]
        if not kind:
            continue
        ref = f"{MARK}{each.ref}"[:200]
        wanted.add((each.initiative_id, kind, ref))
        risks.raise_signal(
            initiative=world.rows[each.initiative_id], kind=kind, evidence=each.sentence, on=on,
            by=by, ref=ref, effects=None if each.up is None else {"up": each.up},
        )  # fmt: skip
    kinds = {signal for _, signal, _ in looking.KINDS.values() if signal}
    standing = Signal.objects.filter(
        initiative__in=list(world.rows), kind__in=kinds, ref__startswith=MARK, cleared_at=None
    ).select_related("initiative__node")
    for signal in standing:
        if (signal.initiative_id, signal.kind, signal.ref) not in wanted:
            risks.clear_signal(
                signal=signal, because="The daily round no longer finds it.", on=on, by=by
            )


def _owner(row: Initiative, first: str) -> User | None:
    """Give who answers: the seat that fits, else the next one that somebody active holds."""
    for seat in (first, *looking.SEATS):
        person: User | None = getattr(row, seat)
        if person is not None and person.is_active:
            return person
    return None


def _close_gone(by: User) -> int:
    """Close what was found about initiatives that are retired now."""
    now = timezone.now()
    rows = Action.objects.filter(closed_at=None, initiative__stage__is_final=True)
    count = 0
    for row in rows.select_for_update(of=("self",)).order_by("pk"):
        save_changes(row, closed_at=now, closed_by=by, closed_because="It is retired.")
        count += 1
    return count


def _tell(on: dt.date, since: dt.datetime, by: User) -> None:
    """Write one letter a day to everybody who got something new to do."""
    new: dict[uuid.UUID, list[Action]] = {}
    rows = Action.objects.filter(
        raised_at__gte=since, closed_at=None, owner__is_active=True
    ).select_related("owner", "initiative")
    for row in rows.order_by("due_on", "pk"):
        assert row.owner_id is not None
        new.setdefault(row.owner_id, []).append(row)
    for group in new.values():
        owner = group[0].owner
        assert owner is not None
        jobs.put_in_outbox(
            channel="email",
            dedupe=f"round:{on}:{owner.pk}",
            payload={
                "to": [owner.email],
                "template": "daily-round",
                "context": {
                    "name": owner.name,
                    "on": on.isoformat(),
                    "count": len(group),
                    "lines": [
                        f"{row.initiative.key} {row.title}: {row.sentence}" for row in group[:20]
                    ],
                },
            },
            by=by,
        )
