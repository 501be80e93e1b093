"""What laws and frameworks ask, and what an initiative can show for it."""

from governance_app.compliance.models.assessment import (
    Assessment,
    AssessmentEvidence,
    ModelValidation,
)
from governance_app.compliance.models.bias_audit import BiasAudit, BiasAuditGroup
from governance_app.compliance.models.classification import (
    Classification,
    ClassificationReview,
    TierNow,
)
from governance_app.compliance.models.control import AppliedControl, ControlTest
from governance_app.compliance.models.evidence import Evidence
from governance_app.compliance.models.gap import Gap, NodeStanding
from governance_app.compliance.models.library import Library, Mapping, Node
from governance_app.compliance.models.policy import (
    Attestation,
    Campaign,
    Document,
    DocumentException,
    DocumentVersion,
)
from governance_app.compliance.models.third_party import Arrangement

__all__ = [
    "AppliedControl",
    "Arrangement",
    "Assessment",
    "AssessmentEvidence",
    "Attestation",
    "BiasAudit",
    "BiasAuditGroup",
    "Campaign",
    "Classification",
    "ClassificationReview",
    "ControlTest",
    "Document",
    "DocumentException",
    "DocumentVersion",
    "Evidence",
    "Gap",
    "Library",
    "Mapping",
    "ModelValidation",
    "Node",
    "NodeStanding",
    "TierNow",
]
