"""Reading what laws and frameworks ask and what there is to show for it."""

from governance_app.compliance.selectors.now import (
    AssessmentState,
    CurrentTier,
    assessments_state,
    current_tier,
    model_validation,
    open_gaps,
)

__all__ = [
    "AssessmentState",
    "CurrentTier",
    "assessments_state",
    "current_tier",
    "model_validation",
    "open_gaps",
]
