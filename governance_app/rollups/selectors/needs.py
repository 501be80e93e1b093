"""What needs somebody: each line with its owner and one action."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from django.db.models import (
    Case,
    Count,
    DurationField,
    F,
    FloatField,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Extract

from governance_app.domain.phrases import counted, phrase
from governance_app.domain.risk import CATEGORIES, LEVELS
from governance_app.people.access import can_anywhere
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.deciding import OWNERS, owner_names, owner_of
from governance_app.rollups.selectors.moments import Moment

#: A status older than this is due again.
STATUS_DAYS = 31

#: Kinds in the order of their urgency, with their words.
KINDS = {
    "risk": "Risk above appetite",
    "budget": "Over budget",
    "time_box": "Past its time box",
    "validation": "Waits for finance",
    "readings": "Stale readings",
    "status": "Status due",
}


@dataclass(frozen=True, slots=True)
class Need:
    """
    One thing to do.

    ``action`` is the word on the button; ``url_name`` and ``url_args`` are where it leads,
    ``anchor`` the part of that page. ``amount`` is money in ``currency`` where there is one.
    """

    kind: str
    title: str
    initiative_id: uuid.UUID
    key: str
    name: str
    owner: str
    sentence: str
    action: str
    url_name: str
    url_args: tuple[str, ...]
    anchor: str
    is_yours: bool
    weight: float
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """The most urgent lines, yours first, and how many there are by kind."""

    lines: tuple[Need, ...]
    counts: dict[str, int]
    total: int
    yours: int


def needs_you(
    *, viewer: User, as_of: Moment, limit: int = 8, node: ScopeNode | None = None
) -> Needs:
    """
    Give what needs somebody in the viewer's part of the tree.

    Budgets and benefits are told only where the viewer sees money. Lines of initiatives that
    name the viewer in any role come first, then one of each kind after the other, worst first.
    """
    seen = scope.roots(viewer=viewer, permission="view", node=node)
    money = scope.roots(viewer=viewer, permission="money.view", node=node)
    rows = (
        InitiativeNow.objects.known_at(as_of.known_at)
        .filter(seen.holds("initiative__node__path"))
        .exclude(initiative__stage__is_final=True)
    )
    kinds = list(_kinds(money.holds("initiative__node__path"), as_of))
    worst = _asked_at_once([_worst(rows, kind, _own(viewer, kind.name), limit) for kind in kinds])
    # By id alone: figures that are made anew meanwhile are told as they were found.
    found = InitiativeNow.objects.select_related("initiative").only(*_SHOWN)
    shown = found.in_bulk([row.pk for row in worst])
    names = owner_names(row.initiative for row in shown.values())
    by_name = {kind.name: kind for kind in kinds}
    lines = [_line(by_name[row.kind], shown[row.pk], row, names) for row in worst]
    counts = {row.kind: (row.of_kind, row.of_yours) for row in worst}
    return Needs(
        tuple(_mixed(lines)[:limit]),
        {kind: counts.get(kind, (0, 0))[0] for kind in KINDS},
        sum(every for every, _ in counts.values()),
        sum(yours for _, yours in counts.values()),
    )


Rows = QuerySet[InitiativeNow]


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of need: which rows have it, how heavy one is, and what to say of it."""

    name: str
    which: Q
    weight: Any
    say: Callable[[InitiativeNow], str]


def _own(viewer: User, kind: str) -> Q:
    """Tell the rows that are the viewer's to do: those that name them; signing is by right."""
    if kind == "validation":
        return Q(pk__isnull=not can_anywhere(viewer, "value.validate"))
    named = Q()
    for role in OWNERS:
        named |= Q(**{f"initiative__{role}": viewer})
    return named


class Weighed(NamedTuple):
    """
    How heavy a row weighs as one kind of need, and whether it is the viewer's own.

    ``of_kind`` and ``of_yours`` count all of its kind, shown or not.
    """

    pk: uuid.UUID
    kind: str
    weight: float
    is_yours: bool
    of_kind: int
    of_yours: int


Ranked = QuerySet[InitiativeNow, tuple[uuid.UUID, str, float, bool, int, int]]


def _worst(rows: Rows, kind: _Kind, own: Q, limit: int) -> Ranked:
    """Give the viewer's own rows and then the heaviest: what an index holds, of all of them."""
    weighed = rows.filter(kind.which).annotate(
        kind=Value(kind.name),
        weight=Cast(kind.weight, FloatField()),
        is_yours=Case(When(own, then=Value(True)), default=Value(False)),
        of_kind=Window(Count("pk")),
        of_yours=Window(Count("pk", filter=own)),
    )
    ordered = weighed.order_by(F("is_yours").desc(), F("weight").desc(), "initiative__number", "pk")
    return ordered.values_list(*Weighed._fields)[:limit]


def _asked_at_once(parts: Sequence[Ranked]) -> list[Weighed]:
    """Read the rows of all kinds in one statement."""
    if not parts:
        return []
    first, *others = parts
    found = first.union(*others, all=True) if others else first
    return [Weighed(*row) for row in found]


_SHOWN = (
    "currency", "through", "spend_year", "budget_year", "pending_benefit", "pending_months",
    "time_box_on", "stale_from_on", "status_on", "risk_known_level", "risk_category",
    "risk_above_appetite", "initiative__key", "initiative__name",
    *(f"initiative__{each}" for each in OWNERS),
)  # fmt: skip


