"""Every figure that has a passport: its words and its formula."""

from dataclasses import dataclass

from governance_app.domain.phrases import in_a_row, phrase

COLUMNS = {
    "spend": (
        "cost",
        phrase("Spend"),
        phrase(
            "What the month actually costs: bills as the allocation rules share them (effective "
            "cost) + costs typed in + people + open accruals − tax that comes back"
        ),
    ),
    "spend_of_bills": (
        "effective",
        phrase("Spend, bills"),
        phrase("Effective cost of what was used in the month, as the allocation rules share it"),
    ),
    "spend_billed": (
        "billed",
        phrase("Spend, as billed"),
        phrase(
            "What bills charge for use in the month (billed cost), as the allocation rules share it"
        ),
    ),
    "spend_typed_in": (
        "manual",
        phrase("Spend, typed in"),
        phrase("Costs no bill brings, each with its evidence, without tax that comes back"),
    ),
    "spend_people": (
        "people",
        phrase("Spend, people"),
        phrase("Days worked × the day rate in force"),
    ),
    "spend_accrued": (
        "accrued",
        phrase("Spend, accrued"),
        phrase("Estimates of bills that have not come; the bill takes their place"),
    ),
    "tax_that_comes_back": (
        "tax_back",
        phrase("Tax that comes back"),
        phrase("Recoverable tax of bills, which is no cost: below zero"),
    ),
    "budget": (
        "budget",
        phrase("Budget"),
        phrase("The budget in force, highest version of the fiscal year"),
    ),
    "planned_cost": (
        "promised_cost",
        phrase("Planned cost"),
        phrase("Cost lines of the approved business case"),
    ),
    "promised": (
        "promised",
        phrase("Promised benefit, hard"),
        phrase("Hard benefit lines of the approved business case"),
    ),
    "claimed": (
        "claimed",
        phrase("Claimed benefit, hard"),
        phrase("What owners say hard benefits were worth: a budget line falls"),
    ),
    "measured": (
        "measured",
        phrase("Measured benefit, hard"),
        phrase(
            "(reading − what would have been) × unit value × attribution, for "
            "each benefit with a KPI"
        ),
    ),
    "validated": (
        "validated",
        phrase("Validated benefit, hard"),
        phrase("Hard benefit that finance agreed to, banked included"),
    ),
    "banked": (
        "banked",
        phrase("Banked benefit, hard"),
        phrase("Validated hard benefit that is in the budget or the books"),
    ),
    "promised_avoided": (
        "promised_avoided",
        phrase("Promised, avoided"),
        phrase(
            "Benefit lines of the approved business case for hiring or spending "
            "that will not happen"
        ),
    ),
    "claimed_avoided": (
        "claimed_avoided",
        phrase("Claimed, avoided"),
        phrase("What owners say was avoided; beside the headline, never in it"),
    ),
    "measured_avoided": (
        "measured_avoided",
        phrase("Measured, avoided"),
        phrase("(reading − what would have been) × unit value × attribution, for avoided benefits"),
    ),
    "validated_avoided": (
        "validated_avoided",
        phrase("Validated, avoided"),
        phrase(
            "Avoided hiring and spending that finance agreed to; beside the headline, never in it"
        ),
    ),
    "banked_avoided": (
        "banked_avoided",
        phrase("Banked, avoided"),
        phrase("Validated avoided benefit that a budget line or journal names"),
    ),
    "promised_soft": (
        "promised_soft",
        phrase("Promised, soft"),
        phrase("Soft lines of the approved case"),
    ),
    "claimed_soft": (
        "claimed_soft",
        phrase("Claimed, soft"),
        phrase("Quantified, neither hard nor avoided"),
    ),
    "measured_soft": (
        "measured_soft",
        phrase("Measured, soft"),
        phrase("Measured, neither hard nor avoided"),
    ),
    "validated_soft": (
        "validated_soft",
        phrase("Validated, soft"),
        phrase("Agreed, neither hard nor avoided"),
    ),
}

