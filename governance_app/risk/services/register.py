"""Changing the risk register. Whatever changes a fact scores what it touches at once."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.compliance.models import AppliedControl
from governance_app.domain.errors import Sentence
from governance_app.domain.loss import BadLoss, Loss, check_loss
from governance_app.domain.records import ControlRecord
from governance_app.domain.risk import CATEGORIES, LEVELS
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.risk import scoring
from governance_app.risk.appetites import Appetites
from governance_app.risk.models import Appetite, Control, Risk, Signal


class BadRisk(Sentence):
    """A risk, control or signal that does not make sense; says what to mend."""


@recorded
def add_risk(
    *,
    initiative: Initiative,
    category: str,
    title: str,
    by: User,
    on: dt.date,
    description: str = "",
    owner: User | None = None,
    treatment: str = "",
    likelihood: int | None = None,
    impact: int | None = None,
    reasons: str = "",
    reviewed_on: dt.date | None = None,
    review_days: int | None = None,
    controls: Sequence[ControlRecord] = (),
) -> Risk:
    """
    Add a risk to an initiative, assessed or not, with the controls that stand already.

    Args:
        on: the day of scoring.
        likelihood: 1 to 5, or None with ``impact`` as long as nobody assessed it.
        reviewed_on: when it was assessed; needed with likelihood and impact.
        review_days: until the next review; None: as the level that comes out asks.

    Raises:
        BadRisk: something does not make sense, or the same risk stands already.
    """
    access.require(by, "risk.edit", initiative)
    title = title.strip()
    if category not in CATEGORIES:
        raise BadRisk(f"The category is one of {', '.join(CATEGORIES)}, not {category!r}.")
    if not title:
        raise BadRisk("A risk needs a title: what may happen to whom.")
    if treatment and treatment not in Risk.Treatment.values:
        raise BadRisk(f"{title}: the treatment is one of {', '.join(Risk.Treatment.values)}.")
    if review_days is not None and review_days < 1:
        raise BadRisk(f"{title}: a risk is reviewed every day at most.")
    _check_steps(title, likelihood, impact, reviewed_on, on)
    open_risks = Risk.objects.filter(initiative=initiative, closed_at=None)
    if open_risks.filter(category=category, title=title).exists():
        raise BadRisk(f"{initiative.key} already has the {category} risk “{title}”.")
    risk = Risk(
        initiative=initiative,
        category=category,
        title=title,
        description=description,
        owner=owner,
        treatment=treatment,
        likelihood=likelihood,
        impact=impact,
        reasons=reasons,
        reviewed_on=reviewed_on,
        review_days=review_days or scoring.cadence(None, on),
    )
    rows = [_control(risk, control, on) for control in controls]
    signals = Signal.objects.filter(initiative=initiative, cleared_at=None).order_by("pk")
    grid, terms = scoring.grid_in_force(on), scoring.terms_in_force(on)
    score = scoring.scored(risk, controls=rows, signals=signals, on=on, grid=grid, terms=terms)
    if review_days is None:
        risk.review_days = scoring.cadence(score.residual, on)
        score = scoring.scored(risk, controls=rows, signals=signals, on=on, grid=grid, terms=terms)
    for name, value in scoring.kept(risk, score, Appetites(on), initiative.node.path).items():
        setattr(risk, name, value)
    risk.save(force_insert=True)
    Control.objects.bulk_create(rows)
    scoring.history_row(risk, score, on).save(force_insert=True)
    return risk


@recorded
def assess(
    *,
    risk: Risk,
    likelihood: int,
    impact: int,
    on: dt.date,
    by: User,
    reasons: str = "",
    version: int | None = None,
) -> Risk:
    """
    Judge how likely a risk is and how grave, on a day, which counts as its review.

    When it is reviewed next follows from the level that comes out.

    Raises:
        BadRisk: a step outside 1 to 5, or the risk is closed.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "risk.edit", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    check_version(risk, version)
    if risk.closed_at is not None:
        raise BadRisk(f"“{risk}” is closed; add it again if it is back.")
    _check_steps(risk.title, likelihood, impact, on, on)
    return scoring.score_one(
        risk,
        on,
        by_cadence=True,
        likelihood=likelihood,
        impact=impact,
        reasons=reasons,
        reviewed_on=on,
    )


