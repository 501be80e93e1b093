"""One initiative with everything its page says about it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from governance_app.audit import selectors as trail
from governance_app.domain import stages as stage_rules
from governance_app.domain.phrases import phrase
from governance_app.initiatives import choices
from governance_app.initiatives.models import (
    Comment,
    Dependency,
    ImportedRow,
    Initiative,
    Milestone,
    Stage,
    StageDate,
    StageMove,
    StatusUpdate,
)
from governance_app.people import selectors as people
from governance_app.people.models import ScopeNode, User


@dataclass(frozen=True)
class StageStep:
    """One stage on the way of an initiative: before, here or ahead of where it is now."""

    stage: Stage
    place: str
    planned_on: dt.date | None = None
    planned_precision: str = "day"
    actual_on: dt.date | None = None
    actual_precision: str = "day"


@dataclass(frozen=True)
class Waiting:
    """Another initiative at the end of a dependency; None where the viewer may not see it."""

    dependency: Dependency
    initiative: Initiative | None


@dataclass(frozen=True)
class Owner:
    """A role on an initiative and who holds it; None when nobody does."""

    role: str
    label: str
    user: User | None


@dataclass(frozen=True)
class InitiativeDetail:
    """What the page of an initiative shows from the register itself."""

    initiative: Initiative
    units: Sequence[ScopeNode]
    owners: Sequence[Owner]
    steps: Sequence[StageStep]
    next_stages: Sequence[Stage]
    milestones: Sequence[Milestone]
    needs: Sequence[Waiting]
    needed_by: Sequence[Waiting]
    children: Sequence[Initiative]
    imported: ImportedRow | None
    days_past_time_box: int
    nature: Sequence[tuple[str, str]] = field(default_factory=tuple)


@dataclass(frozen=True)
class HistoryEntry:
    """One thing that happened: ``kind`` is stage, status, comment, milestone or change."""

    at: dt.date | dt.datetime
    kind: str
    sentence: str
    by: str
    detail: str = ""


ROLES = {
    "sponsor": "Sponsor",
    "business_owner": "Business owner",
    "technical_owner": "Technical owner",
    "risk_owner": "Risk owner",
    "program_manager": "Program manager",
}
_FIELD_WORDS = {
    "ai_type": ("AI type", choices.AI_TYPES),
    "modality": ("Modality", choices.MODALITIES),
    "deployment_target": ("Deployment target", choices.DEPLOYMENT_TARGETS),
    "autonomy": ("Autonomy", choices.AUTONOMIES),
    "sourcing": ("Build or buy", choices.SOURCINGS),
}
#: Columns whose change says nothing to a reader of the history.
_SILENT = frozenset(
    {"version", "created_at", "id", "number", "status", "status_sentence", "status_on", "extra"}
)


def initiative(*, viewer: User, key: str, permission: str = "view") -> Initiative | None:
    """Give the initiative of a key if the viewer may see it, or holds another permission there."""
    seen = Initiative.objects.visible_to(viewer, permission).for_reading()
    if "\x00" in key:  # no text of the database holds it
        return None
    return seen.filter(key__iexact=key).first()


def status_updates(*, viewer: User, initiative: Initiative) -> QuerySet[StatusUpdate]:
    """Give what was said of how an initiative stands, newest first."""
    found = StatusUpdate.objects.visible_to(viewer).filter(initiative=initiative)
    return found.select_related("posted_by").order_by("-created_at", "-pk")


def detail(*, viewer: User, key: str, on: dt.date) -> InitiativeDetail | None:
    """
    Gather the register's part of an initiative's page; None when the viewer may not see it.

    Args:
        on: the day of looking, for what is past its time box.
    """
    row = initiative(viewer=viewer, key=key)
    if row is None:
        return None
    template = _template_of(row)
    ancestors = [row.node.path[: 33 * depth] for depth in range(1, row.node.depth + 1)]
    units = ScopeNode.objects.filter(path__in=ancestors, kind=ScopeNode.Kind.UNIT)
    return InitiativeDetail(
        initiative=row,
        units=list(units.order_by("path")),
        owners=[Owner(role, label, getattr(row, role)) for role, label in ROLES.items()],
        steps=_steps(row, template),
        next_stages=_next_stages(row, template),
        milestones=list(row.milestones.select_related("owner").order_by("due_on", "pk")),
        needs=_waiting(viewer, row.needs.order_by("created_at", "pk"), "needs_id"),
        needed_by=_waiting(viewer, row.needed_by.order_by("created_at", "pk"), "initiative_id"),
        children=list(
            Initiative.objects.visible_to(viewer)
            .filter(parent=row)
            .select_related("stage")
            .order_by("number")
        ),
        imported=ImportedRow.objects.filter(initiative=row)
        .select_related("last_import", "last_import__file")
        .first(),
        days_past_time_box=stage_rules.days_past_time_box(row.time_box_on, on=on),
        nature=_nature(row),
    )


def _moved(move: StageMove) -> str:
    to_stage = phrase(move.to_stage.name)
    if move.from_stage is None:
        return phrase("Moved to {to_stage}.", to_stage=to_stage)
    return phrase(
        "Moved to {to_stage} from {from_stage}.",
        to_stage=to_stage, from_stage=phrase(move.from_stage.name),
    )  # fmt: skip


def history(*, viewer: User, initiative: Initiative, limit: int = 100) -> list[HistoryEntry]:
    """
    Tell what happened to an initiative, newest first: stage moves, status updates, comments,
    milestones reached, and edits from the trail.
    """
    if not Initiative.objects.visible_to(viewer).filter(pk=initiative.pk).exists():
        return []
    entries: list[tuple[dt.datetime, HistoryEntry]] = []
    moves = StageMove.objects.filter(initiative=initiative)
    for move in moves.select_related("from_stage", "to_stage", "moved_by").order_by("-on", "-pk")[
        :limit
    ]:
        entry = HistoryEntry(move.on, "stage", _moved(move), move.moved_by.name, move.reason)
        entries.append((_moment(move.on, move.created_at), entry))
    updates = StatusUpdate.objects.filter(initiative=initiative).select_related("posted_by")
    for update in updates.order_by("-on", "-pk")[:limit]:
        sentence = phrase(
            "{status}: {sentence}",
            status=phrase(choices.STATUSES[update.status]), sentence=update.sentence,
        )  # fmt: skip
        entry = HistoryEntry(update.on, "status", sentence, update.posted_by.name)
        entries.append((_moment(update.on, update.created_at), entry))
    remarks = Comment.objects.filter(initiative=initiative).select_related("author")
    for remark in remarks.order_by("-created_at", "-pk")[:limit]:
        entry = HistoryEntry(remark.created_at, "comment", remark.text, remark.author.name)
        entries.append((remark.created_at, entry))
    entries += _edits(initiative, limit)
    entries.sort(key=lambda each: each[0], reverse=True)
    return [entry for _at, entry in entries[:limit]]


def comments(*, viewer: User, initiative: Initiative) -> list[Comment]:
    """Give the comments on an initiative, oldest first."""
    return list(
        Comment.objects.visible_to(viewer)
        .filter(initiative=initiative)
        .select_related("author")
        .order_by("created_at", "pk")
    )


def _edits(row: Initiative, limit: int) -> list[tuple[dt.datetime, HistoryEntry]]:
    """Turn updates of the row itself into sentences that name the fields."""
    events = list(trail.events(row=row.pk, table="initiatives_initiative", op="UPDATE")[:limit])
    names = people.names(ids=[str(event.actor) for event in events if event.actor])
    found = []
    for event in events:
        before, after = event.before or {}, event.after or {}
        changed = sorted(
            name
            for name in {*before, *after} - _SILENT - {"stage_id", "time_box_on", "ended_on"}
            if before.get(name) != after.get(name)
        )
        if changed:
            words = ", ".join(name.removesuffix("_id").replace("_", " ") for name in changed)
            who = names.get(str(event.actor), "Unknown")
            found.append((event.at, HistoryEntry(event.at, "change", f"Edited {words}.", who)))
    return found


def _moment(on: dt.date, made_at: dt.datetime) -> dt.datetime:
    """Order a day among moments: the moment it was written when that was the same day."""
    if made_at.date() == on:
        return made_at
    return dt.datetime.combine(on, dt.time(12), tzinfo=dt.UTC)


def _template_of(row: Initiative) -> list[Stage]:
    stages = Stage.objects.order_by("position")
    if row.stage is None:
        return list(stages.filter(template__is_default=True))
    return list(stages.filter(template=row.stage.template_id))


def _steps(row: Initiative, template: Sequence[Stage]) -> list[StageStep]:
    dates = {each.stage_id: each for each in StageDate.objects.filter(initiative=row)}
    steps = []
    for stage in template:
        if row.stage is None:
            place = "unknown"
        elif stage.pk == row.stage_id:
            place = "here"
        else:
            place = "before" if stage.position < row.stage.position else "ahead"
        known = dates.get(stage.pk)
        if known is None:
            steps.append(StageStep(stage, place))
        else:
            steps.append(
                StageStep(
                    stage,
                    place,
                    known.planned_on,
                    known.planned_precision,
                    known.actual_on,
                    known.actual_precision,
                )
            )
    return steps


def _next_stages(row: Initiative, template: Sequence[Stage]) -> list[Stage]:
    if row.stage is None:
        return list(template)
    specs = [
        stage_rules.StageSpec(s.slug, s.name, s.time_box_days, s.can_skip, s.is_final)
        for s in template
    ]
    allowed = stage_rules.allowed_moves(row.stage.slug, specs)
    return [stage for stage in template if stage.slug in allowed]


def _waiting(viewer: User, dependencies: "object", column: str) -> list[Waiting]:
    rows: list[Dependency] = list(dependencies)  # type: ignore[call-overload]
    seen = {
        each.pk: each
        for each in Initiative.objects.visible_to(viewer)
        .filter(pk__in=[getattr(row, column) for row in rows])
        .select_related("stage", "unit")
    }
    return [Waiting(row, seen.get(getattr(row, column))) for row in rows]


def _nature(row: Initiative) -> list[tuple[str, str]]:
    """List what kind of thing it is, in words; unknown says so."""
    found = []
    for name, (label, words) in _FIELD_WORDS.items():
        found.append((label, words.get(getattr(row, name), "Unknown")))
    found.append(("Vendor", row.vendor or "Unknown"))
    for label, values, words in (
        ("Data", row.data_classes, choices.DATA_CLASSES),
        ("Risk flags", row.risk_flags, choices.RISK_FLAGS),
    ):
        if values is None:
            found.append((label, "Unknown"))
        else:
            found.append((label, ", ".join(words[each] for each in values) or "None"))
    return found
