"""What the register and the risk register say of initiatives now."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Max, OuterRef, Subquery

from governance_app.domain.figures import Figure
from governance_app.initiatives.models import Initiative, StageMove
from governance_app.people.models import User
from governance_app.risk import selectors as risks
from governance_app.risk.models import Risk
from governance_app.risk.selectors import InitiativeRisk

_WORST_FIRST = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Entry:
    """An initiative as the register has it, with the day it entered its stage."""

    id: uuid.UUID
    version: int
    path: str
    stage: str
    stage_position: int | None
    stage_since: dt.date | None
    time_box_on: dt.date | None
    status: str
    status_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Danger:
    """
    Where an initiative stands in risk, the lowest confidence, and the rows it was read from.

    ``yearly_loss``: what its priced open risks are expected to cost in a year; 0 without any.
    """

    risk: InitiativeRisk
    confidence: str = ""
    rows: list[list[str | int]] = field(default_factory=list)
    yearly_loss: Figure[Decimal] = field(default_factory=lambda: Figure(Decimal(0)))


def entries(*, initiatives: Collection[uuid.UUID] | None) -> list[Entry]:
    """Give the register's entries by number; all when None."""
    found = Initiative.objects.all()
    if initiatives is not None:
        found = found.filter(pk__in=initiatives)
    entered = (
        StageMove.objects.filter(initiative=OuterRef("pk"), to_stage=OuterRef("stage"))
        .order_by()
        .values("initiative")
        .annotate(newest=Max("on"))
        .values("newest")
    )
    rows = found.annotate(since=Subquery(entered)).order_by("number")
    return [
        Entry(pk, version, path, slug or "", position, since, box, status, status_on)
        for pk, version, path, slug, position, since, box, status, status_on in rows.values_list(
            "pk", "version", "node__path", "stage__slug", "stage__position", "since",
            "time_box_on", "status", "status_on",
        )
    ]  # fmt: skip


def dangers(
    *, initiatives: Collection[uuid.UUID], on: dt.date, viewer: User, currency: str
) -> dict[uuid.UUID, Danger]:
    """Give where each initiative stands in risk."""
    standings = risks.standings(viewer=viewer, on=on, initiatives=initiatives)
    losses = risks.expected_losses(viewer=viewer, initiatives=initiatives, on=on, currency=currency)
    rows: dict[uuid.UUID, list[list[str | int]]] = defaultdict(list)
    confidences: dict[uuid.UUID, set[str]] = defaultdict(set)
    open_risks = Risk.objects.filter(initiative__in=initiatives, closed_at=None).order_by("pk")
    for initiative, pk, version, confidence in open_risks.values_list(
        "initiative_id", "pk", "version", "confidence"
    ):
        rows[initiative].append([str(pk), version])
        confidences[initiative].add(confidence)
    return {
        each: Danger(
            risk,
            next((level for level in _WORST_FIRST if level in confidences[each]), ""),
            rows[each],
            losses.get(each, Figure(Decimal(0))),
        )
        for each, risk in standings.items()
    }