def _kinds(paid: Q, at: Moment) -> Iterator[_Kind]:
    """Give each kind; ``paid`` keeps the rows whose money the viewer may see."""
    status_due = at.on - dt.timedelta(days=STATUS_DAYS)
    plain = FloatField()
    yield _Kind(
        "risk",
        Q(risk_above_appetite__gt=0),
        Coalesce("risk_known_level", 0) * 100.0 + F("risk_above_appetite") * 1.0,
        _risk,
    )
    yield _Kind(
        "budget",
        paid & Q(spend_year__gt=F("budget_year") * (1 + at.over_budget_ratio), budget_year__gt=0),
        Cast(F("spend_year") / F("budget_year"), plain),
        _budget,
    )
    yield _Kind(
        "time_box", Q(time_box_on__lt=at.on), _age("time_box_on", at), partial(_time_box, at=at)
    )
    yield _Kind(
        "validation",
        paid & Q(pending_months__gt=0),
        Cast(Coalesce("pending_benefit", Decimal(0)), plain),
        _validation,
    )
    yield _Kind(
        "readings",
        Q(stale_from_on__lte=at.on),
        _age("stale_from_on", at),
        partial(_readings, at=at),
    )
    yield _Kind(
        "status",
        ~Q(stage__in=("", "idea")) & (Q(status_on=None) | Q(status_on__lt=status_due)),
        _age("status_on", at),
        partial(_status, at=at),
    )


def _age(column: str, at: Moment) -> Any:
    """Weigh rows by the days since a day; what never happened weighs nothing."""
    days = Cast(Value(at.on) - F(column), DurationField())
    return Coalesce(Extract(days, "epoch"), 0.0, output_field=FloatField())


def _risk(row: InitiativeNow) -> str:
    known = row.risk_known_level
    level = LEVELS[known].lower() if known else "not assessed"
    words = CATEGORIES.get(row.risk_category, "").lower()
    count = row.risk_above_appetite
    if not words:
        return phrase("{level}, {count} above appetite", level=phrase(level), count=count)
    said = {"category": phrase(words), "level": phrase(level)}
    if count > 1:
        return phrase("{category} {level}, {count} above appetite", count=count, **said)
    return phrase("{category} {level}", **said)


def _budget(row: InitiativeNow) -> str:
    assert row.spend_year is not None and row.budget_year is not None
    ratio = float(row.spend_year / row.budget_year - 1)
    return phrase("{share} % over budget this year", share=round(ratio * 100))


def _time_box(row: InitiativeNow, *, at: Moment) -> str:
    return counted(
        "{count} day past its time box",
        "{count} days past its time box",
        count=row.days_past_time_box(at.on),
    )


def _validation(row: InitiativeNow) -> str:
    return counted(
        "{count} month waits for finance",
        "{count} months wait for finance",
        count=row.pending_months,
    )


def _readings(row: InitiativeNow, *, at: Moment) -> str:
    assert row.stale_from_on is not None
    if row.stale_from_on.year < 2000:
        return phrase("a KPI was never read")
    return phrase("a KPI has been overdue for {days} days", days=(at.on - row.stale_from_on).days)


def _status(row: InitiativeNow, *, at: Moment) -> str:
    if row.status_on is None:
        return phrase("nobody has said how it stands")
    return phrase("the last status is {days} days old", days=(at.on - row.status_on).days)


ACTIONS = {
    "risk": ("Review", "risk", "risk_owner"),
    "budget": ("Open it", "spend", "business_owner"),
    "time_box": ("Stop or extend", "stage", "program_manager"),
    "validation": ("Validate", "value", "business_owner"),
    "readings": ("Read", "kpis", "technical_owner"),
    "status": ("Update", "status", "program_manager"),
}


def _line(
    kind: _Kind, row: InitiativeNow, weighed: Weighed, names: Mapping[uuid.UUID, str]
) -> Need:
    action, anchor, role = ACTIONS[kind.name]
    initiative = row.initiative
    is_money = kind.name == "validation"
    return Need(
        kind=kind.name,
        title=KINDS[kind.name],
        initiative_id=row.initiative_id,
        key=initiative.key,
        name=initiative.name,
        owner=owner_of(initiative, names, role),
        sentence=kind.say(row),
        action=action,
        url_name="initiative",
        url_args=(initiative.key,),
        anchor=anchor,
        is_yours=weighed.is_yours,
        weight=weighed.weight,
        amount=row.pending_benefit if is_money else None,
        currency=row.currency if is_money else "",
    )


def _mixed(lines: Iterable[Need]) -> list[Need]:
    """Order lines so that no kind hides the others: the worst of each, then the next worst."""
    order = list(KINDS)
    ranked: list[tuple[bool, int, int, Need]] = []
    by_kind: dict[tuple[bool, str], list[Need]] = {}
    for line in lines:
        by_kind.setdefault((line.is_yours, line.kind), []).append(line)
    for (is_yours, kind), group in by_kind.items():
        group.sort(key=lambda line: (-line.weight, line.key))
        ranked += [
            (not is_yours, place, order.index(kind), line) for place, line in enumerate(group)
        ]
    return [line for *_, line in sorted(ranked, key=lambda each: each[:3])]
