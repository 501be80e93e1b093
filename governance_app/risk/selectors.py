"""Reading the risk register and where initiatives stand."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    When,
)

from governance_app.books.selectors import MissingRate, rate, reporting_currency, setting
from governance_app.domain import risk as sums
from governance_app.domain.cyclonedx import Vulnerability, is_grave
from governance_app.domain.figures import Figure, Null
from governance_app.domain.frames import conform
from governance_app.domain.loss import Loss, YearlyLoss, expected_loss, yearly_loss
from governance_app.domain.money import EXACT
from governance_app.domain.periods import month_of
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.risk.appetites import Appetites
from governance_app.risk.grave import limits_in_force
from governance_app.risk.models import (
    Acceptance,
    Appetite,
    Incident,
    IncidentEvent,
    IncidentNotice,
    IncidentRisk,
    Risk,
    RiskScore,
    Signal,
)
from governance_app.risk.models.risk import WORST

#: The columns of likelihood and impact as somebody assessed them.
STEPS = ("likelihood", "impact")


@dataclass(frozen=True, slots=True)
class InitiativeRisk:
    """Where an initiative stands, and the scenario that drives it."""

    standing: sums.Standing
    driver: str = ""
    driver_category: str = ""


def risks(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Risk]:
    """Give the open risks a viewer may see, worst first; not assessed stands above high."""
    found = Risk.objects.visible_to(viewer).filter(closed_at=None)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    return found.select_related("initiative__node", "owner").order_by(
        WORST.desc(), F("points").desc(nulls_last=True), "pk"
    )


def explanation(*, risk: Risk, viewer: User) -> RiskScore | None:
    """Give the newest score of a risk with its lines, or None when it is not the viewer's."""
    return scores(risk=risk, viewer=viewer).first()


def terms(*, score: RiskScore) -> Sequence[sums.Line]:
    """
    Give the terms of a kept score, worked out anew from its facts so that pages can say them anew.

    What was kept in other words, such as by an earlier algorithm, is given as it was kept.
    """
    kept = tuple(sums.Line(**each) for each in score.lines)
    if score.algorithm != sums.ALGORITHM or not score.facts:
        return kept
    anew = sums.replay(score.facts).lines
    return anew if anew == kept else kept


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


def heat_map(*, rows: QuerySet[Risk], is_residual: bool = True) -> dict[tuple[int, int], int]:
    """Count assessed risks by (likelihood, impact): as they stand now, or as assessed."""
    likelihood, impact = ("likelihood_now", "impact_now") if is_residual else STEPS
    placed = rows.filter(**{f"{likelihood}__isnull": False}).order_by()
    counted = placed.values(likelihood, impact).annotate(count=Count("pk"))
    return {(row[likelihood], row[impact]): row["count"] for row in counted}


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """How many open risks there are, and of what."""

    total: int
    above: int
    accepted: int
    not_assessed: int
    worst: int
    overdue: int


def is_above() -> Q:
    """Give the condition of standing above appetite."""
    return Q(residual__gt=F("appetite"))


def is_overdue(*, on: dt.date) -> Q:
    """Give the condition of a review that is due or never was."""
    return Q(review_due_on=None) | Q(review_due_on__lt=on)


def is_accepted(*, on: dt.date) -> Exists:
    """Give the condition of an acceptance that counts on a day."""
    return Exists(
        Acceptance.objects.filter(
            risk=OuterRef("pk"), is_granted=True, ended_on=None, expires_on__gte=on
        )
    )


def counts(*, rows: QuerySet[Risk], on: dt.date) -> RegisterCounts:
    """Count risks in one query."""
    said = rows.order_by().aggregate(
        total=Count("pk"),
        above=Count("pk", filter=is_above()),
        not_assessed=Count("pk", filter=Q(residual=None)),
        worst=Count("pk", filter=Q(residual__gte=4)),
        overdue=Count("pk", filter=is_overdue(on=on)),
    )
    accepted = rows.order_by().filter(is_above()).filter(is_accepted(on=on)).count()
    return RegisterCounts(accepted=accepted, **said)


@dataclass(frozen=True, slots=True)
class UnitRisk:
    """Where a unit stands: its worst level and counts, never an average."""

    name: str
    worst: int | None
    total: int
    above: int
    not_assessed: int


def by_unit(*, rows: QuerySet[Risk]) -> list[UnitRisk]:
    """Give where each unit stands by maximum and counts, those with most above appetite first."""
    grouped = (
        rows.order_by()
        .values("initiative__unit__name")
        .annotate(
            worst=Max("residual"),
            total=Count("pk"),
            above=Count("pk", filter=is_above()),
            not_assessed=Count("pk", filter=Q(residual=None)),
        )
        .order_by("-above", "-worst", "-total", "initiative__unit__name")
    )
    return [
        UnitRisk(
            row["initiative__unit__name"],
            row["worst"],
            row["total"],
            row["above"],
            row["not_assessed"],
        )
        for row in grouped
    ]


def acceptances(*, viewer: User, initiative: Initiative | None = None) -> QuerySet[Acceptance]:
    """Give the acceptances that wait or count, those that wait first."""
    found = Acceptance.objects.visible_to(viewer).filter(ended_on=None).exclude(is_granted=False)
    if initiative is not None:
        found = found.filter(risk__initiative=initiative)
    return found.select_related("risk__initiative__node", "requested_by", "decided_by").order_by(
        "decided_on", "expires_on", "pk"
    )


def appetites(*, viewer: User, on: dt.date) -> list[Appetite]:
    """Give the appetite in force on a day, by node and category."""
    newest: dict[tuple[uuid.UUID, str], Appetite] = {}
    rows = Appetite.objects.visible_to(viewer).filter(from_on__lte=on).select_related("node")
    for row in rows.order_by("from_on", "pk"):
        newest[row.node_id, row.category] = row
    return sorted(newest.values(), key=lambda row: (row.node.path, row.category))


