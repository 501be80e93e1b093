"""What the explorer shows beside its rows: views, changes, what a change would do, plans."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from governance_app.audit import selectors as trail
from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells, returning
from governance_app.initiatives.models import (
    Dependency,
    Initiative,
    Milestone,
    SavedView,
    StageMove,
    TableChange,
    WorkbookReturn,
)
from governance_app.people import access
from governance_app.people.models import User

#: How many of a person's newest changes a job looks through for its own.
NEWEST = 100


@dataclass(frozen=True)
class CellPreview:
    """What one cell of a change holds and would hold; ``refusal`` says why it cannot."""

    key: str
    name: str
    version: int
    label: str
    before: str
    after: str
    refusal: str = ""

    @property
    def is_same(self) -> bool:
        return not self.refusal and self.before == self.after


@dataclass(frozen=True)
class Span:
    """A time that an initiative spent, or shall spend, in one stage; open when it goes on."""

    stage: str
    name: str
    start_on: dt.date
    end_on: dt.date | None
    is_plan: bool = False


@dataclass(frozen=True)
class PlanLine:
    """One initiative on the timeline; ``needs`` holds the keys of what it waits for."""

    key: str
    name: str
    spans: Sequence[Span]
    milestones: Sequence[Milestone]
    needs: Sequence[str]
    time_box_on: dt.date | None


def saved_views(*, viewer: User) -> QuerySet[SavedView]:
    """Give the viewer's own views and those others share, pinned ones first."""
    seen = SavedView.objects.visible_to(viewer).with_pins(viewer).select_related("owner")
    return seen.order_by(F("is_pinned").desc(), "name", "pk")


def saved_view(*, viewer: User, view_id: uuid.UUID | str) -> SavedView | None:
    """Give one view, or None when it is not the viewer's to see."""
    return saved_views(viewer=viewer).filter(pk=view_id).first()


def table_changes(*, viewer: User) -> QuerySet[TableChange]:
    """Give what the viewer changed in the table, newest first."""
    found = TableChange.objects.visible_to(viewer).filter(made_by=viewer)
    return found.order_by("-created_at", "-pk")


def table_change(*, viewer: User, change_id: uuid.UUID | str) -> TableChange | None:
    """Give one change of the viewer's own, or None."""
    return table_changes(viewer=viewer).filter(pk=change_id).first()


def change_of_job(*, viewer: User, job_id: uuid.UUID) -> TableChange | None:
    """
    Give the change that a job of the viewer's made, as the trail says; None when it made none.

    A worker that dies after its change is committed leaves nobody to say so: the job that is done
    again finds its change here instead of making it twice.
    """
    mine = {str(row.pk): row for row in table_changes(viewer=viewer)[:NEWEST]}
    made = trail.events(rows=[row.pk for row in mine.values()], op="INSERT", job=str(job_id))
    return next((mine[event.row] for event in made), None)


def was_written_by_job(*, row: TableChange | WorkbookReturn, job_id: uuid.UUID) -> bool:
    """Tell whether it was this job that took a change back or applied a workbook."""
    return trail.events(row=row.pk, op="UPDATE", job=str(job_id)).exists()


def workbook(*, viewer: User, workbook_id: uuid.UUID | str) -> WorkbookReturn | None:
    """Give one workbook that the viewer sent, or None."""
    return WorkbookReturn.objects.visible_to(viewer).filter(pk=workbook_id).first()


def workbook_cells(*, viewer: User, workbook: WorkbookReturn) -> list[returning.Returned]:
    """Give every cell that a workbook changed or could not change, row by row."""
    return returning.compare(kept=workbook, viewer=viewer)


def chosen(*, viewer: User, keys: Collection[str]) -> list[Initiative]:
    """Give the initiatives of some keys that the viewer may see, in the order of the keys."""
    wanted = [key.upper() for key in keys]
    seen = Initiative.objects.visible_to(viewer).filter(key__in=wanted).for_reading()
    found = {row.key: row for row in seen}
    return [found[key] for key in dict.fromkeys(wanted) if key in found]


