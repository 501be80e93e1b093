"""Changing KPIs, business cases and benefits."""

from governance_app.value.services.benchmarks import set_benchmark
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
from governance_app.value.services.carbon import (
    BadCarbon,
    Emitted,
    estimate_carbon,
    report_carbon,
    set_intensity,
    share_carbon_again,
)
from governance_app.value.services.cases import CaseRefused, approve_case, rebaseline, write_case
from governance_app.value.services.keeping import (
    add_evidence,
    edit_benefit,
    rebase,
    set_dispositions,
    sign_benefit,
)
from governance_app.value.services.kpis import (
    BadKpi,
    add_kpi,
    derive,
    edit_kpi,
    record_kpi_reading,
    record_kpi_readings,
)
from governance_app.value.services.library import adopt_kpi
from governance_app.value.services.populations import set_paid_hours
from governance_app.value.services.simulations import ask_simulation, run_simulation

__all__ = [
    "BadCarbon",
    "BadKpi",
    "BadMonths",
    "CaseRefused",
    "Emitted",
    "MeasureOutcome",
    "add_benefit",
    "add_evidence",
    "add_kpi",
    "adopt_kpi",
    "approve_case",
    "ask_simulation",
    "bank",
    "claim",
    "derive",
    "edit_benefit",
    "edit_kpi",
    "estimate_carbon",
    "measure",
    "rebase",
    "rebaseline",
    "record_kpi_reading",
    "record_kpi_readings",
    "reject",
    "report_carbon",
    "run_simulation",
    "set_benchmark",
    "set_dispositions",
    "set_intensity",
    "set_paid_hours",
    "share_carbon_again",
    "sign_benefit",
    "validate",
    "write_case",
]