def register_rows(
    *, viewer: User, initiative: Initiative | None = None
) -> Iterator[dict[str, Any]]:
    """Give the rows of the risk register, worst first, some at a time."""
    for risk in risks(viewer=viewer, initiative=initiative).iterator(chunk_size=1000):
        yield {
            "initiative": risk.initiative.key,
            "category": sums.CATEGORIES[risk.category],
            "title": risk.title,
            "inherent": risk.inherent,
            "residual": risk.residual,
            "level": sums.level_name(risk.residual),
            "points": risk.points,
            "appetite": risk.appetite,
            "is_above_appetite": (
                risk.residual is not None
                and risk.appetite is not None
                and risk.residual > risk.appetite
            ),
            "confidence": risk.confidence,
            "owner": risk.owner.name if risk.owner else "",
            "reviewed_on": risk.reviewed_on,
            "review_due_on": risk.review_due_on,
        }


def register(*, viewer: User, initiative: Initiative | None = None) -> pd.DataFrame:
    """Give the risk register as the frame ``risk_register``, worst first."""
    rows = list(register_rows(viewer=viewer, initiative=initiative))
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


def incidents(
    *, viewer: User, initiative: Initiative | None = None, state: str = ""
) -> QuerySet[Incident]:
    """Give incidents, open ones first, newest first."""
    found = Incident.objects.visible_to(viewer)
    if initiative is not None:
        found = found.filter(initiative=initiative)
    if state:
        found = found.filter(state=state)
    is_closed = Case(When(state="closed", then=1), default=0, output_field=IntegerField())
    return found.select_related("initiative__node", "owner", "reported_by").order_by(
        is_closed, "-severity", "-number"
    )


def incident(*, viewer: User, number: int) -> Incident | None:
    """Give one incident with its timeline, clocks and risks, or None."""
    found = incidents(viewer=viewer).prefetch_related(
        Prefetch(
            "timeline",
            IncidentEvent.objects.select_related("written_by").order_by("at", "created_at", "pk"),
        ),
        Prefetch("notices", IncidentNotice.objects.order_by("due_at", "pk")),
        Prefetch("risk_links", IncidentRisk.objects.select_related("risk").order_by("pk")),
    )
    return found.filter(number=number).first()


def notices_owed(*, viewer: User) -> QuerySet[IncidentNotice]:
    """Give the notices to authorities that are owed and not sent, soonest due first."""
    rows = IncidentNotice.objects.visible_to(viewer).filter(sent_at=None, lapsed_because="")
    return rows.select_related("incident__initiative").order_by("due_at", "pk")


@dataclass(frozen=True, slots=True)
class Exposure:
    """
    What open risks with a range may cost in a year, in one currency.

    ``loss`` is None without any range; ``left_out`` counts those without a rate.
    """

    loss: YearlyLoss | None
    currency: str
    left_out: int


def exposure(*, viewer: User, on: dt.date, initiative: Initiative | None = None) -> Exposure:
    """Simulate the yearly loss of the priced open risks whose money the viewer may see."""
    found = Risk.objects.visible_to(viewer, "money.view").filter(
        closed_at=None, loss_low__isnull=False
    )
    if initiative is not None:
        found = found.filter(initiative=initiative)
    currency = reporting_currency(on=on)
    losses, left_out = [], 0
    month = month_of(on)
    for risk in found.order_by("pk"):
        assert risk.loss_low is not None and risk.loss_high is not None
        assert risk.loss_probability is not None
        try:
            factor = rate(base=risk.loss_currency, quote=currency, month=month, kind="budget")
        except MissingRate:
            left_out += 1
            continue
        losses.append(
            Loss(
                ref=str(risk.pk),
                probability=float(risk.loss_probability),
                low=float(risk.loss_low * factor),
                high=float(risk.loss_high * factor),
            )
        )
    draws = int(setting(key="loss_draws", on=on))
    return Exposure(yearly_loss(losses, draws=draws), currency, left_out)


def expected_losses(
    *, viewer: User, initiatives: Collection[uuid.UUID], on: dt.date, currency: str
) -> dict[uuid.UUID, Figure[Decimal]]:
    """
    Give what the priced open risks of initiatives are expected to cost in a year, in a currency.

    Returns:
        initiative -> chance x mean of the range, summed; null where a rate is missing. Those
        without a priced risk are left out.
    """
    found: dict[uuid.UUID, Figure[Decimal]] = {}
    month = month_of(on)
    rows = Risk.objects.visible_to(viewer, "money.view").filter(
        initiative__in=list(initiatives), closed_at=None, loss_low__isnull=False
    )
    for pk, of, chance, low, high, base in rows.order_by("pk").values_list(
        "pk", "initiative_id", "loss_probability", "loss_low", "loss_high", "loss_currency"
    ):
        assert chance is not None and low is not None and high is not None
        sum_so_far = found.get(of, Figure(Decimal(0)))
        try:
            factor = rate(base=base, quote=currency, month=month, kind="budget")
        except MissingRate as missing:
            found[of] = Null(str(missing))
            continue
        if sum_so_far.value is None:
            continue
        loss = Loss(str(pk), float(chance), float(low * factor), float(high * factor))
        amount = Decimal(repr(round(expected_loss(loss), 6)))
        found[of] = Figure(EXACT.add(sum_so_far.value, amount))
    return found


def grave_vulnerabilities(*, on: dt.date, found: Iterable[Vulnerability]) -> list[str]:
    """Say of each vulnerability why it is a signal on a day; empty when it is none."""
    limits = limits_in_force(on)
    return [is_grave(each, **limits) for each in found]
