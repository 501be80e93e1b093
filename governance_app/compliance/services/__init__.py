"""Changing what is known of laws, frameworks, assessments, controls and policies."""

from governance_app.compliance.services.assessing import (
    BadAssessment,
    add_evidence,
    answer,
    begin_assessment,
    decide_assessment,
    submit_assessment,
    withdraw_evidence,
)
from governance_app.compliance.services.bias import (
    BadBiasAudit,
    follow_up_bias,
    record_bias_audit,
    withdraw_bias_audit,
)
from governance_app.compliance.services.classifying import (
    BadClassification,
    classify,
    review_classification,
)
from governance_app.compliance.services.controls import (
    BadControl,
    add_finding,
    apply_control,
    close_gap,
    plan_gap,
    record_test,
    validate_model,
)
from governance_app.compliance.services.libraries import import_library, load_shipped
from governance_app.compliance.services.policies import (
    BadPolicy,
    add_document,
    attest,
    begin_campaign,
    change_document,
    decide_exception,
    decide_version,
    end_exception,
    publish_version,
    request_exception,
    retire_document,
    submit_version,
    write_version,
)
from governance_app.compliance.services.rounds import age_standings
from governance_app.compliance.services.third_parties import (
    BadArrangement,
    add_arrangement,
    change_arrangement,
    end_arrangement,
)

__all__ = [
    "BadArrangement",
    "BadAssessment",
    "BadBiasAudit",
    "BadClassification",
    "BadControl",
    "BadPolicy",
    "add_arrangement",
    "add_document",
    "add_evidence",
    "add_finding",
    "age_standings",
    "answer",
    "apply_control",
    "attest",
    "begin_assessment",
    "begin_campaign",
    "change_arrangement",
    "change_document",
    "classify",
    "close_gap",
    "decide_assessment",
    "decide_exception",
    "decide_version",
    "end_arrangement",
    "end_exception",
    "follow_up_bias",
    "import_library",
    "load_shipped",
    "plan_gap",
    "publish_version",
    "record_bias_audit",
    "record_test",
    "request_exception",
    "retire_document",
    "review_classification",
    "submit_assessment",
    "submit_version",
    "validate_model",
    "withdraw_bias_audit",
    "withdraw_evidence",
    "write_version",
]
