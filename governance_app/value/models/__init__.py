"""What was promised, what came of it, and who agreed."""

from governance_app.value.models.assumption import CaseAssumption
from governance_app.value.models.benchmark import Benchmark
from governance_app.value.models.benefit import Benefit, BenefitMonth
from governance_app.value.models.carbon import CarbonMonth, CarbonReport, GridIntensity
from governance_app.value.models.case import BusinessCase, CaseLine
from governance_app.value.models.definition import KpiDefinition
from governance_app.value.models.evidence import BenefitEvidence
from governance_app.value.models.kpi import Kpi
from governance_app.value.models.population import PopulationHours
from governance_app.value.models.simulation import Simulation

__all__ = [
    "Benchmark",
    "Benefit",
    "BenefitEvidence",
    "BenefitMonth",
    "BusinessCase",
    "CarbonMonth",
    "CarbonReport",
    "CaseAssumption",
    "CaseLine",
    "GridIntensity",
    "Kpi",
    "KpiDefinition",
    "PopulationHours",
    "Simulation",
]
