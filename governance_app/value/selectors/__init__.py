"""Reading KPIs, cases, benefits and what they return."""

from governance_app.value.selectors.kpis import (
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
    benefit,
    benefit_months,
    benefits,
    case,
    cases,
    waiting_for_review,
)
from governance_app.value.selectors.returns import (
    RungReturns,
    realised,
    returns,
    returns_of_value,
)

__all__ = [
    "MONEY_TYPES",
    "InitiativeValue",
    "KpiStanding",
    "RungReturns",
    "ValueMonth",
    "benefit",
    "benefit_months",
    "benefits",
    "case",
    "case_in_force",
    "cases",
    "kpi",
    "kpi_frame",
    "kpi_standings",
    "kpis",
    "realised",
    "returns",
    "returns_of_value",
    "value_frame",
    "values_of",
    "waiting_for_review",
]
