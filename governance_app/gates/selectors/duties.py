"""Who answers for what: the seats of an initiative and of its gates, and a person's duties."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from governance_app.books.selectors import setting
from governance_app.domain.phrases import Phrase, phrase
from governance_app.gates.judging import DECIDING, Places
from governance_app.gates.models import Delegation, GateRequest, Training
from governance_app.initiatives.models import Initiative
from governance_app.people.models import Grant, User
from governance_app.people.roles import ROLES

LETTERS: Mapping[str, str] = {
    "responsible": "Responsible",
    "accountable": "Accountable",
    "consulted": "Consulted",
    "informed": "Informed",
}
SEATS: Mapping[str, str] = {
    "sponsor": "Sponsor",
    "business_owner": "Business owner",
    "technical_owner": "Technical owner",
    "risk_owner": "Risk owner",
    "program_manager": "Program manager",
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One cell: a person (None when the seat is empty), by which seat, and whether they left."""

    letter: str
    seat: str
    person: User | None

    @property
    def is_open(self) -> bool:
        """Whether nobody who is still here holds it."""
        return self.person is None or not self.person.is_active


@dataclass(frozen=True, slots=True)
class GateDuties:
    """Who takes part in one gate: who asks, who decides at which step."""

    rule: str
    asks: tuple[User, ...]
    decides: tuple[tuple[str, int, tuple[User, ...]], ...]


def raci(*, initiative: Initiative, on: dt.date) -> list[Duty]:
    """Give who is responsible, accountable, consulted and informed, by the dated setting."""
    table = setting(key="raci", on=on, node=initiative.node)
    return [
        Duty(letter, SEATS[seat], getattr(initiative, seat))
        for letter in LETTERS
        for seat in table.get(letter, ())
        if seat in SEATS
    ]


def gate_duties(*, initiative: Initiative, on: dt.date) -> list[GateDuties]:
    """Give, for every rule that binds an initiative, who may ask and who may decide."""
    force = Places(on).policy_at(initiative.node.path)
    holders = _Holders(initiative.node.path, on)
    return [
        GateDuties(
            rule.title,
            holders.of("gate.ask"),
            tuple((step.title, step.quorum, holders.of(step.who)) for step in rule.steps),
        )
        for rule in force.policy.rules
        if rule.steps
    ]


@dataclass(frozen=True, slots=True)
class Duties:
    """What a person answers for: seats, seats at gates, requests of theirs, who stands in."""

    seats: tuple[tuple[str, int, tuple[Initiative, ...]], ...]
    may_decide: tuple[str, ...]
    asked: tuple[GateRequest, ...]
    given: tuple[Delegation, ...]

    @property
    def count(self) -> int:
        """How many seats at initiatives they hold."""
        return sum(count for _, count, _ in self.seats)


#: Initiatives named for each seat; the rest is counted.
NAMED = 12


def duties(*, viewer: User, person: User, on: dt.date) -> Duties:
    """Give the duties of a person as far as the viewer may see the initiatives."""
    seats = []
    for seat, title in SEATS.items():
        rows = _held(viewer, person, seat)
        count = rows.count()
        if count:
            seats.append((title, count, tuple(rows.order_by("number")[:NAMED])))
    asked = GateRequest.objects.visible_to(viewer).filter(
        requested_by=person, state__in=GateRequest.OPEN
    )
    return Duties(
        seats=tuple(seats),
        may_decide=_may_decide(person, on),
        asked=tuple(asked.select_related("initiative").order_by("-number")),
        given=tuple(
            Delegation.objects.filter(
                Q(giver=person) | Q(taker=person), ended_at=None, until_on__gte=on
            )
            .select_related("giver", "taker", "node")
            .order_by("from_on", "pk")
        ),
    )


def _held(viewer: User, person: User, seat: str) -> QuerySet[Initiative]:
    return Initiative.objects.visible_to(viewer).active().filter(**{seat: person})


def _may_decide(person: User, on: dt.date) -> tuple[str, ...]:
    found: list[str] = []
    for grant in Grant.objects.filter(user=person, from_on__lte=on).select_related("node"):
        if grant.until_on is not None and grant.until_on < on:
            continue
        for name, sentence in DECIDING.items():
            if name in ROLES[grant.role].permissions:
                what = Phrase(sentence.capitalize())
                found.append(phrase("{what}, in {place}", what=what, place=str(grant.node)))
    return tuple(dict.fromkeys(found))


class _Holders:
    """Who may do what at a place."""

    def __init__(self, path: str, on: dt.date) -> None:
        grants = Grant.objects.filter(
            user__is_active=True, user__kind="person", from_on__lte=on
        ).exclude(until_on__lt=on)
        self._rows = [
            grant
            for grant in grants.select_related("user", "node").order_by("user__name", "pk")
            if grant.node.kind == "organisation" or path.startswith(grant.node.path)
        ]

    def of(self, permission: str) -> tuple[User, ...]:
        found: dict[Any, User] = {}
        for grant in self._rows:
            if permission in ROLES[grant.role].permissions:
                found.setdefault(grant.user_id, grant.user)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Trained:
    """Whether somebody's training to decide for others counts; ``row`` is the newest one."""

    is_needed: bool
    row: Training | None
    until_on: dt.date | None
    counts: bool


def training_of(*, person: User, on: dt.date) -> Trained:
    """Give the training of a person to stand in at gates, on a day."""
    days = int(setting(key="gate_training", on=on)["days"])
    row = (
        Training.objects.filter(person=person)
        .select_related("noted_by")
        .order_by("-trained_on")
        .first()
    )
    until = row.trained_on + dt.timedelta(days=days) if row is not None and days else None
    return Trained(bool(days), row, until, not days or (until is not None and until >= on))
