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
    "pilot_time_box_days": Known("Days a pilot may run before somebody decides", "number", 180),
    "over_budget_ratio": Known(
        "Actual over budget that raises a flag, 0.10 is 10 %", "ratio", 0.10
    ),
    "unallocated_owner": Known("E-mail of the owner of the unallocated line", "text", ""),
    "risk_grid": Known(
        "Level by likelihood (rows 1-5) and impact (columns 1-5); monotone",
        "object",
        [[1, 1, 1, 2, 2], [1, 2, 2, 2, 3], [1, 2, 3, 3, 4], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]],
    ),
    "invented_data": Known("True while the installation shows an invented company", "flag", False),
}
