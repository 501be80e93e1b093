"""Policies and modes, requests and decisions, and what holds beside them."""

from governance_app.gates.models.policy import PolicyVersion, UnitMode
from governance_app.gates.models.request import (
    AfterReview,
    GateDecision,
    GateEvidence,
    GateRequest,
)
from governance_app.gates.models.standing import (
    AgendaItem,
    BoardMeeting,
    Breach,
    BreakGlass,
    Delegation,
    Guardrail,
)
from governance_app.gates.models.training import Training

__all__ = [
    "AfterReview",
    "AgendaItem",
    "BoardMeeting",
    "Breach",
    "BreakGlass",
    "Delegation",
    "GateDecision",
    "GateEvidence",
    "GateRequest",
    "Guardrail",
    "PolicyVersion",
    "Training",
    "UnitMode",
]
