"""From rows to the pure score and back."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import timezone

from governance_app.books.selectors import setting
from governance_app.domain import risk as sums
from governance_app.domain.errors import Sentence
from governance_app.risk.models import Control, Risk, RiskScore, Signal


class BadRiskGrid(Sentence):
    """The grid in the settings cannot be used."""


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


def scored(
    risk: Risk,
    *,
    controls: Iterable[Control],
    signals: Iterable[Signal],
    on: dt.date,
    grid: sums.Grid,
) -> sums.Score:
    """Score one risk as it stands on a day."""
    return sums.score(
        sums.Scenario(
            risk.category, risk.likelihood, risk.impact, risk.reviewed_on, risk.review_days
        ),
        controls=[
            sums.Control(
                title=each.title,
                kind="prevent" if each.kind == Control.Kind.PREVENT else "limit",
                design=each.design,
                operating=each.operating,
                evidence_on=each.evidence_on,
                max_age_days=each.max_age_days,
                ref=each.evidence_ref,
            )
            for each in controls
        ],
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
    )


def levels(score: sums.Score) -> dict[str, object]:
    """Give what a risk repeats of its newest score."""
    return {
        "inherent": score.inherent,
        "residual": score.residual,
        "points": score.points,
        "confidence": score.confidence,
    }


def history_row(risk: Risk, score: sums.Score, on: dt.date) -> RiskScore:
    """Make the row that keeps a score with its explanation."""
    return RiskScore(
        risk=risk,
        on=on,
        scored_at=timezone.now(),
        algorithm=score.algorithm,
        facts_hash=score.facts_hash,
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
