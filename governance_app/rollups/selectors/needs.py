"""What needs somebody: each line with its owner and one action."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from django.db.models import DurationField, F, FloatField, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Extract

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
    money = scope.roots(viewer=viewer, permission="money.view", node=node)
    rows = InitiativeNow.objects.known_at(as_of.known_at).filter(
        initiative__in=seen.initiatives_within().exclude(stage__is_final=True)
    )
    paid = rows.filter(initiative__in=money.initiatives_within())
    validates = can_anywhere(viewer, "value.validate")
    own = Q()
    for role in OWNERS:
        own |= Q(**{f"initiative__{role}": viewer})
    lines: list[Need] = []
    counts, yours = dict.fromkeys(KINDS, 0), 0
    for kind, found, say in _kinds(rows, paid, as_of):
        counts[kind] = found.count()
        if not counts[kind]:
            continue
        if kind == "validation":
            mine = found if validates else found.none()
        else:
            mine = found.filter(own)
        yours += mine.count()
        for part, is_yours in ((mine, True), (found.exclude(pk__in=mine.values("pk")), False)):
            for row in _worst(part, limit):
                lines.append(_line(kind, row, say(row), is_yours))
    return Needs(tuple(_mixed(lines)[:limit]), counts, sum(counts.values()), yours)


Rows = QuerySet[InitiativeNow]


def _worst(rows: Rows, limit: int) -> Rows:
    """Give the heaviest rows with what a line shows, and nothing else of them."""
    joined = rows.select_related("initiative", *(f"initiative__{each}" for each in OWNERS))
    return joined.defer("returns", "reasons", "made_from").order_by(
        F("weight").desc(), "initiative__number", "pk"
    )[:limit]


def _kinds(
    rows: Rows, paid: Rows, at: Moment
) -> Iterator[tuple[str, Rows, Callable[[InitiativeNow], str]]]:
    """Give each kind with its rows, weighed, and what to say of one."""
    over = Decimal(str(books.setting(key="over_budget_ratio", on=at.on)))
    status_due = at.on - dt.timedelta(days=STATUS_DAYS)
    plain = FloatField()
    yield (
        "risk",
        rows.filter(risk_above_appetite__gt=0).annotate(
            weight=Coalesce("risk_known_level", 0) * 100.0 + F("risk_above_appetite") * 1.0
        ),
        _risk,
    )
    yield (
        "budget",
        paid.filter(spend_year__gt=F("budget_year") * (1 + over), budget_year__gt=0).annotate(
            weight=Cast(F("spend_year") / F("budget_year"), plain)
        ),
        _budget,
    )
    yield (
        "time_box",
        _aged(rows.filter(time_box_on__lt=at.on), "time_box_on", at),
        partial(_time_box, at=at),
    )
    yield (
        "validation",
        paid.filter(pending_months__gt=0).annotate(
            weight=Cast(Coalesce("pending_benefit", Decimal(0)), plain)
        ),
        _validation,
    )
    yield (
        "readings",
        _aged(rows.filter(stale_from_on__lte=at.on), "stale_from_on", at),
        partial(_readings, at=at),
    )
    working = rows.exclude(stage__in=("", "idea"))
    stale = working.filter(Q(status_on=None) | Q(status_on__lt=status_due))
    yield "status", _aged(stale, "status_on", at), partial(_status, at=at)


def _aged(rows: Rows, column: str, at: Moment) -> Rows:
    """Weigh rows by the days since a day; what never happened weighs nothing."""
    days = Cast(Value(at.on) - F(column), DurationField())
    return rows.annotate(weight=Coalesce(Extract(days, "epoch"), 0.0, output_field=FloatField()))


def _risk(row: InitiativeNow) -> str:
    known = row.risk_known_level
    level = LEVELS[known].lower() if known else "not assessed"
    words = CATEGORIES.get(row.risk_category, "").lower()
    count = row.risk_above_appetite
    more = f", {count} above appetite" if count > 1 else ""
    return f"{words} {level}{more}".strip()


def _budget(row: InitiativeNow) -> str:
    assert row.spend_year is not None and row.budget_year is not None
    ratio = float(row.spend_year / row.budget_year - 1)
    return f"{ratio:.0%} over budget this year".replace("%", " %")


def _time_box(row: InitiativeNow, *, at: Moment) -> str:
    days = row.days_past_time_box(at.on)
    return f"{days} {'day' if days == 1 else 'days'} past its time box"


def _validation(row: InitiativeNow) -> str:
    months = row.pending_months
    return f"{months} {'month waits' if months == 1 else 'months wait'} for finance"


def _readings(row: InitiativeNow, *, at: Moment) -> str:
    assert row.stale_from_on is not None
    if row.stale_from_on.year < 2000:
        return "a KPI was never read"
    return f"a KPI has been overdue for {(at.on - row.stale_from_on).days} days"


def _status(row: InitiativeNow, *, at: Moment) -> str:
    if row.status_on is None:
        return "nobody has said how it stands"
    return f"the last status is {(at.on - row.status_on).days} days old"


_ACTIONS = {
    "risk": ("Review", "risk", "risk_owner"),
    "budget": ("Open", "spend", "business_owner"),
    "time_box": ("Stop or extend", "stage", "program_manager"),
    "validation": ("Validate", "value", "business_owner"),
    "readings": ("Read", "kpis", "technical_owner"),
    "status": ("Update", "status", "program_manager"),
}


def _line(kind: str, row: InitiativeNow, sentence: str, is_yours: bool) -> Need:
    action, anchor, role = _ACTIONS[kind]
    initiative = row.initiative
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
        weight=row.weight,  # type: ignore[attr-defined]
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
