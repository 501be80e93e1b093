"""Changing the risk register, its signals, what is done about risks, and incidents."""

from governance_app.risk.services.incidents import (
    BadIncident,
    change_incident,
    close_incident,
    link_risk,
    report_incident,
    send_notice,
    write_event,
)
from governance_app.risk.services.register import (
    BadRisk,
    add_control,
    add_risk,
    assess,
    close_risk,
    give_evidence,
    score,
    score_all,
    set_appetite,
    set_loss,
    use_control,
)
from governance_app.risk.services.signals import clear_signal, raise_signal
from governance_app.risk.services.treating import (
    decide_acceptance,
    end_acceptance,
    finish_step,
    plan_step,
    request_acceptance,
)
from governance_app.risk.services.vulnerabilities import Taken, follow_bills, take_bill

__all__ = [
    "BadIncident",
    "BadRisk",
    "Taken",
    "add_control",
    "add_risk",
    "assess",
    "change_incident",
    "clear_signal",
    "close_incident",
    "close_risk",
    "decide_acceptance",
    "end_acceptance",
    "finish_step",
    "follow_bills",
    "give_evidence",
    "link_risk",
    "plan_step",
    "raise_signal",
    "report_incident",
    "request_acceptance",
    "score",
    "score_all",
    "send_notice",
    "set_appetite",
    "set_loss",
    "take_bill",
    "use_control",
    "write_event",
]