@recorded
def close_risk(*, risk: Risk, by: User, version: int | None = None) -> Risk:
    """Take a risk out of the register, with its history."""
    access.require(by, "risk.edit", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    check_version(risk, version)
    if risk.closed_at is None:
        save_changes(risk, closed_at=timezone.now())
    return risk


@recorded
def add_control(*, risk: Risk, control: ControlRecord, on: dt.date, by: User) -> Control:
    """
    Add what is done about a risk.

    Raises:
        BadRisk: a share outside 0 to 1, evidence that is not named, or a title that is taken.
    """
    access.require(by, "risk.edit", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    row = _control(risk, control, on)
    if Control.objects.filter(risk=risk, title=row.title).exists():
        raise BadRisk(f"“{risk}” already has the control “{row.title}”.")
    row.save(force_insert=True)
    scoring.score_one(risk, on)
    return row


@recorded
def use_control(
    *, risk: Risk, applied: AppliedControl, kind: str, on: dt.date, by: User
) -> Control:
    """
    Count a control of the library against a risk: worth what its tests say, while they are fresh.

    Raises:
        BadRisk: it belongs to another initiative, counts already, or the kind is unknown.
    """
    access.require(by, "risk.edit", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    if applied.initiative_id != risk.initiative_id:
        raise BadRisk(f"“{applied}” is a control of another initiative.")
    if kind not in Control.Kind.values:
        raise BadRisk("A control prevents or limits.")
    if Control.objects.filter(risk=risk, title=applied.title).exists():
        raise BadRisk(f"“{risk}” already has the control “{applied.title}”.")
    row = Control.objects.create(
        risk=risk,
        title=applied.title,
        kind=kind,
        design=Decimal(0),
        operating=Decimal(0),
        max_age_days=applied.max_age_days,
        applied=applied,
    )
    scoring.score_one(risk, on)
    return row


@recorded
def set_loss(
    *,
    risk: Risk,
    probability: Decimal | None,
    low: Decimal | None,
    high: Decimal | None,
    currency: str,
    by: User,
    version: int | None = None,
) -> Risk:
    """
    Say what a risk may cost in a year: its chance, and the range that holds the loss with 90 %.

    All four together, or none to take the range away. It never changes the level.

    Raises:
        BadRisk: some are missing, or the range makes no sense.
    """
    access.require(by, "risk.edit", risk)
    access.require(by, "money.view", risk)
    risk = Risk.objects.select_for_update(of=("self",)).get(pk=risk.pk)
    check_version(risk, version)
    given = [value is not None for value in (probability, low, high)] + [bool(currency)]
    if any(given):
        if not all(given) or probability is None or low is None or high is None:
            raise BadRisk("Give the chance, both ends of the loss and its currency, or none.")
        try:
            check_loss(Loss(str(risk.pk), float(probability), float(low), float(high)))
        except BadLoss as error:
            raise BadRisk(f"“{risk}”: {error}") from error
    save_changes(
        risk,
        loss_probability=probability,
        loss_low=low,
        loss_high=high,
        loss_currency=currency.strip().upper(),
    )
    return risk


@recorded
def give_evidence(
    *,
    control: Control,
    evidence_on: dt.date,
    on: dt.date,
    by: User,
    evidence_ref: str = "",
    evidence_file: StoredFile | None = None,
    operating: Decimal | None = None,
    version: int | None = None,
) -> Control:
    """
    Show that a control works, as of a day; its credit lasts until that is too old.

    Raises:
        BadRisk: the evidence lies in the future or is not named.
    """
    access.require(by, "risk.edit", control)
    control = Control.objects.select_for_update(of=("self",)).get(pk=control.pk)
    check_version(control, version)
    if evidence_on > on:
        raise BadRisk(f"{control}: evidence of {evidence_on} lies in the future.")
    if not evidence_ref.strip() and evidence_file is None:
        raise BadRisk(f"{control}: name the evidence or attach it.")
    operates = control.operating if operating is None else operating
    if not 0 <= operates <= 1:
        raise BadRisk(f"{control}: operating lies between 0 and 1.")
    save_changes(
        control,
        evidence_on=evidence_on,
        evidence_ref=evidence_ref.strip(),
        evidence_file=evidence_file,
        operating=operates,
    )
    scoring.score_one(Risk.objects.select_for_update(of=("self",)).get(pk=control.risk_id), on)
    return control


@recorded
def score(*, initiative: Initiative, on: dt.date, by: User) -> int:
    """
    Score the open risks of an initiative as of a day, so that evidence and reviews age.

    Returns:
        How many scores were added: those whose facts changed.
    """
    access.require(by, "risk.edit", initiative)
    return scoring.rescore(scoring.open_risks(initiative), on)


@recorded
def score_all(*, on: dt.date, by: User) -> int:
    """Score every open risk that the actor may edit as of a day; give how many changed."""
    risks = Risk.objects.visible_to(by, "risk.edit").filter(closed_at=None)
    locked = risks.select_for_update(of=("self",)).select_related("initiative__node")
    return scoring.rescore(list(locked.order_by("pk")), on)


@recorded
def set_appetite(
    *,
    category: str,
    node: ScopeNode,
    level: int,
    from_on: dt.date,
    by: User,
    reason: str = "",
) -> Appetite:
    """
    Say up to which residual level a part of the organisation accepts a category, from a day.

    Raises:
        BadRisk: an unknown category or level, or another level for the same day.
    """
    access.require(by, "risk.appetite", node)
    if category not in CATEGORIES:
        raise BadRisk(f"The category is one of {', '.join(CATEGORIES)}, not {category!r}.")
    if level not in LEVELS:
        raise BadRisk(f"The level is 1 to 5, not {level}.")
    appetite, is_new = Appetite.objects.get_or_create(
        category=category,
        node=node,
        from_on=from_on,
        defaults={"level": level, "reason": reason},
    )
    if not is_new and appetite.level != level:
        raise BadRisk(f"{node} has an appetite from {from_on} already: {appetite}.")
    touched = Risk.objects.select_for_update(of=("self",)).filter(
        category=category, closed_at=None, initiative__node__path__startswith=node.path
    )
    rows = touched.select_related("initiative__node").order_by("pk")
    scoring.rescore(list(rows), timezone.localdate())
    return appetite


def _check_steps(
    title: str,
    likelihood: int | None,
    impact: int | None,
    reviewed_on: dt.date | None,
    on: dt.date,
) -> None:
    if (likelihood is None) != (impact is None):
        raise BadRisk(f"{title}: likelihood and impact are assessed together.")
    for name, step in (("likelihood", likelihood), ("impact", impact)):
        if step is not None and step not in range(1, 6):
            raise BadRisk(f"{title}: {name} is 1 to 5, not {step}.")
    if likelihood is not None and reviewed_on is None:
        raise BadRisk(f"{title}: say on which day it was assessed.")
    if reviewed_on is not None and reviewed_on > on:
        raise BadRisk(f"{title}: an assessment of {reviewed_on} lies in the future.")


def _control(risk: Risk, control: ControlRecord, on: dt.date) -> Control:
    """Make the row of a control, once it makes sense."""
    title = control.title.strip()
    if not title or control.kind not in Control.Kind.values:
        raise BadRisk("A control needs a title and a kind: prevent or limit.")
    for name, share in (("design", control.design), ("operating", control.operating)):
        if not 0 <= share <= 1:
            raise BadRisk(f"{title}: {name} lies between 0 and 1.")
    if control.evidence_on is not None and not control.evidence_ref.strip():
        raise BadRisk(f"{title}: name the evidence of {control.evidence_on}.")
    if control.evidence_on is not None and control.evidence_on > on:
        raise BadRisk(f"{title}: evidence of {control.evidence_on} lies in the future.")
    return Control(
        risk=risk,
        title=title,
        kind=control.kind,
        design=control.design,
        operating=control.operating,
        evidence_on=control.evidence_on,
        evidence_ref=control.evidence_ref.strip(),
        max_age_days=control.max_age_days,
    )
