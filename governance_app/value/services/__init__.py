"""Changing KPIs, business cases and benefits."""

from governance_app.value.services.benefits import (
    BadMonths,
    MeasureOutcome,
    add_benefit,
    bank,
    claim,
    measure,
    reject,
    validate,
)
from governance_app.value.services.cases import CaseRefused, approve_case, write_case
from governance_app.value.services.kpis import (
    BadKpi,
    add_kpi,
    edit_kpi,
    record_kpi_reading,
    record_kpi_readings,
)

__all__ = [
    "BadKpi",
    "BadMonths",
    "CaseRefused",
    "MeasureOutcome",
    "add_benefit",
    "add_kpi",
    "approve_case",
    "bank",
    "claim",
    "edit_kpi",
    "measure",
    "record_kpi_reading",
    "record_kpi_readings",
    "reject",
    "validate",
    "write_case",
]
