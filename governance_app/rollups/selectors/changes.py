"""What changed since a day: stages, spend, benefit, risk."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Abs, Coalesce

from governance_app.books import selectors as books
from governance_app.domain.periods import add_months, months_between
from governance_app.domain.risk import CATEGORIES, level_name
from governance_app.initiatives.models import StageMove
from governance_app.people.models import ScopeNode, User
from governance_app.risk.models import Risk, RiskScore
from governance_app.rollups.gather.rates import ACTUAL, Converter
from governance_app.rollups.models import InitiativeMonth
from governance_app.rollups.present import last_complete_month
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.scope import Roots
from governance_app.value.models import BenefitMonth

PER_KIND = 3


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
    spend, spend_count = _spend(money, as_of, since, per_kind)
    found = {
        "stage": _stages(seen, as_of, since),
        "spend": spend,
        "benefit": _benefits(money, as_of, since),
        "risk": _risks(seen, as_of, since),
    }
    lines = [line for kind in found.values() for line in kind[:per_kind]]
    counts = {kind: len(each) for kind, each in found.items()}
    return Changes(tuple(lines), counts | {"spend": spend_count})


def _stages(within: Roots, at: Moment, since: dt.date) -> list[Change]:
    moves = StageMove.objects.filter(
        initiative__in=within.initiatives_within(),
        from_stage__isnull=False,
        on__gt=since,
        on__lte=at.on,
    ).select_related("initiative", "from_stage", "to_stage")
    found = []
    for move in moves.order_by("-to_stage__position", "-on", "-pk"):
        assert move.from_stage is not None
        is_up = move.to_stage.position > move.from_stage.position
        ended = move.to_stage.is_final
        found.append(
            Change(
                kind="stage",
                initiative_id=move.initiative_id,
                key=move.initiative.key,
                name=move.initiative.name,
                sentence=f"{move.from_stage.name} → {move.to_stage.name}",
                direction="flat" if ended else "up" if is_up else "down",
                is_good=None,
                on=move.on,
            )
        )
    return sorted(found, key=lambda line: (line.direction == "flat", -line.on.toordinal()))


def _spend(within: Roots, at: Moment, since: dt.date, limit: int) -> tuple[list[Change], int]:
    before = last_complete_month(since)
    count = max(1, months_between(before, at.through))
    after_from = add_months(at.through, 1 - count)
    before_from = add_months(after_from, -count)
    rows = InitiativeMonth.objects.known_at(at.known_at).filter(
        initiative__in=within.initiatives_within(), month__range=(before_from, at.through)
    )
    zero = Value(Decimal(0))
    moved = (
        rows.order_by()
        .values("initiative_id", "initiative__key", "initiative__name", "currency")
        .annotate(
            moved=Coalesce(Sum("billed", filter=Q(month__gte=after_from)), zero)
            - Coalesce(Sum("billed", filter=Q(month__lt=after_from)), zero)
        )
        .exclude(moved=0)
        .order_by(Abs("moved").desc(), "initiative__key")
    )
    lines = [
        Change(
            kind="spend",
            initiative_id=row["initiative_id"],
            key=row["initiative__key"],
            name=row["initiative__name"],
            sentence="billed more than before" if row["moved"] > 0 else "billed less than before",
            direction="up" if row["moved"] > 0 else "down",
            is_good=None,
            on=at.figures_on,
            amount=row["moved"],
            currency=row["currency"],
        )
        for row in moved[:limit]
    ]
    return lines, moved.count()


def _benefits(within: Roots, at: Moment, since: dt.date) -> list[Change]:
    converter = Converter(books.reporting_currency(on=at.on))
    rows = BenefitMonth.objects.filter(
        initiative__in=within.initiatives_within(),
        reviewed_at__date__gt=since,
        reviewed_at__date__lte=at.on,
    ).select_related("initiative")
    sums: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    days: dict[tuple[Any, ...], dt.date] = {}
    for row in rows.order_by("reviewed_at", "pk"):
        amount = row.validated if row.review == "validated" else row.claimed or row.measured
        if amount is None or row.reviewed_at is None:
            continue
        converted = converter.convert(amount, row.currency, row.month, ACTUAL)
        if converted.amount is None:
            continue
        who = (row.initiative_id, row.initiative.key, row.initiative.name, row.review)
        sums[who] += converted.amount
        days[who] = row.reviewed_at.date()
    found = [
        Change(
            kind="benefit",
            initiative_id=initiative,
            key=key,
            name=name,
            sentence=f"benefit {review}",
            direction="up" if review == "validated" else "down",
            is_good=review == "validated",
            on=days[initiative, key, name, review],
            amount=amount,
            currency=converter.currency,
        )
        for (initiative, key, name, review), amount in sums.items()
    ]
    return sorted(found, key=lambda line: (-abs(line.amount or Decimal(0)), line.key))


def _risks(within: Roots, at: Moment, since: dt.date) -> list[Change]:
    """Compare the newest score up to the day with the newest before it; new risks are no move."""
    newest = RiskScore.objects.filter(risk=OuterRef("pk"), on__lte=at.on)
    former = RiskScore.objects.filter(risk=OuterRef("pk"), on__lte=since)
    rows = (
        Risk.objects.filter(initiative__in=within.initiatives_within(), closed_at=None)
        .annotate(
            scored_on=Max("scores__on"),
            level=Subquery(newest.order_by("-scored_at", "-pk").values("residual")[:1]),
            level_before=Subquery(former.order_by("-scored_at", "-pk").values("residual")[:1]),
            was_scored=Subquery(former.order_by("-scored_at", "-pk").values("pk")[:1]),
        )
        .filter(scored_on__gt=since, was_scored__isnull=False)
        .select_related("initiative")
    )
    found: list[tuple[float, Change]] = []
    for row in rows:
        now, was = row.level, row.level_before
        if now == was:
            continue
        is_up = (now or 4.5) > (was or 4.5)
        category = CATEGORIES[row.category].lower()
        found.append(
            (
                abs((now or 4.5) - (was or 4.5)),
                Change(
                    kind="risk",
                    initiative_id=row.initiative_id,
                    key=row.initiative.key,
                    name=row.initiative.name,
                    sentence=(f"{category} {level_name(was).lower()} → {level_name(now).lower()}"),
                    direction="up" if is_up else "down",
                    is_good=not is_up,
                    on=row.scored_on,
                ),
            )
        )
    found.sort(key=lambda each: (-each[0], each[1].is_good is True, each[1].key))
    return [line for _, line in found]
