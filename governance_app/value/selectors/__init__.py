"""Reading KPIs, cases, benefits and what they return."""

from governance_app.value.deriving import key_of
from governance_app.value.selectors.case_sheet import (
    SPANS,
    CaseSheet,
    SheetRow,
    case_lines,
    case_sheet,
)
from governance_app.value.selectors.effects import Proof, proof_of
from governance_app.value.selectors.frozen import frozen_validations
from governance_app.value.selectors.guards import conflicts, counts_until, evidence, expired
from governance_app.value.selectors.kpis import (
    EFFICIENCY_AIM,
    KpiStanding,
    kpi,
    kpi_frame,
    kpi_standings,
    kpis,
)
from governance_app.value.selectors.months import (
    MONEY_TYPES,
    InitiativeValue,
    ValueMonth,
    case_in_force,
    value_frame,
    values_of,
)
from governance_app.value.selectors.register import (
    BANKABLE_TYPES,
    Queue,
    benefit,
    benefit_months,
    benefits,
    case,
    cases,
    queue,
    waiting_for_bank,
    waiting_for_review,
)
from governance_app.value.selectors.returns import (
    RungReturns,
    realised,
    returns,
    returns_of_value,
)

__all__ = [
    "BANKABLE_TYPES",
    "EFFICIENCY_AIM",
    "MONEY_TYPES",
    "SPANS",
    "CaseSheet",
    "InitiativeValue",
    "KpiStanding",
    "Proof",
    "Queue",
    "RungReturns",
    "SheetRow",
    "ValueMonth",
    "benefit",
    "benefit_months",
    "benefits",
    "case",
    "case_in_force",
    "case_lines",
    "case_sheet",
    "cases",
    "conflicts",
    "counts_until",
    "evidence",
    "expired",
    "frozen_validations",
    "key_of",
    "kpi",
    "kpi_frame",
    "kpi_standings",
    "kpis",
    "proof_of",
    "queue",
    "realised",
    "returns",
    "returns_of_value",
    "value_frame",
    "values_of",
    "waiting_for_bank",
    "waiting_for_review",
]
