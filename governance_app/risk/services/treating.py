"""What is done about a risk: steps of a plan, or acceptance for a time by somebody else."""

import datetime as dt

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.domain.risk import LEVELS
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk.models import Acceptance, Risk, TreatmentStep
from governance_app.risk.services.register import BadRisk


@recorded
def plan_step(
    *,
    risk: Risk,
    treatment: str,
    title: str,
    due_on: dt.date,
    on: dt.date,
    by: User,
    owner: User | None = None,
    target_residual: int | None = None,
) -> TreatmentStep:
    """
    Plan a step of a risk's treatment; the risk takes its treatment.

    Raises:
        BadRisk: no title, an unknown treatment or level, due in the past, or the risk is closed.
    """
    access.require(by, "risk.edit", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    if risk.closed_at is not None:
        raise BadRisk(f"“{risk}” is closed.")
    if treatment not in Risk.Treatment.values:
        raise BadRisk(f"The treatment is one of {', '.join(Risk.Treatment.values)}.")
    if not title.strip():
        raise BadRisk("A step needs a title: who does what.")
    if due_on < on:
        raise BadRisk(f"{title}: it cannot be due in the past.")
    if target_residual is not None and target_residual not in LEVELS:
        raise BadRisk(f"{title}: the level aimed at is 1 to 5.")
    save_changes(risk, treatment=treatment)
    return TreatmentStep.objects.create(
        risk=risk,
        treatment=treatment,
        title=title.strip()[:300],
        owner=owner or risk.owner,
        due_on=due_on,
        target_residual=target_residual,
    )


@recorded
def finish_step(
    *, step: TreatmentStep, note: str, on: dt.date, by: User, version: int | None = None
) -> TreatmentStep:
    """
    Say that a step is done, and what came of it.

    Raises:
        BadRisk: done already, or nothing is said.
    """
    access.require(by, "risk.edit", step)
    row = TreatmentStep.objects.select_for_update(of=("self",)).get(pk=step.pk)
    check_version(row, version)
    if row.done_on is not None:
        raise BadRisk(f"“{row}” is done already.")
    if not note.strip():
        raise BadRisk(f"“{row}”: say what came of it.")
    save_changes(row, done_on=on, done_note=note.strip())
    return row


@recorded
def request_acceptance(
    *, risk: Risk, reason: str, expires_on: dt.date, on: dt.date, by: User
) -> Acceptance:
    """
    Ask that a risk be lived with at its present level until a day.

    Raises:
        BadRisk: not assessed, within appetite, no reason, too long, or asked already.
    """
    access.require(by, "risk.edit", risk)
    risk = (
        Risk.objects.select_for_update(of=("self",))
        .select_related("initiative__node")
        .get(pk=risk.pk)
    )
    if risk.closed_at is not None or risk.residual is None:
        raise BadRisk(f"“{risk}” is closed or not assessed; there is nothing to accept yet.")
    if risk.appetite is not None and risk.residual <= risk.appetite:
        raise BadRisk(f"“{risk}” is within appetite; nobody needs to accept it.")
    if not reason.strip():
        raise BadRisk("Say why the risk can be lived with.")
    most = int(setting(key="acceptance_days", on=on, node=risk.initiative.node))
    if not on < expires_on <= on + dt.timedelta(days=most):
        raise BadRisk(f"An acceptance expires after today and within {most} days.")
    standing = Acceptance.objects.select_for_update(of=("self",)).filter(risk=risk, ended_on=None)
    for row in standing.exclude(is_granted=False):
        if row.expires_on >= on:
            raise BadRisk(f"“{risk}” is asked for or accepted already, until {row.expires_on}.")
        save_changes(row, ended_on=on, ended_because=f"It expired on {row.expires_on}.")
    return Acceptance.objects.create(
        risk=risk,
        level=risk.residual,
        reason=reason.strip(),
        expires_on=expires_on,
        requested_by=by,
        requested_on=on,
    )


@refusals_noted
@recorded
def decide_acceptance(
    *, acceptance: Acceptance, is_granted: bool, on: dt.date, by: User, reason: str = ""
) -> Acceptance:
    """
    Accept a risk, or refuse to.

    Raises:
        BadRisk: by who asked, decided already, the level rose meanwhile, expired, or refused
            without a reason.
    """
    access.require(by, "risk.accept", acceptance)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=acceptance.risk_id)
    row = Acceptance.objects.select_for_update(of=("self",)).get(pk=acceptance.pk)
    if row.is_granted is not None or row.ended_on is not None:
        raise BadRisk("It has been decided already.")
    if row.requested_by_id == by.pk:
        raise BadRisk("Somebody else than who asked accepts a risk.")
    if row.expires_on <= on:
        raise BadRisk(f"It was asked until {row.expires_on}, which is over; ask again.")
    if is_granted and (risk.residual is None or risk.residual > row.level):
        raise BadRisk(
            f"“{risk}” is above the {LEVELS[row.level].lower()} level asked for; ask again."
        )
    if not is_granted and not reason.strip():
        raise BadRisk("Say why the risk cannot be lived with.")
    save_changes(
        row, is_granted=is_granted, decided_by=by, decided_on=on, decision_reason=reason.strip()
    )
    return row


@recorded
def end_acceptance(*, acceptance: Acceptance, because: str, on: dt.date, by: User) -> Acceptance:
    """
    Take an acceptance back before it expires.

    Raises:
        BadRisk: it has ended already, or no reason.
    """
    access.require(by, "risk.accept", acceptance)
    row = Acceptance.objects.select_for_update(of=("self",)).get(pk=acceptance.pk)
    if row.ended_on is not None or not because.strip():
        raise BadRisk("Say why it is taken back; it ends once.")
    save_changes(row, ended_on=on, ended_because=because.strip())
    return row
