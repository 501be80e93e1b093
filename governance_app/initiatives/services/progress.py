"""Moving initiatives through their stages and saying how they stand."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain import stages as stage_rules
from governance_app.domain.errors import Sentence
from governance_app.initiatives import choices
from governance_app.initiatives.models import (
    Initiative,
    Stage,
    StageDate,
    StageMove,
    StatusUpdate,
)
from governance_app.initiatives.services.register import lock
from governance_app.initiatives.services.templates import default_stages, spec_of
from governance_app.people import access
from governance_app.people.models import User


@recorded
def advance_stage(
    *,
    initiative: Initiative,
    to: str,
    by: User,
    reason: str = "",
    on: dt.date | None = None,
    version: int | None = None,
) -> Initiative:
    """
    Move an initiative to another stage, forward or back, as its template allows.

    Args:
        to: slug of the stage.
        reason: why; required to go back and to end.
        on: the day it happened; today when left out, never later.

    Raises:
        MoveRefused: the template does not allow the move; says what is missing.
        Sentence: a guard of ``STAGE_GUARDS`` refuses it; says what is missing.
        StaleWrite: somebody changed the initiative meanwhile.
    """
    access.require(by, "initiative.edit", initiative)
    row = lock(initiative)
    check_version(row, version)
    day = _past(on)
    template = _template_of(row)
    specs = [spec_of(stage) for stage in template]
    goal = stage_rules.find(to, specs)
    if row.stage is not None:
        stage_rules.check_move(row.stage.slug, to, reason=reason, template=specs)
    for guard in settings.STAGE_GUARDS:
        import_string(guard)(initiative=row, to=to)
    target = next(stage for stage in template if stage.slug == to)
    dates, _made = StageDate.objects.select_for_update().get_or_create(
        initiative=row, stage=target, defaults={"actual_on": day}
    )
    save_changes(dates, actual_on=day, actual_precision="day")
    StageMove.objects.create(
        initiative=row, from_stage=row.stage, to_stage=target, on=day,
        planned_on=dates.planned_on, reason=reason.strip(), moved_by=by,
    )  # fmt: skip
    save_changes(
        row,
        stage=target,
        time_box_on=stage_rules.time_box_ends_on(goal, day),
        ended_on=day if goal.is_final else None,
    )
    return row


@recorded
def retire(
    *,
    initiative: Initiative,
    reason: str,
    by: User,
    on: dt.date | None = None,
    version: int | None = None,
) -> Initiative:
    """End an initiative: move it to the final stage of its template, with the reason."""
    final = next(stage for stage in _template_of(initiative) if stage.is_final)
    return advance_stage(
        initiative=initiative, to=final.slug, reason=reason, by=by, on=on, version=version
    )


@recorded
def plan_stage(*, initiative: Initiative, stage: str, planned_on: dt.date, by: User) -> StageDate:
    """Say when an initiative shall enter a stage; a later call moves the plan."""
    access.require(by, "initiative.edit", initiative)
    row = lock(initiative)
    template = _template_of(row)
    stage_rules.find(stage, [spec_of(each) for each in template])
    target = next(each for each in template if each.slug == stage)
    dates, _made = StageDate.objects.select_for_update().get_or_create(
        initiative=row, stage=target, defaults={"planned_on": planned_on}
    )
    save_changes(dates, planned_on=planned_on, planned_precision="day")
    return dates


@recorded
def post_status(
    *,
    initiative: Initiative,
    status: str,
    sentence: str,
    by: User,
    on: dt.date | None = None,
    version: int | None = None,
) -> StatusUpdate:
    """
    Say how an initiative stands: on track, at risk or off track, with a sentence.

    Raises:
        Sentence: the status is none of these, the sentence is blank, or the day lies ahead.
    """
    access.require(by, "initiative.update", initiative)
    if status not in choices.STATUSES:
        known = ", ".join(choices.STATUSES.values())
        raise Sentence(f"A status is one of: {known}.")
    sentence = sentence.strip()
    if not sentence:
        raise Sentence("Say in a sentence why it stands so.")
    row = lock(initiative)
    check_version(row, version)
    day = _past(on)
    update = StatusUpdate.objects.create(
        initiative=row, status=status, sentence=sentence, on=day, posted_by=by
    )
    if row.status_on is None or day >= row.status_on:
        save_changes(row, status=status, status_sentence=sentence, status_on=day)
    return update


@dataclass(frozen=True)
class StatusLine:
    """How one initiative stands, as one line of a grid says it."""

    initiative: Initiative
    status: str
    sentence: str
    version: int | None = None


@recorded
def post_statuses(
    *, lines: Sequence[StatusLine], by: User, on: dt.date | None = None
) -> list[StatusUpdate]:
    """
    Say how many initiatives stand in one transaction: every line, or none.

    Raises:
        Sentence: a line is refused; the sentence begins with its key.
    """
    posted = []
    for line in sorted(lines, key=lambda each: each.initiative.number):
        try:
            posted.append(
                post_status(
                    initiative=line.initiative, status=line.status, sentence=line.sentence, by=by,
                    on=on, version=line.version,
                )
            )  # fmt: skip
        except access.Refused:
            raise
        except Sentence as refusal:
            raise Sentence(f"{line.initiative.key}: {refusal}") from refusal
    return posted


def _past(on: dt.date | None) -> dt.date:
    today = timezone.localdate()
    if on is not None and on > today:
        raise Sentence(f"{on} has not come yet; choose today or an earlier day.")
    return on or today


def _template_of(initiative: Initiative) -> list[Stage]:
    """Give the stages an initiative goes through: those beside its own, else the default ones."""
    if initiative.stage is None:
        return default_stages()
    return list(Stage.objects.filter(template=initiative.stage.template_id).order_by("position"))
