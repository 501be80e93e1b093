"""The order of stages, the moves between them, and the time box of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from governance_app.domain.errors import Sentence


class MoveRefused(Sentence):
    """A stage move that the template does not allow; says what is missing."""


@dataclass(frozen=True, slots=True)
class StageSpec:
    """
    One stage of a template.

    ``can_skip``: a forward move may jump over it. ``is_final``: nothing comes after it, and
    it can be reached from every stage. ``time_box_days``: how long it may last, or None.
    """

    slug: str
    name: str
    time_box_days: int | None = None
    can_skip: bool = False
    is_final: bool = False


#: The template a new installation starts with; templates are data and may differ.
STAGES: tuple[StageSpec, ...] = (
    StageSpec("idea", "Idea", 90),
    StageSpec("assessment", "Assessment", 60),
    StageSpec("pilot", "Pilot", 180),
    StageSpec("scaling", "Scaling", 270, can_skip=True),
    StageSpec("production", "Production"),
    StageSpec("retired", "Retired", is_final=True),
)


def find(slug: str, template: Sequence[StageSpec] = STAGES) -> StageSpec:
    """
    Give the stage of a slug.

    Raises:
        MoveRefused: the template has no such stage; the sentence lists those it has.

    >>> find("pilot").name
    'Pilot'
    """
    for stage in template:
        if stage.slug == slug:
            return stage
    known = ", ".join(stage.name for stage in template)
    raise MoveRefused(f"There is no stage “{slug}”. The stages are {known}.")


def allowed_moves(slug: str, template: Sequence[StageSpec] = STAGES) -> list[str]:
    """
    List the stages that can follow, in template order: forward to the next one (over those
    that may be skipped), back to any earlier one, and to a final one. A final stage can only
    be left backwards.

    >>> allowed_moves("pilot")
    ['idea', 'assessment', 'scaling', 'production', 'retired']
    >>> allowed_moves("retired")
    ['idea', 'assessment', 'pilot', 'scaling', 'production']
    """
    here = list(template).index(find(slug, template))
    moves = [stage.slug for stage in template[:here]]
    is_reachable = not template[here].is_final
    for stage in template[here + 1 :]:
        if is_reachable or stage.is_final:
            moves.append(stage.slug)
        is_reachable = is_reachable and stage.can_skip
    return moves


def is_backward(from_slug: str, to_slug: str, template: Sequence[StageSpec] = STAGES) -> bool:
    """
    Say whether a move goes back in the template.

    >>> is_backward("production", "pilot")
    True
    """
    order = [stage.slug for stage in template]
    return order.index(to_slug) < order.index(from_slug)


def check_move(
    from_slug: str, to_slug: str, *, reason: str, template: Sequence[StageSpec] = STAGES
) -> None:
    """
    Refuse a stage move that the template does not allow.

    Args:
        from_slug: the stage it is in.
        to_slug: the stage it shall be in.
        reason: why; required to go back and to end.

    Raises:
        MoveRefused: already there, a stage in between is missing, or a reason is.

    >>> check_move("pilot", "scaling", reason="")
    >>> check_move("idea", "production", reason="")
    Traceback (most recent call last):
    ...
    governance_app.domain.stages.MoveRefused: Before Production: go through Assessment, Pilot.
    """
    start, goal = find(from_slug, template), find(to_slug, template)
    if start == goal:
        raise MoveRefused(f"It is in {goal.name} already.")
    if to_slug not in allowed_moves(from_slug, template):
        order = list(template)
        between = order[order.index(start) + 1 : order.index(goal)]
        needed = ", ".join(stage.name for stage in between if not stage.can_skip)
        raise MoveRefused(f"Before {goal.name}: go through {needed}.")
    if not reason.strip() and (goal.is_final or is_backward(from_slug, to_slug, template)):
        way = "end in" if goal.is_final else "go back to"
        raise MoveRefused(f"To {way} {goal.name}, say why in a sentence.")


def time_box_ends_on(stage: StageSpec, entered_on: date) -> date | None:
    """
    Give the last day a stage may take, or None when it has no time box.

    >>> time_box_ends_on(find("pilot"), date(2026, 1, 1))
    datetime.date(2026, 6, 30)
    """
    return None if stage.time_box_days is None else entered_on + timedelta(stage.time_box_days)


def days_past_time_box(ends_on: date | None, *, on: date) -> int:
    """
    Count the days by which a time box is exceeded; 0 inside it or without one.

    >>> days_past_time_box(date(2026, 6, 30), on=date(2026, 7, 10))
    10
    """
    return 0 if ends_on is None else max(0, (on - ends_on).days)
