"""The dated settings: key, what it means, its shape, and what holds until somebody sets it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Known:
    """One setting: ``kind`` is the JSON shape (text, number, ratio, object, flag)."""

    meaning: str
    kind: str
    default: Any


KNOWN: dict[str, Known] = {
    "reporting_currency": Known("Currency that totals are reported in (ISO 4217)", "text", "USD"),
    "fiscal_start_month": Known("First month of the fiscal year, 1 to 12", "number", 1),
    "discount_rate": Known("Annual discount rate, nominal, 0.10 is 10 %", "ratio", 0.10),
    "value_horizon_months": Known("Months a business case may count benefits", "number", 60),
    "stage_probabilities": Known(
        'Chance to move on from each stage, by its slug: {"pilot": 0.4}; empty: not known',
        "object",
        {},
    ),
    "it_budget": Known(
        'IT budget of a fiscal year: {"amount": "...", "currency": "USD"}; empty: not known',
        "object",
        {},
    ),
    "carbon_price": Known(
        'Shadow price of a tonne of CO2e: {"amount": "...", "currency": "USD"}; empty: none',
        "object",
        {},
    ),
    "freed_hours_ratio": Known(
        "Share of a population's paid hours that all benefits together may free", "ratio", 0.5
    ),
    "validation_months": Known("Months for which finance's validation holds", "number", 12),
    "pilot_time_box_days": Known("Days a pilot may run before somebody decides", "number", 180),
    "over_budget_ratio": Known(
        "Actual over budget that raises a flag, 0.10 is 10 %", "ratio", 0.10
    ),
    "budget_alert_ratios": Known(
        "Shares of a budget that raise an alert once they are spent, 0.5 is 50 %",
        "object",
        [0.5, 0.8, 1.0],
    ),
    "forecast_alert_ratios": Known(
        "Shares of a budget that raise an alert once they are forecast", "object", [1.0]
    ),
    "reminder_days": Known(
        "Days before something is due at which its owner hears", "object", [7, 1]
    ),
    "escalation_days": Known(
        "Days after something was due at which it comes to the next person", "object", [3, 10]
    ),
    "unallocated_owner": Known("E-mail of the owner of the unallocated line", "text", ""),
    "risk_grid": Known(
        "Level by likelihood (rows 1-5) and impact (columns 1-5); monotone",
        "object",
        [[1, 1, 1, 2, 2], [1, 2, 2, 2, 3], [1, 2, 3, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]],
    ),
    "close_unallocated_ratio": Known(
        "Share of a month's spend that may stay unallocated when it closes", "ratio", 0.05
    ),
    "close_variance_ratio": Known(
        "Actual against budget that an owner must explain, 0.10 is 10 %", "ratio", 0.10
    ),
    "close_variance_amount": Known(
        "Smallest difference from budget that must be explained, reporting currency",
        "number",
        1000,
    ),
    "close_invoice_tolerance": Known(
        "Difference an invoice may have beside rounding, in hundredths of its currency",
        "number",
        5,
    ),
    "close_material_amount": Known(
        "Late change that waits for a ruling from this amount on, reporting currency",
        "number",
        10000,
    ),
    "close_needs_trial_balance": Known(
        "A month closes only with a trial balance that ties", "flag", False
    ),
    "close_accounts": Known(
        "Accounts of the general ledger that journals use beside the coded ones",
        "object",
        {
            "clearing": "199000",
            "prepaid": "141000",
            "accrued": "291000",
            "tax_recoverable": "157600",
            "tax_payable": "177600",
            "uncoded": "499999",
            "intercompany_clearing": "198000",
            "intercompany_receivable": "126000",
            "intercompany_payable": "176000",
            "mark_up_income": "489000",
        },
    ),
    "anomaly_floor": Known(
        "Differences from the usual below this amount are not looked at", "number", 100
    ),
    "rules_four_eyes": Known(
        "A second person approves each change of the allocation rules", "flag", False
    ),
    "gate_default_mode": Known(
        "How units decide that nobody chose a mode for: central or distributed", "text", "central"
    ),
    "gate_live_stages": Known(
        "Stages in which the guardrails of gates are looked at every day", "object", ["production"]
    ),
    "gate_delegation_days": Known("Longest time a decision may be delegated, days", "number", 30),
    "gate_training": Known(
        "Days for which training to decide for others counts; 0: nobody needs it",
        "object",
        {"days": 730},
    ),
    "gate_fresh_password": Known(
        "Where a decision takes a password given in the last minutes: EU tiers, and residual risk "
        "from a level on; 0 minutes: nowhere",
        "object",
        {"minutes": 15, "tiers": ["high", "prohibited"], "risk_level": 5},
    ),
    "gate_emergency": Known(
        "Clocks of an emergency: hours to confirm, hours until it lapses, working days to review",
        "object",
        {"confirm_hours": 4, "lapse_hours": 72, "review_days": 5},
    ),
    "gate_token_seconds": Known(
        "Seconds for which a signed answer of the gate check holds", "number", 300
    ),
    "gate_replay": Known(
        "Requests below which no waiting time is stated; days in which an incident still follows "
        "an approval",
        "object",
        {"least": 5, "follows_days": 180},
    ),
    "mode_advice": Known(
        "From when on a fact of a unit speaks for the board or for its teams",
        "object",
        {
            "regulated_share": 0.3,
            "sensitive_share": 0.4,
            "high_tier_share": 0.2,
            "incidents_each": 0.2,
            "moves_a_year": 12,
            "monitored_share": 0.8,
            "green_share": 0.9,
            "live_count": 20,
            "board_waits_days": 14,
            "deciders": 2,
            "sensitive_classes": ["sensitive", "health", "biometric", "personal"],
            "light_tiers": ["minimal", "out_of_scope"],
        },
    ),
    "raci": Known(
        "Whose seat at an initiative is responsible, accountable, consulted and informed",
        "object",
        {
            "responsible": ["program_manager", "technical_owner"],
            "accountable": ["business_owner"],
            "consulted": ["risk_owner"],
            "informed": ["sponsor"],
        },
    ),
    "oversight_limits": Known(
        "What the daily rounds take for an alarm; days, shares and outcomes",
        "object",
        {
            "monitor_silent_days": 2,
            "monitor_raises_days": 7,
            "model_stale_days": 365,
            "approval_ends_days": 30,
            "bias_audit_ends_days": 30,
            "review_late_days": 0,
            "review_raises_periods": 2,
            "over_budget_ratio": 0.10,
            "over_budget_far_ratio": 0.50,
            "zombie_silent_days": 90,
            "zombie_signs": 2,
            "behind_ratio": 0.5,
            "drift": {"psi": 0.25, "drift_share": 0.5, "drifted": 0.5},
            "drift_clean_windows": 2,
            "drift_strong_windows": 2,
            "act_days": 10,
            "urgent_days": 3,
        },
    ),
    "close_four_eyes": Known(
        "What of the close a second person approves: costs, coding, reopening", "object", []
    ),
    "risk_terms": Known(
        "Terms of risk-1: most effect of controls together, effects that earn a step, most steps "
        "that signals add",
        "object",
        {"most_effect": 0.9, "steps": [0.25, 0.5, 0.75], "most_raised": 2},
    ),
    "risk_signals": Known(
        "What a kind of signal does unless it says otherwise: categories, up, floor, "
        "likelihood_floor, lowers_confidence; kinds that are left out do what risk-1 says",
        "object",
        {},
    ),
    "risk_review_days": Known(
        "Days between reviews by residual level; unknown is not assessed",
        "object",
        {"5": 30, "4": 90, "3": 180, "2": 365, "1": 365, "unknown": 90},
    ),
    "acceptance_days": Known("Days for which a risk may be accepted at most", "number", 365),
    "exception_days": Known("Days for which a policy exception may last at most", "number", 365),
    "policy_review_months": Known(
        "Months after which a policy is looked at again that names none", "number", 12
    ),
    "evidence_backdate_days": Known(
        "Days that evidence may be older than the day on which it is recorded", "number", 30
    ),
    "evidence_valid_days": Known(
        "Days for which evidence counts unless it says less", "number", 365
    ),
    "control_evidence_days": Known("Days for which a test of a control counts", "number", 365),
    "control_met_ratio": Known(
        "Design x operating from which a control meets its requirement", "ratio", 0.8
    ),
    "assessment_months": Known(
        "Months for which an assessment holds whose questionnaire names none", "number", 12
    ),
    "grave_tiers": Known(
        "EU tiers in which a gap of an assessment is severe", "object", ["high", "prohibited"]
    ),
    "bias_audit": Known(
        "Bias audits: months for which one counts, part of the data under which a group is not "
        "judged, impact ratio under which a difference is a finding",
        "object",
        {"valid_months": 12, "small_share": 0.02, "least_ratio": 0.8},
    ),
    "open_vulnerabilities": Known(
        "When an open vulnerability of a bill of materials raises a signal: from a severity on, "
        "from a score on where no severity is given, and when a property of these names says that "
        "it is exploited",
        "object",
        {"severity": "critical", "score": 9.0, "exploited_names": ["kev", "known_exploited"]},
    ),
    "zombie_stages": Known(
        "Stages in which the daily rounds look for pilots that go nowhere",
        "object",
        ["pilot", "scaling"],
    ),
    "gap_due_days": Known(
        "Days to mend a gap by severity", "object", {"high": 30, "medium": 90, "low": 180}
    ),
    "model_validation_months": Known(
        "Months until a model is validated again, by its tier",
        "object",
        {"tier_1": 12, "tier_2": 24, "tier_3": 36, "": 12},
    ),
    "loss_draws": Known("Draws when yearly losses are simulated", "number", 20000),
    "invented_data": Known("True while the installation shows an invented company", "flag", False),
}
