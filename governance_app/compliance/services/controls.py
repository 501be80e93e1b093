"""Controls of the library on initiatives, their tests, gaps and independent validations."""

import datetime as dt
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.compliance import standing
from governance_app.compliance.models import (
    AppliedControl,
    Assessment,
    BiasAuditGroup,
    ControlTest,
    Evidence,
    Gap,
    ModelValidation,
    Node,
)
from governance_app.compliance.reading import CONTROLS
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import ModelAsset
from governance_app.people import access
from governance_app.people.models import User


class BadControl(Sentence):
    """A control, test, finding or validation that does not make sense; says what to mend."""


@recorded
def apply_control(
    *,
    initiative: Initiative,
    ref: str,
    state: str,
    on: dt.date,
    by: User,
    owner: User | None = None,
    due_on: dt.date | None = None,
    reason: str = "",
    version: int | None = None,
) -> AppliedControl:
    """
    Say that a control of the library is planned, in place, or does not apply, and who keeps it.

    Raises:
        BadControl: an unknown control or state, or "does not apply" without a reason.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "compliance.edit", initiative)
    node = Node.objects.filter(
        library__kind="controls", library__is_current=True, is_assessable=True, ref=ref
    ).first()
    if node is None:
        raise BadControl(f"The control library has no control “{ref}”.")
    if state not in AppliedControl.State.values:
        raise BadControl(f"A control is one of {', '.join(AppliedControl.State.values)}.")
    if state == AppliedControl.State.NOT_APPLICABLE and not reason.strip():
        raise BadControl(f"{node.title}: say why it does not apply.")
    days = int(setting(key="control_evidence_days", on=on, node=initiative.node))
    row, is_new = AppliedControl.objects.select_for_update(of=("self",)).get_or_create(
        initiative=initiative,
        library_key=CONTROLS,
        ref=ref,
        defaults={
            "title": node.title, "state": state, "owner": owner, "due_on": due_on,
            "reason": reason.strip(), "max_age_days": days,
        },
    )  # fmt: skip
    if not is_new:
        check_version(row, version)
        save_changes(row, state=state, owner=owner, due_on=due_on, reason=reason.strip())
    standing.restand(initiative, on=on)
    return row


@refusals_noted
@recorded
def record_test(
    *,
    control: AppliedControl,
    aspect: str,
    tested_on: dt.date,
    evidence: Evidence,
    on: dt.date,
    by: User,
    share: Decimal | None = None,
    sample: int | None = None,
    exceptions: int | None = None,
    note: str = "",
) -> ControlTest:
    """
    Record a test of a control's design, or of a sample of its operation.

    Args:
        share: how well it does, 0 to 1; worked out from sample and exceptions where they stand.

    Raises:
        BadControl: in the future, by who keeps the control, without share, or with evidence of
            another initiative or that no longer counts.
    """
    access.require(by, "compliance.edit", control)
    row = AppliedControl.objects.select_for_update(of=("self",)).get(pk=control.pk)
    if aspect not in ControlTest.Aspect.values:
        raise BadControl("A test is of the design or of operating.")
    if tested_on > on:
        raise BadControl(f"{row}: a test of {tested_on} lies in the future.")
    if row.state != AppliedControl.State.IN_PLACE:
        raise BadControl(f"{row} is not in place; say so first.")
    if row.owner_id == by.pk:
        raise BadControl(f"{row}: somebody else than who keeps a control tests it.")
    if evidence.initiative_id != row.initiative_id:
        raise BadControl(f"{row}: the evidence belongs to another initiative.")
    if evidence.withdrawn_because or evidence.valid_until < tested_on:
        raise BadControl(f"{row}: “{evidence}” does not count on {tested_on}.")
    if sample is not None:
        if sample < 1 or exceptions is None or not 0 <= exceptions <= sample:
            raise BadControl(f"{row}: of a sample of {sample} between none and all can fail.")
        share = (Decimal(sample - exceptions) / sample).quantize(Decimal("0.001"))
    if share is None or not 0 <= share <= 1:
        raise BadControl(f"{row}: say how well it does, 0 to 100 %, or give sample and exceptions.")
    made = ControlTest.objects.create(
        control=row,
        aspect=aspect,
        share=share,
        sample=sample,
        exceptions=exceptions if sample is not None else None,
        note=note.strip(),
        tested_on=tested_on,
        tested_by=by,
        evidence=evidence,
    )
    before = row.design_on if aspect == ControlTest.Aspect.DESIGN else row.operating_on
    if before is None or before <= tested_on:
        save_changes(row, **{aspect: share, f"{aspect}_on": tested_on})
    standing.restand(row.initiative, on=on)
    return made


@recorded
def add_finding(
    *,
    initiative: Initiative,
    title: str,
    severity: str,
    on: dt.date,
    by: User,
    description: str = "",
    owner: User | None = None,
    due_on: dt.date | None = None,
    bias_group: BiasAuditGroup | None = None,
) -> Gap:
    """
    Put a finding on record: who mends it by when.

    Args:
        bias_group: the group of a bias audit it follows from.

    Raises:
        BadControl: no title, an unknown severity, or due before it was found.
    """
    access.require(by, "compliance.edit", initiative)
    if not title.strip():
        raise BadControl("A finding needs a title: what is not as it should be.")
    if severity not in Gap.Severity.values:
        raise BadControl(f"The severity is one of {', '.join(Gap.Severity.values)}.")
    days = setting(key="gap_due_days", on=on, node=initiative.node)
    due = due_on or on + dt.timedelta(days=int(days[severity]))
    if due < on:
        raise BadControl(f"{title}: it cannot be due before it was found.")
    return Gap.objects.create(
        initiative=initiative,
        kind=Gap.Kind.FINDING,
        severity=severity,
        title=title.strip()[:300],
        description=description.strip(),
        bias_group=bias_group,
        found_on=on,
        found_by=by,
        owner=owner or initiative.business_owner or initiative.program_manager,
        due_on=due,
    )


@recorded
def plan_gap(
    *, gap: Gap, owner: User | None, due_on: dt.date, by: User, version: int | None = None
) -> Gap:
    """
    Say who mends a gap by when.

    Raises:
        BadControl: it is closed, or due before it was found.
    """
    access.require(by, "compliance.edit", gap)
    row = Gap.objects.select_for_update(of=("self",)).get(pk=gap.pk)
    check_version(row, version)
    if row.closed_on is not None:
        raise BadControl(f"“{row}” is closed.")
    if due_on < row.found_on:
        raise BadControl(f"“{row}” cannot be due before {row.found_on}, when it was found.")
    save_changes(row, owner=owner, due_on=due_on)
    return row


@refusals_noted
@recorded
def close_gap(
    *,
    gap: Gap,
    because: str,
    on: dt.date,
    by: User,
    evidence: Evidence | None = None,
    version: int | None = None,
) -> Gap:
    """
    Say that a gap is mended, and how one knows; a severe one needs evidence and another person.

    Raises:
        BadControl: no reason, closed already, or a severe one closed by its owner or without
            evidence that counts.
    """
    access.require(by, "compliance.edit", gap)
    row = Gap.objects.select_for_update(of=("self",)).get(pk=gap.pk)
    check_version(row, version)
    if row.closed_on is not None:
        raise BadControl(f"“{row}” is closed already.")
    if not because.strip():
        raise BadControl(f"“{row}”: say how it was mended.")
    if evidence is not None and (
        evidence.initiative_id != row.initiative_id
        or evidence.withdrawn_because
        or evidence.valid_until < on
    ):
        raise BadControl(f"“{row}”: “{evidence}” does not count for it.")
    if row.severity == Gap.Severity.HIGH and (evidence is None or row.owner_id == by.pk):
        raise BadControl(
            f"“{row}” is severe: somebody else than its owner closes it, with evidence."
        )
    save_changes(row, closed_on=on, closed_by=by, closed_because=because.strip(), evidence=evidence)
    return row


@refusals_noted
@recorded
def validate_model(
    *,
    initiative: Initiative,
    scope: str,
    outcome: str,
    validated_on: dt.date,
    on: dt.date,
    by: User,
    model: ModelAsset | None = None,
    model_version: str = "",
    conditions: str = "",
    evidence: Evidence | None = None,
) -> ModelValidation:
    """
    Record what an independent validation found; when the next is due follows from the model tier.

    Raises:
        BadControl: by somebody who builds, owns or assessed it, in the future, conditional
            without conditions, or fit for use without evidence.
    """
    access.require(by, "model.validate", initiative)
    if outcome not in ModelValidation.Outcome.values:
        raise BadControl(f"The outcome is one of {', '.join(ModelValidation.Outcome.values)}.")
    if validated_on > on:
        raise BadControl(f"A validation of {validated_on} lies in the future.")
    if not scope.strip():
        raise BadControl("Say what was validated.")
    if outcome == ModelValidation.Outcome.CONDITIONAL and not conditions.strip():
        raise BadControl("Say under which conditions it is fit for use.")
    if outcome != ModelValidation.Outcome.REFUSED and evidence is None:
        raise BadControl("Attach the report: without it nobody can follow the validation.")
    if evidence is not None and evidence.initiative_id != initiative.pk:
        raise BadControl("The report belongs to another initiative.")
    newest = Assessment.objects.filter(
        initiative=initiative, subject="model_risk", state=Assessment.State.APPROVED
    ).order_by("-number")
    assessment = newest.first()
    involved = {
        initiative.technical_owner_id, initiative.business_owner_id,
        initiative.program_manager_id, initiative.sponsor_id,
        assessment.submitted_by_id if assessment else None,
    }  # fmt: skip
    if by.pk in involved:
        raise BadControl(
            "A validator is independent: not the sponsor, an owner, the manager or who assessed it."
        )
    months = setting(key="model_validation_months", on=on, node=initiative.node)
    tier = assessment.tier if assessment else ""
    step = int(months.get(tier, months.get("", 12)))
    return ModelValidation.objects.create(
        initiative=initiative,
        model=model,
        model_version=model_version.strip(),
        scope=scope.strip(),
        outcome=outcome,
        conditions=conditions.strip(),
        validated_on=validated_on,
        next_due_on=validated_on + relativedelta(months=step),
        validator=by,
        evidence=evidence,
    )
