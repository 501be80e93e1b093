"""Reading the risk register and where initiatives stand."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pandas as pd
from django.db.models import Count, F, FloatField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce

from governance_app.domain import risk as sums
from governance_app.domain.frames import conform
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.risk.models import Appetite, Risk, RiskScore, Signal

#: The columns of likelihood and impact as somebody assessed them.
STEPS = ("likelihood", "impact")


@dataclass(frozen=True, slots=True)
class InitiativeRisk:
    """Where an initiative stands, and the scenario that drives it."""

    standing: sums.Standing
    driver: str = ""
    driver_category: str = ""


class Appetites:
    """The levels in force on a day: the nearest node above an initiative decides."""

    def __init__(self, on: dt.date) -> None:
        rows = Appetite.objects.filter(from_on__lte=on).order_by("from_on", "pk")
        self._levels: dict[str, dict[str, int]] = {}
        for category, path, level in rows.values_list("category", "node__path", "level"):
            self._levels.setdefault(category, {})[path] = level

    def level(self, category: str, path: str) -> int | None:
        """Give the accepted level of a category at a place, or None when nobody set one."""
        above = [node for node in self._levels.get(category, {}) if path.startswith(node)]
        return self._levels[category][max(above, key=len)] if above else None


def risks(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Risk]:
    """Give the open risks a viewer may see, worst first; not assessed stands above high."""
    found = Risk.objects.visible_to(viewer).filter(closed_at=None)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    # As domain.risk.sort_key: what nobody assessed stands between high and very high.
    worst = Coalesce(Cast("residual", FloatField()), 4.5)
    return found.select_related("initiative__node", "owner").order_by(
        worst.desc(), F("points").desc(nulls_last=True), "initiative__number", "title", "pk"
    )


def explanation(*, risk: Risk, viewer: User) -> RiskScore | None:
    """Give the newest score of a risk with its lines, or None when it is not the viewer's."""
    return scores(risk=risk, viewer=viewer).first()


def scores(*, risk: Risk, viewer: User) -> QuerySet[RiskScore]:
    """Give the history of a risk's scores, newest first."""
    found = RiskScore.objects.visible_to(viewer).filter(risk=risk)
    return found.order_by("-scored_at", "-pk")


def signals(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Signal]:
    """Give the open signals a viewer may see, newest first."""
    found = Signal.objects.visible_to(viewer).filter(cleared_at=None)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    return found.select_related("initiative__node").order_by("-raised_at", "-pk")


def located(*, rows: QuerySet[Risk]) -> QuerySet[Risk]:
    """
    Put beside each risk where its newest score sees it: ``likelihood_now`` and ``impact_now``.

    After controls and signals; both null as long as nobody assessed it.
    """
    newest = RiskScore.objects.filter(risk=OuterRef("pk")).order_by("-scored_at", "-pk")
    return rows.annotate(
        likelihood_now=Subquery(newest.values("likelihood")[:1]),
        impact_now=Subquery(newest.values("impact")[:1]),
    )


def heat_map(*, rows: QuerySet[Risk], is_residual: bool = True) -> dict[tuple[int, int], int]:
    """Count assessed risks by (likelihood, impact): as they stand now, or as assessed."""
    likelihood, impact = ("likelihood_now", "impact_now") if is_residual else STEPS
    placed = located(rows=rows).exclude(likelihood=None).order_by()
    counted = placed.values(likelihood, impact).annotate(count=Count("pk"))
    return {(row[likelihood], row[impact]): row["count"] for row in counted}


def above_appetite(*, rows: QuerySet[Risk], on: dt.date) -> set[uuid.UUID]:
    """Give the risks whose residual level is above what their part of the tree accepts."""
    appetites = Appetites(on)
    found = rows.filter(residual__isnull=False).order_by()
    return {
        pk
        for pk, category, path, residual in found.values_list(
            "pk", "category", "initiative__node__path", "residual"
        )
        if residual is not None
        and (limit := appetites.level(category, path)) is not None
        and residual > limit
    }


def register(*, viewer: User, on: dt.date, initiative: Initiative | None = None) -> pd.DataFrame:
    """Give the risk register as the frame ``risk_register``, worst first."""
    appetites = Appetites(on)
    rows = []
    for risk in risks(viewer=viewer, initiative=initiative):
        appetite = appetites.level(risk.category, risk.initiative.node.path)
        days = risk.review_days
        rows.append(
            {
                "initiative": risk.initiative.key,
                "category": sums.CATEGORIES[risk.category],
                "title": risk.title,
                "inherent": risk.inherent,
                "residual": risk.residual,
                "level": sums.level_name(risk.residual),
                "points": risk.points,
                "appetite": appetite,
                "is_above_appetite": (
                    risk.residual is not None and appetite is not None and risk.residual > appetite
                ),
                "confidence": risk.confidence,
                "owner": risk.owner.name if risk.owner else "",
                "reviewed_on": risk.reviewed_on,
                "review_due_on": (
                    risk.reviewed_on + dt.timedelta(days=days) if risk.reviewed_on else None
                ),
            }
        )
    return conform("risk_register", rows)


def standing(*, initiative: Initiative, viewer: User, on: dt.date) -> InitiativeRisk:
    """Give where one initiative stands: the worst scenario, and counts."""
    return standings(viewer=viewer, on=on, initiatives=[initiative.pk])[initiative.pk]


def standings(
    *, viewer: User, on: dt.date, initiatives: Collection[uuid.UUID]
) -> dict[uuid.UUID, InitiativeRisk]:
    """
    Give where many initiatives stand, in two queries; one without risks is in it too.

    Args:
        initiatives: ids; those the viewer may not see come out as without risks.
    """
    appetites = Appetites(on)
    found = Risk.objects.visible_to(viewer).filter(closed_at=None, initiative__in=initiatives)
    rows = found.order_by("initiative_id", "pk").values_list(
        "initiative_id", "category", "title", "residual", "points", "initiative__node__path"
    )
    grouped: dict[uuid.UUID, list[tuple[str, str, int | None, int | None, int | None]]] = {
        each: [] for each in initiatives
    }
    for initiative_id, category, title, residual, points, path in rows:
        appetite = appetites.level(category, path)
        grouped[initiative_id].append((category, title, residual, points, appetite))
    return {each: _initiative_risk(group) for each, group in grouped.items()}


def _initiative_risk(
    group: Iterable[tuple[str, str, int | None, int | None, int | None]],
) -> InitiativeRisk:
    rows = list(group)
    found = sums.standing([(residual, points, limit) for _, _, residual, points, limit in rows])
    if found.driver is None:
        return InitiativeRisk(found)
    category, title, *_ = rows[found.driver]
    return InitiativeRisk(found, title, category)


def level_now(*, initiative: Initiative, on: dt.date) -> sums.Standing:
    """Give where an initiative stands as gates and rounds ask it: worst residual, and counts."""
    appetites = Appetites(on)
    rows = Risk.objects.filter(initiative=initiative, closed_at=None).order_by("pk")
    path = initiative.node.path
    return sums.standing(
        [
            (residual, points, appetites.level(category, path))
            for category, residual, points in rows.values_list("category", "residual", "points")
        ]
    )
