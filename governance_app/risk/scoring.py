"""From rows to the pure score and back."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.audit.rows import save_changes
from governance_app.books.selectors import setting
from governance_app.domain import risk as sums
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.risk.appetites import Appetites
from governance_app.risk.models import Acceptance, Control, Risk, RiskScore, Signal


class BadRiskGrid(Sentence):
    """The grid or the terms in the settings cannot be used."""


def grid_in_force(on: dt.date) -> sums.Grid:
    """
    Give the grid of the organisation on a day.

    Raises:
        BadRiskGrid: what is set is not five rows of five monotone levels.
    """
    rows = setting(key="risk_grid", on=on)
    try:
        grid = {likelihood: tuple(row) for likelihood, row in enumerate(rows, start=1)}
        sums.check_grid(grid)
    except (TypeError, sums.BadGrid) as error:
        raise BadRiskGrid(f"The risk grid under Settings cannot be used: {error}") from error
    return grid


def terms_in_force(on: dt.date) -> sums.Terms:
    """
    Give the terms of the organisation on a day.

    Raises:
        BadRiskGrid: what is set would make the score jump the wrong way.
    """
    said = setting(key="risk_terms", on=on)
    try:
        terms = sums.Terms(
            Decimal(str(said["most_effect"])),
            tuple(Decimal(str(each)) for each in said["steps"]),
            int(said["most_raised"]),
        )
        sums.check_terms(terms)
    except (TypeError, KeyError, ArithmeticError, sums.BadTerms) as error:
        raise BadRiskGrid(f"The risk terms under Settings cannot be used: {error}") from error
    return terms


def signal_effects(kind: str, on: dt.date) -> dict[str, Any]:
    """Give what a kind of signal does unless it says otherwise: as set, else as risk-1 says."""
    default = sums.SIGNAL_KINDS[kind]
    effects: dict[str, Any] = {
        "categories": list(default.categories),
        "up": default.up,
        "floor": default.floor,
        "likelihood_floor": default.likelihood_floor,
        "lowers_confidence": default.lowers_confidence,
    }
    said = setting(key="risk_signals", on=on).get(kind, {})
    return effects | {name: value for name, value in said.items() if name in effects}


def scored(
    risk: Risk,
    *,
    controls: Iterable[Control],
    signals: Iterable[Signal],
    on: dt.date,
    grid: sums.Grid,
    terms: sums.Terms = sums.TERMS,
) -> sums.Score:
    """Score one risk as it stands on a day."""
    return sums.score(
        sums.Scenario(
            risk.category, risk.likelihood, risk.impact, risk.reviewed_on, risk.review_days
        ),
        controls=[_control(each) for each in controls],
        signals=[
            sums.Signal(
                kind=each.kind,
                categories=tuple(each.categories),
                evidence=each.evidence,
                up=each.up,
                floor=each.floor,
                likelihood_floor=each.likelihood_floor,
                lowers_confidence=each.lowers_confidence,
                ref=each.ref,
            )
            for each in signals
        ],
        on=on,
        grid=grid,
        terms=terms,
    )


def _control(row: Control) -> sums.Control:
    """Read a control; one of the library is worth what its tests say."""
    design, operating, evidence_on = row.design, row.operating, row.evidence_on
    max_age_days = row.max_age_days
    applied = row.applied
    if applied is not None:
        design, operating = applied.design or Decimal(0), applied.operating or Decimal(0)
        tested = [day for day in (applied.design_on, applied.operating_on) if day is not None]
        is_there = applied.state == applied.State.IN_PLACE and len(tested) == 2
        evidence_on = min(tested) if is_there else None
        max_age_days = applied.max_age_days
    return sums.Control(
        title=row.title,
        kind="prevent" if row.kind == Control.Kind.PREVENT else "limit",
        design=design,
        operating=operating,
        evidence_on=evidence_on,
        max_age_days=max_age_days,
        ref=row.evidence_ref or (applied.ref if applied else ""),
    )


def kept(risk: Risk, score: sums.Score, appetites: Appetites, path: str) -> dict[str, Any]:
    """Give what a risk repeats: its newest score, the appetite where it stands, its next review."""
    due = None
    if risk.reviewed_on is not None:
        due = risk.reviewed_on + dt.timedelta(days=risk.review_days)
    return {
        "inherent": score.inherent,
        "residual": score.residual,
        "points": score.points,
        "confidence": score.confidence,
        "likelihood_now": score.likelihood,
        "impact_now": score.impact,
        "appetite": appetites.level(risk.category, path),
        "review_due_on": due,
    }


def history_row(risk: Risk, score: sums.Score, on: dt.date) -> RiskScore:
    """Make the row that keeps a score with its explanation."""
    return RiskScore(
        risk=risk,
        on=on,
        scored_at=timezone.now(),
        algorithm=score.algorithm,
        facts_hash=score.facts_hash,
        facts=score.facts,
        inherent=score.inherent,
        residual=score.residual,
        likelihood=score.likelihood,
        impact=score.impact,
        points=score.points,
        confidence=score.confidence,
        lines=score.lines_as_json(),
    )


def newest_hashes(risks: Sequence[Risk]) -> dict[object, str]:
    """Give the facts hash of the newest score of each risk."""
    rows = RiskScore.objects.filter(risk__in=risks).order_by("risk_id", "-scored_at", "-pk")
    return dict(rows.distinct("risk_id").values_list("risk_id", "facts_hash"))


def cadence(residual: int | None, on: dt.date) -> int:
    """Give the days between reviews of a risk at a level, as set."""
    by_level: Mapping[str, int] = setting(key="risk_review_days", on=on)
    return sums.review_period_days(residual, by_level=by_level)


def open_risks(initiative: Initiative) -> list[Risk]:
    """Lock the open risks of an initiative, always in the same order."""
    rows = Risk.objects.select_for_update(of=("self",)).filter(
        initiative=initiative, closed_at=None
    )
    return list(rows.select_related("initiative__node").order_by("pk"))


def score_one(risk: Risk, on: dt.date, *, by_cadence: bool = False, **changes: Any) -> Risk:
    """
    Change a locked risk and score it in one write: its facts and levels belong together.

    Args:
        by_cadence: the next review follows from the level that comes out.
    """
    draft = copy(risk)
    for name, value in changes.items():
        setattr(draft, name, value)
    raised = Signal.objects.filter(initiative_id=risk.initiative_id, cleared_at=None)
    raised = raised.order_by("pk")
    controls = list(risk.controls.select_related("applied").order_by("pk"))
    grid, terms = grid_in_force(on), terms_in_force(on)

    def judged() -> sums.Score:
        return scored(draft, controls=controls, signals=raised, on=on, grid=grid, terms=terms)

    score = judged()
    if by_cadence:
        draft.review_days = changes["review_days"] = cadence(score.residual, on)
        score = judged()
    fields = kept(draft, score, Appetites(on), risk.initiative.node.path)
    save_changes(risk, **changes, **fields)
    if newest_hashes([risk]).get(risk.pk) != score.facts_hash:
        history_row(risk, score, on).save(force_insert=True)
        end_outgrown([risk], on)
    return risk


def rescore(risks: Sequence[Risk], on: dt.date) -> int:
    """Score locked risks in a few statements; give how many scores were added."""
    if not risks:
        return 0
    grid, terms, appetites = grid_in_force(on), terms_in_force(on), Appetites(on)
    controls: dict[Any, list[Control]] = {}
    rows = Control.objects.filter(risk__in=risks).select_related("applied")
    for control in rows.order_by("pk"):
        controls.setdefault(control.risk_id, []).append(control)
    signals: dict[Any, list[Signal]] = {}
    raised = Signal.objects.filter(
        initiative__in={risk.initiative_id for risk in risks}, cleared_at=None
    )
    for signal in raised.order_by("pk"):
        signals.setdefault(signal.initiative_id, []).append(signal)
    hashes = newest_hashes(risks)
    changed: list[Risk] = []
    history: list[RiskScore] = []
    fields: dict[str, Any] = {}
    for risk in risks:
        score = scored(
            risk,
            controls=controls.get(risk.pk, ()),
            signals=signals.get(risk.initiative_id, ()),
            on=on,
            grid=grid,
            terms=terms,
        )
        fields = kept(risk, score, appetites, risk.initiative.node.path)
        if any(getattr(risk, name) != value for name, value in fields.items()):
            for name, value in fields.items():
                setattr(risk, name, value)
            risk.version += 1
            changed.append(risk)
        if hashes.get(risk.pk) != score.facts_hash:
            history.append(history_row(risk, score, on))
    Risk.objects.bulk_update(changed, [*fields, "version"], batch_size=500)
    RiskScore.objects.bulk_create(history, batch_size=1000)
    end_outgrown([row.risk for row in history], on)
    return len(history)


def end_outgrown(risks: Sequence[Risk], on: dt.date) -> None:
    """End acceptances of risks that are now above the level that was accepted."""
    now = {risk.pk: risk.residual for risk in risks}
    rows = Acceptance.objects.select_for_update(of=("self",)).filter(
        risk__in=now, is_granted=True, ended_on=None
    )
    for row in rows.order_by("pk"):
        level = now[row.risk_id]
        if level is None or level > row.level:
            save_changes(
                row,
                ended_on=on,
                ended_because=(
                    f"The risk is {sums.level_name(level).lower()} now; "
                    f"{sums.LEVELS[row.level].lower()} was accepted."
                ),
            )
