"""Adding and editing initiatives."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import stages as stage_rules
from governance_app.domain.errors import Sentence
from governance_app.domain.ids import uuid7
from governance_app.initiatives.models import (
    Initiative,
    Stage,
    StageDate,
    StageMove,
    StatusUpdate,
)
from governance_app.initiatives.services import drafts
from governance_app.initiatives.services.drafts import Draft, StagePlan
from governance_app.initiatives.services.templates import default_stages, spec_of
from governance_app.people import access
from governance_app.people import services as people
from governance_app.people.models import ScopeNode, User

KEY_PREFIX = "AI"
_KEY_LOCK = 0x41492D31  # "AI-1": held until commit, so that numbers have no gaps or doubles
_BATCH = 500


@recorded
def add(
    *,
    name: str,
    unit: ScopeNode,
    by: User,
    stage: str = "idea",
    on: dt.date | None = None,
    **details: Any,
) -> Initiative:
    """
    Add one initiative to a unit.

    Args:
        stage: slug of the stage it is in; empty when unknown.
        on: the day it entered that stage; today when left out.
        details: further fields, see ``drafts.EDITABLE``.

    Raises:
        Sentence: a field is wrong; says which and what it can be.
        Refused: ``by`` may not add initiatives to the unit.
    """
    today = timezone.localdate()
    plans = [StagePlan(stage, actual_on=on or today)] if stage else []
    draft = Draft(name=name, unit=unit, stage=stage, details=details, stages=plans)
    return add_many(drafts=[draft], by=by)[0]


@recorded
def add_many(
    *, drafts: Sequence[Draft], by: User, permission: str = "initiative.add"
) -> list[Initiative]:
    """
    Add many initiatives in one transaction; keys rise in the order given.

    Args:
        drafts: what is known of each.
        permission: what ``by`` needs on every unit; an import asks for its own.

    Returns:
        The initiatives, in the same order.
    """
    units = {draft.unit.pk: draft.unit for draft in drafts}
    for unit in units.values():
        if unit.kind == ScopeNode.Kind.INITIATIVE:
            raise Sentence(f"{unit} is an initiative; initiatives stand in units.")
        access.require(by, permission, unit)
    stages = {stage.slug: stage for stage in default_stages()}
    today = timezone.localdate()
    number = _next_number()
    nodes: list[ScopeNode] = []
    rows: list[Initiative] = []
    for offset, draft in enumerate(drafts):
        row, node = _row(draft, number + offset, stages, today)
        rows.append(row)
        nodes.append(node)
    ScopeNode.objects.bulk_create(nodes, batch_size=_BATCH)
    Initiative.objects.bulk_create(rows, batch_size=_BATCH)
    _write_lives(list(zip(rows, drafts, strict=True)), stages, today, by)
    return rows


@recorded
def edit(
    *, initiative: Initiative, by: User, version: int | None = None, **changes: Any
) -> Initiative:
    """
    Change fields of an initiative; its stage, status and unit have services of their own.

    Args:
        version: the version the writer saw; None for jobs that write blindly.
        changes: ``name`` and fields of ``drafts.EDITABLE``.

    Raises:
        StaleWrite: somebody changed it meanwhile.
        Sentence: a field is wrong.
    """
    access.require(by, "initiative.edit", initiative)
    row = lock(initiative)
    check_version(row, version)
    name = drafts.check_name(changes.pop("name", row.name))
    whole = {each: getattr(row, each) for each in ("expected_value", "expected_value_currency")}
    drafts.check_details({**whole, **changes})
    drafts.check_tree(
        initiative=row,
        parent=changes.get("parent", row.parent),
        kind=changes.get("kind", row.kind),
    )
    if name != row.name:
        save_changes(row.node, name=name)
    save_changes(row, name=name, **changes)
    return row


@recorded
def move_unit(
    *, initiative: Initiative, unit: ScopeNode, by: User, version: int | None = None
) -> Initiative:
    """
    Hang an initiative under another unit; rights and totals follow at once.

    Raises:
        Sentence: the target is an initiative.
        Refused: ``by`` may not edit initiatives in both places.
    """
    access.require(by, "initiative.edit", initiative)
    if unit.kind == ScopeNode.Kind.INITIATIVE:
        raise Sentence(f"{unit} is an initiative; initiatives stand in units.")
    row = lock(initiative)
    check_version(row, version)
    if row.unit_id == unit.pk:
        return row
    row.node = people.move_node(node=row.node, parent=unit, by=by)
    save_changes(row, unit=unit)
    return row


def lock(initiative: Initiative) -> Initiative:
    """Give the row as it is now, locked until the transaction ends."""
    return (
        Initiative.objects.select_for_update(of=("self",))
        .select_related("node", "stage", "unit", "parent")
        .get(pk=initiative.pk)
    )


def _next_number() -> int:
    """Take the right to give out keys until this transaction ends, and the next number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_KEY_LOCK])
    highest: int | None = Initiative.objects.aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def _row(
    draft: Draft, number: int, stages: dict[str, Stage], today: dt.date
) -> tuple[Initiative, ScopeNode]:
    name = drafts.check_name(draft.name)
    drafts.check_details(draft.details)
    named = [draft.stage, *(plan.stage for plan in draft.stages)]
    strange = [slug for slug in named if slug and slug not in stages]
    if strange:
        known = ", ".join(stage.name for stage in stages.values())
        raise Sentence(f"There is no stage “{strange[0]}”. The stages are {known}.")
    drafts.check_tree(
        initiative=None,
        parent=draft.details.get("parent"),
        kind=str(draft.details.get("kind", "initiative")),
    )
    stage = stages.get(draft.stage)
    key = f"{KEY_PREFIX}-{number}"
    node = ScopeNode(**people.node_fields(ScopeNode.Kind.INITIATIVE, name, draft.unit, key))
    row = Initiative(
        id=uuid7(), number=number, key=key, node=node, unit=draft.unit, name=name, stage=stage,
        **draft.details,
    )  # fmt: skip
    if stage is not None and row.time_box_on is None:
        entered = [plan.actual_on for plan in draft.stages if plan.stage == stage.slug]
        if entered and entered[0] is not None and entered[0] <= today:
            row.time_box_on = stage_rules.time_box_ends_on(spec_of(stage), entered[0])
    return row, node


