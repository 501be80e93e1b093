"""Going past a gate in an emergency: by two people, for hours, and looked at afterwards."""

import datetime as dt

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.books.selectors import setting
from governance_app.gates.judging import judge
from governance_app.gates.models import BreakGlass
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import (
    as_now,
    locked,
    principal,
    sentence_of,
    today,
    working_days_after,
)
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


@refusals_noted
@recorded
def break_glass(
    *, initiative: Initiative, to_stage: str, reason: str, incident: str, by: User
) -> BreakGlass:
    """
    Move an initiative past its gate because something is burning.

    A second person has to confirm within hours, it lapses after some more, and somebody else
    reviews it within working days; the clocks are dated settings.

    Raises:
        GateRefused: nothing guards the step, a check forbids it even now, or the reason or the
            incident is missing.
        Refused: the actor may not go past gates.
    """
    by = as_now(by)
    access.require(by, "gate.emergency", initiative)
    row = locked(initiative)
    reason = sentence_of(reason, "Say in a sentence what is burning.")
    incident = sentence_of(incident, "Name the incident this answers.")
    found = judge(initiative=row, to_stage=to_stage, on=today())
    if not found.verdict.is_guarded:
        raise GateRefused("No policy guards this step: there is no glass to break.")
    if found.verdict.is_forbidden:
        told = ", ".join(each.title for each in found.verdict.blocks if each.is_absolute)
        raise GateRefused(f"Not even an emergency goes past this: {told}.")
    if BreakGlass.objects.filter(
        initiative=row, to_stage=to_stage, lapses_at__gt=timezone.now(), finding=""
    ).exists():
        raise GateRefused("An emergency move to that stage is running already.")
    clocks = setting(key="gate_emergency", on=today(), node=row.node)
    now = timezone.now()
    glass = BreakGlass.objects.create(
        initiative=row,
        from_stage=row.stage.slug if row.stage else "",
        to_stage=to_stage,
        reason=reason,
        incident=incident[:300],
        verdict=found.verdict.as_json(),
        opened_by=by,
        opened_at=now,
        confirm_by=now + dt.timedelta(hours=clocks["confirm_hours"]),
        lapses_at=now + dt.timedelta(hours=clocks["lapse_hours"]),
        review_due_on=working_days_after(today(), int(clocks["review_days"])),
    )
    initiatives.advance_stage(
        initiative=row, to=to_stage, reason=f"Emergency: {reason}", by=principal()
    )
    audit.note(
        by=by,
        action="gate",
        subject=glass,
        sentence=f"Went past the gate of {row.key} into {to_stage}: {reason} ({incident}).",
    )
    return glass


@refusals_noted
@recorded
def confirm_glass(*, glass: BreakGlass, by: User) -> BreakGlass:
    """
    Say as a second person that it is an emergency indeed.

    Raises:
        GateRefused: the actor opened it, it is confirmed, or its time to be confirmed is over.
    """
    by = as_now(by)
    access.require(by, "gate.emergency", glass)
    row = BreakGlass.objects.select_for_update(of=("self",)).get(pk=glass.pk)
    if row.opened_by_id == by.pk:
        raise GateRefused("You broke the glass: a second person has to confirm it.")
    if row.confirmed_at is not None:
        raise GateRefused(f"{row.confirmed_by} confirmed it already.")
    now = timezone.now()
    if now > row.confirm_by:
        raise GateRefused(
            f"It had to be confirmed by {row.confirm_by:%d %b %Y %H:%M}; ask at the gate instead."
        )
    save_changes(row, confirmed_by=by, confirmed_at=now)
    return row


@refusals_noted
@recorded
def review_glass(*, glass: BreakGlass, finding: str, sentence: str, by: User) -> BreakGlass:
    """
    Say afterwards whether it was justified.

    Raises:
        GateRefused: the actor took part in it, it is reviewed already, or no reason is given.
    """
    by = as_now(by)
    if not access.can(by, "gate.risk", glass):
        access.require(by, "gate.decide", glass)
    row = BreakGlass.objects.select_for_update(of=("self",)).get(pk=glass.pk)
    if by.pk in (row.opened_by_id, row.confirmed_by_id):
        raise GateRefused("You took part in it: somebody else looks at it.")
    if row.finding:
        raise GateRefused(f"{row.reviewed_by} reviewed it already.")
    if finding not in BreakGlass.Finding.values:
        raise GateRefused("Find it justified or not justified.")
    save_changes(
        row,
        finding=finding,
        sentence=sentence_of(sentence, "Say in a sentence why."),
        reviewed_by=by,
        reviewed_at=timezone.now(),
    )
    audit.note(
        by=by,
        action="gate",
        subject=row,
        sentence=f"Found the emergency move of {row.initiative.key} "
        f"{row.get_finding_display().lower()}.",
    )
    return row
