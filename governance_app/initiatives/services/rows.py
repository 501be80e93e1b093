"""An imported row as an initiative: a draft when it is new, changes when it is known."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from governance_app.audit.rows import save_changes
from governance_app.initiatives.importing.diff import Verdict
from governance_app.initiatives.importing.fields import FIELDS, OWNERS, STAGE_SLUGS
from governance_app.initiatives.importing.records import Record, as_date
from governance_app.initiatives.models import Initiative, StageDate, StageMove, StatusUpdate
from governance_app.initiatives.services.drafts import Draft, StagePlan, check_details
from governance_app.initiatives.services.register import lock
from governance_app.initiatives.services.templates import default_stages
from governance_app.people import services as people_services
from governance_app.people.models import ScopeNode, User

#: Fields copied as they are, and what they are when the file says nothing.
_PLAIN: dict[str, Any] = {
    "reference": "", "purpose": "", "status": "", "status_sentence": "", "ai_type": "",
    "modality": "", "deployment_target": "", "autonomy": "", "vendor": "", "sourcing": "",
    "data_classes": None, "risk_flags": None,
}  # fmt: skip
_DATES = ("time_box_on", "planned_start_on", "planned_end_on", "started_on", "ended_on")


def draft_of(
    record: Record, unit: ScopeNode, people: Mapping[str, User], file: str, today: dt.date
) -> Draft:
    """Turn a new row into a draft, with its life as far as its dates tell it."""
    details = {
        key: value
        for key in (*_PLAIN, *_DATES, *OWNERS, "kind", "tags", "expected_value")
        if key in record.values
        for key, value in _detail(key, record, people).items()
    }
    if details.get("status"):
        details["status_on"] = today
    return Draft(
        name=str(record.values["name"]),
        unit=unit,
        stage=str(record.values.get("stage", "")),
        details={**details, "extra": record.extra},
        stages=[plan for slug in STAGE_SLUGS if (plan := plan_of(slug, record, today))],
        reason=f"Imported from {file}, row {record.number}.",
    )


def plan_of(slug: str, record: Record, today: dt.date) -> StagePlan | None:
    """
    Give a row's dates of one stage, or None when it has none.

    A date ahead of ``today`` has not happened, whatever its column is called: it is the plan.
    """
    actual, actual_precision = _day(f"date.{slug}.actual", record)
    planned, planned_precision = _day(f"date.{slug}.planned", record)
    if actual is not None and actual > today:
        if planned is None:
            planned, planned_precision = actual, actual_precision
        actual, actual_precision = None, "day"
    if actual is None and planned is None:
        return None
    return StagePlan(slug, planned, actual, planned_precision, actual_precision)


def change(
    initiative: Initiative,
    verdict: Verdict,
    unit: ScopeNode,
    people: Mapping[str, User],
    by: User,
    file: str,
    today: dt.date,
) -> None:
    """
    Bring an initiative to what its row says now, in the fields whose value in the file changed.

    What somebody edited here since stays, unless the file itself changed that field.
    """
    row = lock(initiative)
    record = verdict.record
    reason = f"Imported from {file}, row {record.number}."
    changes: dict[str, Any] = {"extra": record.extra}
    for key in verdict.fields:
        base = key.removesuffix(".currency")
        if base in _PLAIN or base in _DATES or base in OWNERS or base == "expected_value":
            changes.update(_detail(base, record, people))
        elif key == "tags":
            changes["tags"] = record.values.get("tags", [])
        elif key == "kind":
            changes["kind"] = record.values.get("kind", "initiative")
        elif key == "name":
            changes["name"] = record.values["name"]
            save_changes(row.node, name=record.values["name"])
    if {"status", "status_sentence"} & set(verdict.fields):
        changes["status_on"] = today if record.values.get("status") else None
    if changes.get("expected_value", 0) is None:
        changes["expected_value_currency"] = ""
    _change_stage(row, verdict, by, reason, today, changes)
    check_details({key: value for key, value in changes.items() if key not in {"name", "stage"}})
    if "unit" in verdict.fields and row.unit_id != unit.pk:
        row.node = people_services.move_node(node=row.node, parent=unit, by=by)
        changes["unit"] = unit
    save_changes(row, **changes)
    if "status_sentence" in verdict.fields and row.status and row.status_sentence:
        StatusUpdate.objects.create(
            initiative=row, status=row.status, sentence=row.status_sentence, on=today, posted_by=by
        )


def _change_stage(
    row: Initiative,
    verdict: Verdict,
    by: User,
    reason: str,
    today: dt.date,
    changes: dict[str, Any],
) -> None:
    """Bring stage dates and the stage itself up to date, with a move when it changed."""
    record = verdict.record
    stages = {stage.slug: stage for stage in default_stages()}
    for slug in STAGE_SLUGS:
        if not any(key.startswith(f"date.{slug}.") for key in verdict.fields):
            continue
        plan = plan_of(slug, record, today)
        StageDate.objects.filter(initiative=row, stage=stages[slug]).delete()
        if plan is not None:
            StageDate.objects.create(
                initiative=row, stage=stages[slug], planned_on=plan.planned_on,
                planned_precision=plan.planned_precision, actual_on=plan.actual_on,
                actual_precision=plan.actual_precision,
            )  # fmt: skip
    if "stage" not in verdict.fields:
        return
    slug = str(record.values.get("stage", ""))
    target = stages[slug] if slug else None
    if target is not None and target.pk != row.stage_id:
        plan = plan_of(slug, record, today)
        StageMove.objects.create(
            initiative=row,
            from_stage=row.stage,
            to_stage=target,
            on=plan.actual_on if plan is not None and plan.actual_on else today,
            planned_on=plan.planned_on if plan is not None else None,
            reason=reason,
            moved_by=by,
        )
    changes["stage"] = target


def _detail(key: str, record: Record, people: Mapping[str, User]) -> dict[str, Any]:
    """Give one field of a row as the register keeps it."""
    value = record.values.get(key)
    if key in OWNERS:
        return {key: people.get(str(value).casefold()) if value else None}
    if key in _DATES:
        return {key: as_date(str(value)) if value else None}
    if key == "expected_value":
        return {
            "expected_value": Decimal(str(value)) if value is not None else None,
            "expected_value_currency": record.values.get("expected_value.currency", ""),
        }
    return {key: value if value is not None else _PLAIN.get(key)}


def _day(key: str, record: Record) -> tuple[dt.date | None, str]:
    text = record.values.get(key)
    if not text:
        return None, "day"
    return as_date(str(text)), str(record.values.get(f"{key}.precision", "day"))


assert set(_PLAIN) | set(_DATES) <= set(FIELDS), "every copied field is one a column can fill"
