"""How many initiatives stand in each stage, and how they move on."""

import datetime as dt
import statistics
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from governance_app.initiatives.models import Initiative, Stage, StageMove
from governance_app.people.models import User

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


def funnel(*, viewer: User, on: dt.date) -> list[FunnelStage]:
    """
    Count initiatives by stage and how entries moved on, for what the viewer sees.

    Portfolios and programmes have no stage of their own and are not counted.

    Args:
        on: the day of looking.

    Returns:
        one line per stage of the default template in order; a last line with an empty slug
        for initiatives whose stage is unknown, when there are any.
    """
    rows = Initiative.objects.visible_to(viewer).filter(kind="initiative")
    counts: dict[uuid.UUID | None, int] = dict(
        rows.values_list("stage").annotate(n=Count("pk")).order_by()
    )
    stages = list(Stage.objects.filter(template__is_default=True).order_by("position"))
    # To end is not to move on, so a final stage has no place in the order.
    positions = {stage.pk: stage.position for stage in stages if not stage.is_final}
    moves: dict[uuid.UUID, list[tuple[dt.date, uuid.UUID]]] = defaultdict(list)
    told = StageMove.objects.visible_to(viewer).filter(on__lte=on)
    for initiative_id, day, stage_id in told.order_by("on", "pk").values_list(
        "initiative", "on", "to_stage"
    ):
        moves[initiative_id].append((day, stage_id))
    entered: dict[uuid.UUID, int] = defaultdict(int)
    moved: dict[uuid.UUID, int] = defaultdict(int)
    stays: dict[uuid.UUID, list[int]] = defaultdict(list)
    for life in moves.values():
        for index, (day, stage_id) in enumerate(life):
            after = _left_forward(life[index + 1 :], stage_id, positions)
            if after is not None:
                stays[stage_id].append((after - day).days)
            if on - day >= _WINDOW:
                entered[stage_id] += 1
                moved[stage_id] += after is not None and after - day <= _WINDOW
    found = [
        FunnelStage(
            slug=stage.slug,
            name=stage.name,
            position=stage.position,
            count=counts.get(stage.pk, 0),
            entered=entered[stage.pk],
            moved_on=moved[stage.pk],
            moved_on_ratio=moved[stage.pk] / entered[stage.pk] if entered[stage.pk] else None,
            median_days=statistics.median(stays[stage.pk]) if stays[stage.pk] else None,
        )
        for stage in stages
    ]
    if counts.get(None):
        found.append(FunnelStage("", "Stage unknown", 0, counts[None], 0, 0, None, None))
    return found


def _left_forward(
    later: Sequence[tuple[dt.date, uuid.UUID]], stage_id: uuid.UUID, positions: dict[uuid.UUID, int]
) -> dt.date | None:
    """Give the day the next move led forward out of a stage; None when none did."""
    if not later or stage_id not in positions:
        return None
    day, next_id = later[0]
    is_forward = positions.get(next_id, 0) > positions[stage_id]
    return day if is_forward else None
