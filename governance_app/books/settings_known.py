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
    "invented_data": Known("True while the installation shows an invented company", "flag", False),
}
