"""How many initiatives stand in each stage, and how they move on."""

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, When, Window
from django.db.models.functions import Coalesce, Lead
from django.utils import timezone

from governance_app.initiatives.models import Initiative, Stage, StageMove
from governance_app.people.models import ScopeNode, User

WINDOW_MONTHS = 12
_WINDOW = dt.timedelta(days=365)


@dataclass(frozen=True)
class FunnelStage:
    """
    One stage of the funnel.

    ``count``: initiatives in it now. ``entered``: entries that are at least twelve months old,
    so that their fate can be told. ``moved_on``: those that went forward within twelve months,
    where to be retired is not to go forward;
    ``moved_on_ratio`` is None when none entered. ``median_days``: days from entry to leaving
    forward, over all who left; None when nobody did.
    """

    slug: str
    name: str
    position: int
    count: int
    entered: int
    moved_on: int
    moved_on_ratio: float | None
    median_days: float | None


def funnel(*, viewer: User, on: dt.date, node: ScopeNode | None = None) -> list[FunnelStage]:
    """
    Count initiatives by stage and how entries moved on, for what the viewer sees.

    Portfolios and programmes have no stage of their own and are not counted.

    Args:
        on: the day of looking; on an earlier day initiatives stand where they stood then.
        node: only this part of the tree; everything the viewer sees when None.

    Returns:
        one line per stage of the default template in order; a last line with an empty slug
        for initiatives whose stage is unknown, when there are any.
    """
    rows = Initiative.objects.visible_to(viewer).filter(kind="initiative")
    if node is not None:
        rows = rows.below(node)
    if on < timezone.localdate():
        counts = _counts_then(rows, on)
    else:
        counts = dict(rows.values_list("stage").annotate(n=Count("pk")).order_by())
    stages = list(Stage.objects.filter(template__is_default=True).order_by("position"))
    fates = _fates(viewer, on, node)
    found = [
        FunnelStage(
            slug=stage.slug,
            name=stage.name,
            position=stage.position,
            count=counts.get(stage.pk, 0),
            entered=fates[stage.pk].entered,
            moved_on=fates[stage.pk].moved_on,
            moved_on_ratio=fates[stage.pk].ratio,
            median_days=fates[stage.pk].median_days,
        )
        for stage in stages
    ]
    if counts.get(None):
        found.append(FunnelStage("", "Stage unknown", 0, counts[None], 0, 0, None, None))
    return found


@dataclass(frozen=True)
class _Fate:
    """What became of the entries into one stage."""

    entered: int = 0
    moved_on: int = 0
    median_days: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.moved_on / self.entered if self.entered else None


def _counts_then(rows: QuerySet[Initiative], on: dt.date) -> dict[uuid.UUID | None, int]:
    """Count initiatives by the stage they were in on a day; those that came later are left out."""
    moves = StageMove.objects.filter(initiative=OuterRef("pk"), on__lte=on)
    then = moves.order_by("-on", "-pk").values("to_stage")[:1]
    known = rows.annotate(then=Subquery(then)).exclude(then=None)
    return dict(known.values_list("then").annotate(n=Count("pk")).order_by())


def _fates(viewer: User, on: dt.date, node: ScopeNode | None) -> dict[uuid.UUID, _Fate]:
    """
    Follow every entry into a stage to the move after it, in the database.

    To end is not to move on, so a final stage has no place in the order.
    """
    position = Case(
        When(
            to_stage__template__is_default=True,
            to_stage__is_final=False,
            then="to_stage__position",
        )
    )
    along: dict[str, Any] = {
        "partition_by": F("initiative"),
        "order_by": [F("on").asc(), F("pk").asc()],
    }
    seen = StageMove.objects.visible_to(viewer).filter(on__lte=on)
    if node is not None:
        seen = seen.filter(initiative__node__path__startswith=node.path)
    moves = (
        seen.order_by()
        .annotate(
            here=position,
            left_on=Window(Lead("on"), **along),
            after=Window(Lead(Coalesce(position, 0)), **along),
        )
        .values("to_stage", "on", "here", "left_on", "after")
    )
    try:
        followed, values = moves.query.sql_with_params()
    except EmptyResultSet:  # the viewer sees nothing
        return defaultdict(_Fate)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT stage, count(*) FILTER (WHERE is_old),"  # noqa: S608
            " count(*) FILTER (WHERE is_old AND is_forward AND days <= %s),"
            " percentile_cont(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE is_forward)"
            ' FROM (SELECT to_stage AS stage, left_on - "on" AS days,'
            ' coalesce(after > here, FALSE) AS is_forward, %s - "on" >= %s AS is_old'
            f" FROM ({followed}) followed) entries GROUP BY stage",
            [_WINDOW.days, on, _WINDOW.days, *values],
        )
        return defaultdict(_Fate, {stage: _Fate(*rest) for stage, *rest in cursor.fetchall()})