def preview_cells(
    *, viewer: User, rows: Sequence[Initiative], texts: Mapping[str, str]
) -> list[CellPreview]:
    """Say what every cell would hold after a change, and which cannot be changed and why."""
    wrong: dict[str, str] = {}
    after: dict[str, str] = {}
    for name, text in texts.items():
        try:
            after[name] = cells.canonical(name, text)
        except Sentence as refusal:
            wrong[name] = str(refusal)
    found = []
    for row in rows:
        may = access.can(viewer, "initiative.edit", row)
        for name in texts:
            found.append(
                CellPreview(
                    row.key, row.name, row.version, cells.CELLS[name].label,
                    cells.text_of(row, name), after.get(name, texts[name]),
                    wrong.get(name, "") or ("" if may else may.reason),
                )
            )  # fmt: skip
    return found


def first_of_groups(*, rows: QuerySet[Initiative], column: str, most: int) -> list[uuid.UUID]:
    """Give the first few rows of each value of a column, in the order of the rows."""
    order: list[Any] = [
        each.copy() if hasattr(each, "copy") else each for each in rows.query.order_by
    ]
    numbered = rows.annotate(
        place=Window(RowNumber(), partition_by=F(column), order_by=order or ["number"])
    )
    return list(numbered.filter(place__lte=most).values_list("pk", flat=True))


def plan_lines(*, viewer: User, rows: Sequence[Initiative], on: dt.date) -> list[PlanLine]:
    """
    Lay some initiatives out in time: stages entered, stages planned, milestones, needs.

    Args:
        rows: as ``chosen`` or ``register`` give them; what they need is named where the viewer
            may see it.
        on: the day up to which the present stage reaches.
    """
    ids = [row.pk for row in rows]
    seen = Initiative.objects.visible_to(viewer)
    moves: dict[uuid.UUID, list[StageMove]] = {}
    for move in (
        StageMove.objects.visible_to(viewer)
        .filter(initiative__in=ids)
        .select_related("to_stage")
        .order_by("on", "pk")
    ):
        moves.setdefault(move.initiative_id, []).append(move)
    stones: dict[uuid.UUID, list[Milestone]] = {}
    for stone in Milestone.objects.visible_to(viewer).filter(initiative__in=ids).order_by("due_on"):
        stones.setdefault(stone.initiative_id, []).append(stone)
    needs: dict[uuid.UUID, list[str]] = {}
    waits = Dependency.objects.visible_to(viewer).filter(
        initiative__in=ids, needs__in=seen.values("pk"), delivered_on=None
    )
    for pk, key in waits.values_list("initiative", "needs__key").order_by("needs__number"):
        needs.setdefault(pk, []).append(key)
    return [
        PlanLine(
            row.key, row.name, _spans(row, moves.get(row.pk, []), on), stones.get(row.pk, []),
            needs.get(row.pk, []), row.time_box_on,
        )
        for row in rows
    ]  # fmt: skip


def _spans(row: Initiative, moves: Sequence[StageMove], on: dt.date) -> list[Span]:
    spans = []
    for position, move in enumerate(moves):
        is_last = position + 1 == len(moves)
        end = None if is_last else moves[position + 1].on
        if is_last and move.to_stage.is_final:
            break
        spans.append(Span(move.to_stage.slug, move.to_stage.name, move.on, end or on))
    if row.planned_end_on and row.planned_end_on > on and row.ended_on is None:
        start = max(on, row.planned_start_on or on)
        spans.append(Span("", "Planned", start, row.planned_end_on, is_plan=True))
    elif not spans and row.planned_start_on and row.planned_end_on:
        spans.append(Span("", "Planned", row.planned_start_on, row.planned_end_on, is_plan=True))
    return spans
