"""Changing the risk register. Whatever changes a fact scores what it touches at once."""

import datetime as dt
from collections.abc import Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.records import ControlRecord
from governance_app.domain.risk import CATEGORIES, LEVELS, SIGNAL_KINDS
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.risk import scoring
from governance_app.risk.models import Appetite, Control, Risk, RiskScore, Signal


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
    review_days: int = 180,
    controls: Sequence[ControlRecord] = (),
) -> Risk:
    """
    Add a risk to an initiative, assessed or not, with the controls that stand already.

    Args:
        on: the day of scoring.
        likelihood: 1 to 5, or None with ``impact`` as long as nobody assessed it.
        reviewed_on: when it was assessed; needed with likelihood and impact.

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
    if review_days < 1:
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
        review_days=review_days,
    )
    rows = [_control(risk, control, on) for control in controls]
    score = scoring.scored(
        risk,
        controls=rows,
        signals=Signal.objects.filter(initiative=initiative, cleared_at=None).order_by("pk"),
        on=on,
        grid=scoring.grid_in_force(on),
    )
    for name, value in scoring.levels(score).items():
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
    return _scored(risk, on, likelihood=likelihood, impact=impact, reasons=reasons, reviewed_on=on)


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
    _scored(risk, on)
    return row


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
    _scored(Risk.objects.select_for_update(of=("self",)).get(pk=control.risk_id), on)
    return control


@recorded
def raise_signal(
    *,
    initiative: Initiative,
    kind: str,
    evidence: str,
    on: dt.date,
    by: User,
    ref: str = "",
    effects: Mapping[str, Any] | None = None,
) -> Signal:
    """
    Say that something is going wrong; the same open signal again only renews its evidence.

    Args:
        kind: a key of ``domain.risk.SIGNAL_KINDS``, which gives the effects.
        evidence: value, threshold, source and time in a sentence.
        ref: tells two open signals of a kind apart.
        effects: categories, up, floor, likelihood_floor or lowers_confidence other than the
            default of the kind.

    Raises:
        BadRisk: an unknown kind or effect, or no evidence.
    """
    access.require(by, "risk.edit", initiative)
    if kind not in SIGNAL_KINDS:
        raise BadRisk(f"The signal is one of {', '.join(SIGNAL_KINDS)}, not {kind!r}.")
    if not evidence.strip():
        raise BadRisk("A signal needs its evidence in a sentence.")
    default = SIGNAL_KINDS[kind]
    fields: dict[str, Any] = {
        "categories": list(default.categories),
        "up": default.up,
        "floor": default.floor,
        "likelihood_floor": default.likelihood_floor,
        "lowers_confidence": default.lowers_confidence,
        "evidence": evidence.strip(),
    }
    unknown = sorted(set(effects or {}) - set(fields))
    if unknown:
        raise BadRisk(f"A signal has no effect called {', '.join(unknown)}.")
    fields |= effects or {}
    if not set(fields["categories"]) <= set(CATEGORIES):
        raise BadRisk(f"A signal touches some of {', '.join(CATEGORIES)}.")
    Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    standing = Signal.objects.filter(initiative=initiative, kind=kind, ref=ref, cleared_at=None)
    signal = standing.first()
    if signal is None:
        signal = Signal.objects.create(
            initiative=initiative,
            kind=kind,
            ref=ref,
            raised_at=timezone.now(),
            raised_by=by,
            **fields,
        )
    elif not save_changes(signal, **fields):
        return signal
    _rescore(_open_risks(initiative), on)
    return signal


@recorded
def clear_signal(*, signal: Signal, because: str, on: dt.date, by: User) -> Signal:
    """
    Say that what was signalled is over, and how one knows.

    Raises:
        BadRisk: no reason, or it is cleared already.
    """
    access.require(by, "risk.edit", signal)
    signal = Signal.objects.select_for_update(of=("self",)).get(pk=signal.pk)
    if signal.cleared_at is not None:
        raise BadRisk(f"{signal}: cleared already.")
    if not because.strip():
        raise BadRisk(f"{signal}: say in a sentence why it is over.")
    save_changes(signal, cleared_at=timezone.now(), cleared_by=by, cleared_because=because.strip())
    _rescore(_open_risks(signal.initiative), on)
    return signal


@recorded
def score(*, initiative: Initiative, on: dt.date, by: User) -> int:
    """
    Score the open risks of an initiative as of a day, so that evidence and reviews age.

    Returns:
        How many scores were added: those whose facts changed.
    """
    access.require(by, "risk.edit", initiative)
    return _rescore(_open_risks(initiative), on)


@recorded
def score_all(*, on: dt.date, by: User) -> int:
    """Score every open risk that the actor may edit as of a day; give how many changed."""
    risks = Risk.objects.visible_to(by, "risk.edit").filter(closed_at=None)
    return _rescore(list(risks.select_for_update(of=("self",)).order_by("pk")), on)


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


def _open_risks(initiative: Initiative) -> list[Risk]:
    """Lock the open risks of an initiative, always in the same order."""
    rows = Risk.objects.select_for_update(of=("self",)).filter(
        initiative=initiative, closed_at=None
    )
    return list(rows.order_by("pk"))


def _scored(risk: Risk, on: dt.date, **changes: Any) -> Risk:
    """Change a locked risk and score it in one write: its facts and levels belong together."""
    draft = copy(risk)
    for name, value in changes.items():
        setattr(draft, name, value)
    raised = Signal.objects.filter(initiative_id=risk.initiative_id, cleared_at=None)
    score = scoring.scored(
        draft,
        controls=risk.controls.order_by("pk"),
        signals=raised.order_by("pk"),
        on=on,
        grid=scoring.grid_in_force(on),
    )
    save_changes(risk, **changes, **scoring.levels(score))
    if scoring.newest_hashes([risk]).get(risk.pk) != score.facts_hash:
        scoring.history_row(risk, score, on).save(force_insert=True)
    return risk


def _rescore(risks: Sequence[Risk], on: dt.date) -> int:
    """Score locked risks in a few statements; add only scores whose facts changed."""
    if not risks:
        return 0
    grid = scoring.grid_in_force(on)
    controls: dict[Any, list[Control]] = {}
    for control in Control.objects.filter(risk__in=risks).order_by("pk"):
        controls.setdefault(control.risk_id, []).append(control)
    signals: dict[Any, list[Signal]] = {}
    raised = Signal.objects.filter(
        initiative__in={risk.initiative_id for risk in risks}, cleared_at=None
    )
    for signal in raised.order_by("pk"):
        signals.setdefault(signal.initiative_id, []).append(signal)
    hashes = scoring.newest_hashes(risks)
    changed: list[Risk] = []
    history: list[RiskScore] = []
    for risk in risks:
        score = scoring.scored(
            risk,
            controls=controls.get(risk.pk, ()),
            signals=signals.get(risk.initiative_id, ()),
            on=on,
            grid=grid,
        )
        if hashes.get(risk.pk) == score.facts_hash:
            continue
        history.append(scoring.history_row(risk, score, on))
        new = scoring.levels(score)
        if any(getattr(risk, name) != value for name, value in new.items()):
            for name, value in new.items():
                setattr(risk, name, value)
            risk.version += 1
            changed.append(risk)
    Risk.objects.bulk_update(
        changed, ["inherent", "residual", "points", "confidence", "version"], batch_size=500
    )
    RiskScore.objects.bulk_create(history, batch_size=1000)
    return len(history)
