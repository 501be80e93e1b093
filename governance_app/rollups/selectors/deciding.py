"""The few initiatives that decide the year."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Value
from django.db.models.functions import Abs, Coalesce, Greatest

from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment

EFFECT = "What the year still has to deliver of its promise, and what spend is off budget by."


@dataclass(frozen=True, slots=True)
class Deciding:
    """One initiative with its year, ranked by ``effect`` (see ``EFFECT``)."""

    initiative_id: uuid.UUID
    key: str
    name: str
    stage: str
    stage_name: str
    owner: str
    currency: str
    effect: Decimal
    spend: Decimal | None
    budget: Decimal | None
    promised: Decimal | None
    validated: Decimal | None
    to_go: Decimal | None
    reasons: dict[str, str]
    risk_level: int | None
    risk_above_appetite: int
    days_past_time_box: int
    is_stale: bool


def deciding_initiatives(
    *, viewer: User, as_of: Moment, limit: int = 7, node: ScopeNode | None = None
) -> list[Deciding]:
    """
    Rank initiatives by what is at stake in the fiscal year: promised for all of it and not yet
    validated, plus how far spend to date is off its budget. Empty for those who see no money.
    """
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    if within.is_empty:
        return []
    zero = Value(Decimal(0))
    missing = Greatest(
        Coalesce("promised_full_year", zero) - Coalesce("validated_year", zero), zero
    )
    off = Abs(Coalesce("spend_year", zero) - Coalesce("budget_year", Coalesce("spend_year", zero)))
    ranked = (
        InitiativeNow.objects.known_at(as_of.known_at)
        .filter(within.holds("initiative__node__path"))
        .annotate(effect=missing + off)
        .filter(effect__gt=0)
        .order_by(F("effect").desc(), "initiative__number", "pk")
    )
    # All are ranked by what an index holds; only those shown are read.
    effects = dict(ranked.values_list("pk", "effect")[:limit])
    rows = InitiativeNow.objects.visible_to(viewer, "money.view").select_related(
        "initiative__stage"
    )
    kept = rows.only(*_SHOWN).in_bulk(list(effects))
    shown = [kept[pk] for pk in effects]
    names = owner_names(row.initiative for row in shown)
    return [
        Deciding(
            initiative_id=row.initiative_id,
            key=row.initiative.key,
            name=row.initiative.name,
            stage=row.stage,
            stage_name=row.initiative.stage.name if row.initiative.stage else "",
            owner=owner_of(row.initiative, names, "business_owner"),
            currency=row.currency,
            effect=effects[row.pk],
            spend=row.spend_year,
            budget=row.budget_year,
            promised=row.promised_year,
            validated=row.validated_year,
            to_go=row.to_go,
            reasons=row.reasons,
            risk_level=row.risk_level,
            risk_above_appetite=row.risk_above_appetite,
            days_past_time_box=row.days_past_time_box(as_of.on),
            is_stale=row.is_stale(as_of.on),
        )
        for row in shown
    ]


OWNERS = ("business_owner", "program_manager", "sponsor", "technical_owner", "risk_owner")
_SHOWN = (
    "currency", "stage", "spend_year", "budget_year", "promised_year", "validated_year", "to_go",
    "reasons", "risk_level", "risk_above_appetite", "time_box_on", "stale_from_on",
    "initiative__key", "initiative__name", "initiative__stage__name",
    *(f"initiative__{each}" for each in OWNERS),
)  # fmt: skip


def owner_names(initiatives: Iterable[Initiative]) -> dict[uuid.UUID, str]:
    """
    Name everybody who holds a role on some initiatives.

    One look-up for all: five more joins take the database longer to plan than to run.
    """
    holders = {getattr(each, f"{role}_id") for each in initiatives for role in OWNERS}
    return dict(User.objects.filter(pk__in=holders - {None}).values_list("pk", "name"))


def owner_of(initiative: Initiative, names: Mapping[uuid.UUID, str], *first: str) -> str:
    """Name who answers for an initiative, asking some roles before the others; "" when nobody."""
    for role in (*first, *OWNERS):
        holder = getattr(initiative, f"{role}_id")
        if holder is not None:
            return names[holder]
    return ""


def risk_levels(
    *, viewer: User, as_of: Moment, node: ScopeNode | None = None
) -> list[tuple[int | None, int]]:
    """Give the worst residual level of each initiative and how many risks are above appetite."""
    within = scope.roots(viewer=viewer, permission="view", node=node)
    rows = InitiativeNow.objects.known_at(as_of.known_at).filter(
        within.holds("initiative__node__path")
    )
    return list(rows.order_by("pk").values_list("risk_level", "risk_above_appetite"))
