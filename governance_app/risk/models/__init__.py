"""What may go wrong, what is done about it, and how bad it is now."""

from governance_app.risk.models.appetite import Appetite
from governance_app.risk.models.risk import Control, Risk
from governance_app.risk.models.score import RiskScore
from governance_app.risk.models.signal import Signal

__all__ = ["Appetite", "Control", "Risk", "RiskScore", "Signal"]
