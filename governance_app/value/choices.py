"""The words of value: slug -> words. METHOD sections 2 and 3."""

DIRECTIONS = {"higher": "Higher is better", "lower": "Lower is better"}
COUNTERFACTUALS = {
    "baseline": "The baseline stays",
    "trend": "The baseline carries on its trend",
    "control": "A control group",
}
VALUE_TYPES = {
    "faster_decisions": "Faster decisions",
    "customer_experience": "Customer experience",
    "resource_allocation": "Resource allocation",
    "product_quality": "Product quality",
    "operational_efficiency": "Operational efficiency",
    "revenue": "Revenue",
    "risk": "Risk",
}
BENEFIT_TYPES = {
    "hard": "Hard: a budget line falls",
    "avoided": "Avoided: spending that did not happen",
    "soft": "Soft: quantified, neither hard nor avoided",
    "qualitative": "Qualitative",
}
COST_CATEGORIES = {
    "build": "Build",
    "data": "Data",
    "run": "Run: inference, platform, licences",
    "people": "People",
    "refresh": "Model refresh",
    "governance": "Governance",
    "change": "Change and training",
    "retirement": "Retirement",
}
SIDES = {"cost": "Cost", "benefit": "Benefit"}
CASE_STATES = {"draft": "Draft", "approved": "Approved"}
TREATMENTS = {"opex": "Operating expense", "capex": "Capital expense"}
METHODS = {
    "randomised": "Randomised trial",
    "control_group": "Control group",
    "before_after": "Before and after, with trend",
    "time_study": "Time study",
    "expert_claim": "Expert claim",
}
FORMULAS = {
    "kpi": "KPI: change x unit value x attribution",
    "labour": "Labour: uses x minutes x acceptance x capture x hourly rate",
}
REVIEWS = {"": "Not reviewed", "validated": "Validated", "rejected": "Rejected"}
FACTORS = {
    "": "None of the bridge",
    "adoption": "Adoption",
    "volume": "Volume",
    "unit_effect": "Effect per unit",
    "acceptance": "Acceptance",
    "capture": "Capture",
    "price": "Price",
}
TEMPLATES = {
    "": "No template",
    "labour_saved": "Labour saved",
    "volume_absorbed": "Volume absorbed",
    "error_avoided": "Errors avoided",
    "revenue": "Revenue, as contribution margin",
    "cost_avoided": "Cost avoided",
    "risk_reduced": "Risk reduced",
}
DISPOSITIONS = {
    "headcount": "Headcount released",
    "hiring_avoided": "Hiring avoided",
    "overtime_avoided": "Overtime avoided",
    "volume_absorbed": "More volume absorbed",
    "quality": "Better quality",
    "not_captured": "Not captured",
}
CARBON_BASES = {"reported": "Reported by the provider", "estimate": "Estimated from energy"}
BENCHMARKS = {
    "efficiency_gain": "Efficiency gain within two years",
    "ai_share": "AI share of the IT budget",
    "adoption": "Adoption of generative AI",
}
