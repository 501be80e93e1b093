"""What needs somebody: each line with its owner and one action."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from governance_app.books import selectors as books
from governance_app.domain.risk import CATEGORIES, LEVELS
from governance_app.people.access import can_anywhere
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.deciding import OWNERS, owner_of
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
    rows = (
        InitiativeNow.objects.known_at(as_of.known_at)
        .filter(initiative__in=seen.initiatives_within().exclude(stage__is_final=True))
        .select_related("initiative", *(f"initiative__{each}" for each in OWNERS))
    )
    money = scope.roots(viewer=viewer, permission="money.view", node=node)
    paid = rows.filter(initiative__in=money.initiatives_within())
    groups = {
        "risk": _risk(rows),
        "budget": _budget(paid, as_of),
        "time_box": _time_box(rows, as_of),
        "validation": _validation(paid, viewer),
        "readings": _readings(rows, as_of),
        "status": _status(rows, as_of),
    }
    lines = [
        _line(kind, row, sentence, weight, viewer)
        for kind, found in groups.items()
        for row, sentence, weight in found
    ]
    counts = dict.fromkeys(KINDS, 0)
    for line in lines:
        counts[line.kind] += 1
    yours = sum(line.is_yours for line in lines)
    return Needs(tuple(_mixed(lines)[:limit]), counts, len(lines), yours)


Found = Iterator[tuple[InitiativeNow, str, float]]


def _risk(rows: QuerySet[InitiativeNow]) -> Found:
    for row in rows.filter(risk_above_appetite__gt=0):
        known = row.risk_known_level
        level = LEVELS[known].lower() if known else "not assessed"
        words = CATEGORIES.get(row.risk_category, "").lower()
        count = row.risk_above_appetite
        more = f", {count} above appetite" if count > 1 else ""
        yield row, f"{words} {level}{more}".strip(), float((known or 0) * 100 + count)


def _budget(rows: QuerySet[InitiativeNow], at: Moment) -> Found:
    limit = Decimal(str(books.setting(key="over_budget_ratio", on=at.on)))
    over = rows.filter(spend_year__gt=F("budget_year") * (1 + limit), budget_year__gt=0)
    for row in over:
        assert row.spend_year is not None and row.budget_year is not None
        ratio = float(row.spend_year / row.budget_year - 1)
        yield row, f"{ratio:.0%} over budget this year".replace("%", " %"), ratio


def _time_box(rows: QuerySet[InitiativeNow], at: Moment) -> Found:
    for row in rows.filter(time_box_on__lt=at.on):
        days = row.days_past_time_box(at.on)
        plural = "day" if days == 1 else "days"
        yield row, f"{days} {plural} past its time box", float(days)


def _validation(rows: QuerySet[InitiativeNow], viewer: User) -> Found:
    for row in rows.filter(pending_months__gt=0):
        months = row.pending_months
        plural = "month waits" if months == 1 else "months wait"
        yield row, f"{months} {plural} for finance", float(row.pending_benefit or 0)


def _readings(rows: QuerySet[InitiativeNow], at: Moment) -> Found:
    for row in rows.filter(stale_from_on__lte=at.on):
        assert row.stale_from_on is not None
        days = (at.on - row.stale_from_on).days
        never = row.stale_from_on.year < 2000
        words = "a KPI was never read" if never else f"a KPI has been overdue for {days} days"
        yield row, words, float(0 if never else days)


def _status(rows: QuerySet[InitiativeNow], at: Moment) -> Found:
    due = at.on - dt.timedelta(days=STATUS_DAYS)
    working = rows.exclude(stage__in=("", "idea"))
    for row in working.filter(Q(status_on=None) | Q(status_on__lt=due)):
        if row.status_on is None:
            yield row, "nobody has said how it stands", 0.0
        else:
            days = (at.on - row.status_on).days
            yield row, f"the last status is {days} days old", float(days)


_ACTIONS = {
    "risk": ("Review", "risk", "risk_owner"),
    "budget": ("Open", "spend", "business_owner"),
    "time_box": ("Stop or extend", "stage", "program_manager"),
    "validation": ("Validate", "value", "business_owner"),
    "readings": ("Read", "kpis", "technical_owner"),
    "status": ("Update", "status", "program_manager"),
}


def _line(kind: str, row: InitiativeNow, sentence: str, weight: float, viewer: User) -> Need:
    action, anchor, role = _ACTIONS[kind]
    initiative = row.initiative
    owners = {getattr(initiative, f"{each}_id") for each in OWNERS}
    is_yours = viewer.pk in owners
    if kind == "validation":
        is_yours = can_anywhere(viewer, "value.validate")
    return Need(
        kind=kind,
        title=KINDS[kind],
        initiative_id=row.initiative_id,
        key=initiative.key,
        name=initiative.name,
        owner=owner_of(initiative, role),
        sentence=sentence,
        action=action,
        url_name="initiative",
        url_args=(initiative.key,),
        anchor=anchor,
        is_yours=is_yours,
        weight=weight,
        amount=row.pending_benefit if kind == "validation" else None,
        currency=row.currency if kind == "validation" else "",
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
