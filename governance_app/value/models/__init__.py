"""What was promised, what came of it, and who agreed."""

from governance_app.value.models.benefit import Benefit, BenefitMonth
from governance_app.value.models.case import BusinessCase, CaseLine
from governance_app.value.models.kpi import Kpi

__all__ = ["Benefit", "BenefitMonth", "BusinessCase", "CaseLine", "Kpi"]
