"""What changed since a day: stages, spend, benefit, risk."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    FloatField,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import Abs, Coalesce, NullIf
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from governance_app.domain.money import EXACT
from governance_app.domain.phrases import phrase
from governance_app.domain.risk import CATEGORIES, UNASSESSED_RANK, level_name
from governance_app.initiatives.models import Initiative, StageMove
from governance_app.people.models import ScopeNode, User
from governance_app.risk.models import Risk, RiskScore
from governance_app.rollups.gather.rates import ACTUAL, Converter
from governance_app.rollups.models import InitiativeMonth
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment, compared
from governance_app.rollups.selectors.scope import Roots
from governance_app.value.models import BenefitMonth

PER_KIND = 3
#: What a review did to a benefit.
BENEFITS = {
    "validated": phrase("benefit validated"),
    "rejected": phrase("benefit rejected"),
}
UNASSESSED = Value(UNASSESSED_RANK)
#: Counts the rows before they are cut to the first lines, so that nothing is asked twice.
COUNTED = Window(Count("*"))


@dataclass(frozen=True, slots=True)
class Change:
    """
    One thing that changed.

    ``direction`` is up, down or flat; ``is_good`` None where neither way is good in itself.
    ``amount`` is in ``currency`` where the change is one of money.
    """

    kind: str
    initiative_id: uuid.UUID
    key: str
    name: str
    sentence: str
    direction: str
    is_good: bool | None
    on: dt.date
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """The changes worth telling, newest first inside each kind, and how many there are in all."""

    lines: tuple[Change, ...]
    counts: dict[str, int]


def changes_since(
    *,
    viewer: User,
    as_of: Moment,
    since: dt.date,
    per_kind: int = PER_KIND,
    node: ScopeNode | None = None,
) -> Changes:
    """
    Give the stage moves, and the largest movers of spend, validated benefit and risk.

    Args:
        since: changes on later days count; spend compares the last complete month with the
            same number of months before.
        per_kind: lines kept of each kind.
    """
    seen = scope.roots(viewer=viewer, permission="view", node=node)
    money = scope.roots(viewer=viewer, permission="money.view", node=node)
    found = {
        "stage": _stages(seen, as_of, since, per_kind),
        "spend": _spend(money, as_of, since, per_kind),
        "benefit": _benefits(money, as_of, since, per_kind),
        "risk": _risks(seen, as_of, since, per_kind),
    }
    return Changes(
        tuple(line for lines, _ in found.values() for line in lines),
        {kind: count for kind, (_, count) in found.items()},
    )


#: The first lines of a kind, and how many there are.
Found = tuple[list[Change], int]


def _stages(within: Roots, at: Moment, since: dt.date, limit: int) -> Found:
    moves = StageMove.objects.filter(
        within.holds("initiative__node__path"),
        from_stage__isnull=False,
        on__gt=since,
        on__lte=at.on,
    ).annotate(
        key=F("initiative__key"),
        name=F("initiative__name"),
        came=F("from_stage__name"),
        went=F("to_stage__name"),
        is_up=GreaterThan(F("to_stage__position"), F("from_stage__position")),
        ended=F("to_stage__is_final"),
        all=COUNTED,
    )
    found = moves.order_by("ended", "-on", "-to_stage__position", "-pk").values(
        "initiative_id", "key", "name", "came", "went", "is_up", "ended", "on", "all"
    )[:limit]
    lines = [
        Change(
            kind="stage",
            initiative_id=row["initiative_id"],
            key=row["key"],
            name=row["name"],
            sentence=phrase("{came} → {went}", came=phrase(row["came"]), went=phrase(row["went"])),
            direction="flat" if row["ended"] else "up" if row["is_up"] else "down",
            is_good=None,
            on=row["on"],
        )
        for row in found
    ]
    return lines, _count(found)


def _spend(within: Roots, at: Moment, since: dt.date, limit: int) -> Found:
    span = compared(at=at, since=since)
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        within.holds("initiative__node__path"), month__range=(span.before, span.last)
    )
    zero = Value(Decimal(0))
    moved = (
        rows.order_by()
        .values("initiative_id", "initiative__key", "initiative__name", "currency")
        .annotate(
            moved=Coalesce(Sum("cost", filter=Q(month__gte=span.first)), zero)
            - Coalesce(Sum("cost", filter=Q(month__lt=span.first)), zero),
            all=COUNTED,
        )
        .exclude(moved=0)
        .order_by(Abs("moved").desc(), "initiative__key")[:limit]
    )
    lines = [
        Change(
            kind="spend",
            initiative_id=row["initiative_id"],
            key=row["initiative__key"],
            name=row["initiative__name"],
            sentence=phrase("cost more than before")
            if row["moved"] > 0
            else phrase("cost less than before"),
            direction="up" if row["moved"] > 0 else "down",
            is_good=None,
            on=at.figures_on,
            amount=row["moved"],
            currency=row["currency"],
        )
        for row in moved
    ]
    return lines, _count(moved)


def _benefits(within: Roots, at: Moment, since: dt.date, limit: int) -> Found:
    """Add up what finance reviewed, by initiative and verdict; the months apart where rates are."""
    converter = Converter(at.currency)
    amount = Case(
        When(review="validated", then="validated"),
        default=Coalesce(NullIf("claimed", Value(Decimal(0))), "measured"),
    )
    rated_in = Case(When(currency=converter.currency, then=None), default="month")
    rows = (
        BenefitMonth.objects.filter(
            within.holds("initiative__node__path"),
            reviewed_at__gte=_begin(since + dt.timedelta(days=1)),
            reviewed_at__lt=_begin(at.on + dt.timedelta(days=1)),
        )
        .order_by()
        .values_list("initiative", "review", "currency", rated_in)
        .annotate(amount=Sum(amount), newest=Max("reviewed_at"))
        .exclude(amount=None)
    )
    sums: dict[tuple[uuid.UUID, str], Decimal] = defaultdict(Decimal)
    days: dict[tuple[uuid.UUID, str], dt.datetime] = {}
    for initiative, review, currency, month, native, newest in rows:
        converted = converter.convert(native, currency, month or at.through, ACTUAL).amount
        if converted is None:
            continue
        who = (initiative, review)
        sums[who] = EXACT.add(sums[who], converted)
        days[who] = max(days.get(who, newest), newest)
    largest = nsmallest(limit, sums, key=lambda who: (-abs(sums[who]), *who))
    named = Initiative.objects.in_bulk([initiative for initiative, _ in largest])
    lines = [
        Change(
            kind="benefit",
            initiative_id=initiative,
            key=named[initiative].key,
            name=named[initiative].name,
            sentence=BENEFITS[review],
            direction="up" if review == "validated" else "down",
            is_good=review == "validated",
            on=timezone.localdate(days[initiative, review]),
            amount=sums[initiative, review],
            currency=converter.currency,
        )
        for initiative, review in largest
    ]
    return lines, len(sums)


def _begin(day: dt.date) -> dt.datetime:
    """Give the moment a day begins where the viewer is."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _risks(within: Roots, at: Moment, since: dt.date, limit: int) -> Found:
    """Compare the newest score up to the day with the newest before it; new risks are no move."""
    scores = RiskScore.objects.filter(risk=OuterRef("pk")).order_by("-scored_at", "-pk")
    newest, former = scores.filter(on__lte=at.on), scores.filter(on__lte=since)
    rows = (
        Risk.objects.filter(within.holds("initiative__node__path"), closed_at=None)
        .filter(pk__in=RiskScore.objects.filter(on__gt=since, on__lte=at.on).values("risk"))
        .filter(Exists(former))
        .annotate(
            key=F("initiative__key"),
            name=F("initiative__name"),
            scored_on=Subquery(newest.values("on")[:1]),
            now=Subquery(newest.values("residual")[:1]),
            was=Subquery(former.values("residual")[:1]),
            rise=Coalesce("now", UNASSESSED, output_field=FloatField())
            - Coalesce("was", UNASSESSED, output_field=FloatField()),
            all=COUNTED,
        )
        .exclude(rise=0)
        .order_by(Abs("rise").desc(), F("rise").desc(), "key", "pk")
        .values(
            "initiative_id", "key", "name", "category", "scored_on", "now", "was", "rise", "all"
        )
    )[:limit]
    lines = [
        Change(
            kind="risk",
            initiative_id=row["initiative_id"],
            key=row["key"],
            name=row["name"],
            sentence=phrase(
                "{category} {was} → {now}",
                category=phrase(CATEGORIES[row["category"]].lower()),
                was=phrase(level_name(row["was"]).lower()),
                now=phrase(level_name(row["now"]).lower()),
            ),
            direction="up" if row["rise"] > 0 else "down",
            is_good=row["rise"] < 0,
            on=row["scored_on"],
        )
        for row in rows
    ]
    return lines, _count(rows)


def _count(found: Iterable[Mapping[str, Any]]) -> int:
    """Give how many there are of what was cut to the first lines."""
    return next((row["all"] for row in found), 0)
