"""What may go wrong, what is done about it, how bad it is now, and what went wrong."""

from governance_app.risk.models.appetite import Appetite
from governance_app.risk.models.incident import (
    Incident,
    IncidentEvent,
    IncidentNotice,
    IncidentRisk,
)
from governance_app.risk.models.risk import Control, Risk
from governance_app.risk.models.score import RiskScore
from governance_app.risk.models.signal import Signal
from governance_app.risk.models.treatment import Acceptance, TreatmentStep

__all__ = [
    "Acceptance",
    "Appetite",
    "Control",
    "Incident",
    "IncidentEvent",
    "IncidentNotice",
    "IncidentRisk",
    "Risk",
    "RiskScore",
    "Signal",
    "TreatmentStep",
]