#: What the actual cost is the sum of, by figure, as it is called among its parts.
PARTS_OF_SPEND = {
    "spend_of_bills": phrase("bills"),
    "spend_typed_in": phrase("typed in"),
    "spend_people": phrase("people"),
    "spend_accrued": phrase("accrued"),
    "tax_that_comes_back": COLUMNS["tax_that_comes_back"][1],
}

WINDOWS = {
    "to_date": phrase("since the start"),
    "year": phrase("fiscal year to date"),
    "full_year": phrase("whole fiscal year"),
    "month": phrase("last complete month"),
    "ahead": phrase("months to come"),
}

RUNGS = ("promised", "claimed", "measured", "validated", "banked")

#: slug -> (title, formula, kind)
RETURNS = {
    "roi": (phrase("ROI"), phrase("(benefit − cost) ÷ cost"), "percent"),
    "npv": (
        phrase("Net present value"),
        phrase("Σ (benefit − cost) ÷ (1 + monthly rate)^months"),
        "money",
    ),
    "irr": (
        phrase("Internal rate of return"),
        phrase("The yearly rate at which the net present value is zero"),
        "percent",
    ),
    "payback": (
        phrase("Payback"),
        phrase("Months until the sum of the flows is no longer negative"),
        "months",
    ),
}
RETURN_KEYS = {"roi": "roi_ratio", "npv": "npv", "irr": "irr_ratio", "payback": "payback_months"}

OTHERS = {
    "spend_unallocated": (
        phrase("Unallocated spend"),
        phrase(
            "What bills cost and no allocation rule gives to an initiative, "
            "accruals of it and costs "
            "typed in for no initiative"
        ),
    ),
    "forecast_full_year": (
        phrase("Spend forecast, whole fiscal year"),
        phrase("Spend to date + each month left, by the method that erred least in the past"),
    ),
    "awaiting_validation": (
        phrase("Benefit waiting for finance"),
        phrase("Claimed, else measured, hard benefits in months that finance has not reviewed"),
    ),
    "awaiting_avoided": (
        phrase("Avoided benefit waiting for finance"),
        phrase("Claimed, else measured, avoided benefits in months that finance has not reviewed"),
    ),
    "to_go": (
        phrase("Value to go"),
        phrase(
            "Promised less planned cost of the months to come, discounted to "
            "today; sunk cost left out"
        ),
    ),
    "efficiency_gain": (
        phrase("Efficiency gain"),
        phrase(
            "(baseline − reading) ÷ baseline where lower is better, (reading − "
            "baseline) ÷ baseline "
            "otherwise"
        ),
    ),
    "risk_level": (
        phrase("Residual risk"),
        phrase("The worst residual level over the open risks, after controls and signals (risk-1)"),
    ),
}


@dataclass(frozen=True, slots=True)
class Sum:
    """A column summed over a window; a window of "" is one month."""

    column: str
    title: str
    formula: str
    window: str

    @property
    def words(self) -> str:
        return in_a_row(",", [self.title, WINDOWS[self.window]]) if self.window else self.title


def sum_of(figure: str) -> Sum | None:
    """
    Read the slug of a sum: a column of ``COLUMNS``, with a window of ``WINDOWS`` behind it.

    >>> sum_of("spend_full_year").words
    'Spend, whole fiscal year'
    >>> sum_of("roi_validated") is None
    True
    """
    for name, (column, title, formula) in COLUMNS.items():
        if figure == name:
            return Sum(column, title, formula, "")
        window = figure.removeprefix(f"{name}_")
        if window != figure and window in WINDOWS:
            return Sum(column, title, formula, window)
    return None


def return_of(figure: str) -> tuple[str, str] | None:
    """
    Read the slug of a return: which one, and on which rung.

    >>> return_of("roi_validated")
    ('roi', 'validated')
    """
    name, _, rung = figure.partition("_")
    return (name, rung) if name in RETURNS and rung in RUNGS else None


def is_known(figure: str) -> bool:
    """Tell whether a slug names a figure that has a passport."""
    return bool(sum_of(figure) or return_of(figure) or figure in OTHERS)


def is_money(figure: str) -> bool:
    """Tell whether a figure may be shown only to those who see money."""
    return figure not in {"efficiency_gain", "risk_level"}