def _write_lives(
    pairs: Sequence[tuple[Initiative, Draft]], stages: dict[str, Stage], today: dt.date, by: User
) -> None:
    """Write the stage dates, moves and first status of new initiatives."""
    order = list(stages)
    dates: list[StageDate] = []
    moves: list[StageMove] = []
    updates: list[StatusUpdate] = []
    for row, draft in pairs:
        for plan in draft.stages:
            dates.append(
                StageDate(
                    initiative=row,
                    stage=stages[plan.stage],
                    planned_on=plan.planned_on,
                    planned_precision=plan.planned_precision,
                    actual_on=plan.actual_on,
                    actual_precision=plan.actual_precision,
                )
            )
        before: Stage | None = None
        for plan in drafts.moves_of(draft.stages, upto=draft.stage, order=order, today=today):
            here = stages[plan.stage]
            moves.append(
                StageMove(
                    initiative=row, from_stage=before, to_stage=here, on=plan.actual_on or today,
                    planned_on=plan.planned_on, reason=plan.reason or draft.reason,
                    moved_by=by,
                )
            )  # fmt: skip
            before = here
        if row.status and row.status_sentence:
            updates.append(
                StatusUpdate(
                    initiative=row, status=row.status, sentence=row.status_sentence,
                    on=row.status_on or today, posted_by=by,
                )
            )  # fmt: skip
    StageDate.objects.bulk_create(dates, batch_size=_BATCH)
    StageMove.objects.bulk_create(moves, batch_size=_BATCH)
    StatusUpdate.objects.bulk_create(updates, batch_size=_BATCH)
