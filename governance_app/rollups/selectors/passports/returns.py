"""Passports of returns: of any place on any rung, of what is to go, and of completion."""

from dataclasses import replace
from typing import Any

from governance_app.domain.figures import Figure
from governance_app.people.models import User
from governance_app.rollups import cash
from governance_app.rollups.selectors import returns as figures
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject

#: slug -> (title, formula, kind, field of ``domain.roi.Returns``)
NAMES = {
    "net": ("Net benefit", "Σ benefit − Σ cost", "money", "net_benefit"),
    "roi": ("ROI", "(benefit − cost) ÷ cost", "percent", "roi_ratio"),
    "npv": (
        "Net present value",
        "Σ (benefit − cost) ÷ (1 + monthly rate)^months",
        "money",
        "npv",
    ),
    "irr": (
        "Internal rate of return",
        "The yearly rate at which the net present value is zero",
        "percent",
        "irr_ratio",
    ),
    "payback": (
        "Payback",
        "Months until the sum of the flows is no longer negative",
        "months",
        "payback_months",
    ),
    "dpayback": (
        "Discounted payback",
        "Months until the sum of the discounted flows is no longer negative",
        "months",
        "discounted_payback_months",
    ),
    "bcr": ("Benefit-cost ratio", "PV(benefit) ÷ PV(cost)", "number", "bcr"),
    "pi": (
        "Profitability index",
        "1 + NPV ÷ PV(investment before going live)",
        "number",
        "pi",
    ),
}
#: slug behind ``togo_`` -> (title, formula)
TO_GO = {
    "sunk_cost": ("Sunk cost", "Spend to date; shown, never included in what is to go"),
    "sunk_benefit": ("Benefit so far", "Validated to date; shown, never included"),
    "cost": ("Cost to go", "Cost lines of the approved case in months to come, exit included"),
    "benefit": ("Benefit to go", "Hard benefit lines of the approved case in months to come"),
    "npv": (
        "Worth of going on",
        "Σ (benefit − cost) ÷ (1 + monthly rate)^months over the months to come",
    ),
    "loss": (
        "Losses expected of its priced risks",
        "Σ chance × expected yearly loss ÷ 12 ÷ (1 + monthly rate)^months over the months to "
        "come; the loss of a risk is its chance × the mean of its range",
    ),
    "rnpv": (
        "Worth of going on, with the chances of its stages",
        "Σ chance × (benefit − cost − a twelfth of the expected yearly loss) ÷ (1 + monthly "
        "rate)^months; the chance that the month is reached is the product of the transitions "
        "before it, spaced evenly to going live",
    ),
}
_RUNG_WORDS = {
    "promised": "as promised, over the life of the case",
    "claimed": "on claimed benefit, since the start",
    "measured": "on measured benefit, since the start",
    "validated": "on validated benefit, since the start",
    "banked": "on banked benefit, since the start",
}


def is_known(figure: str) -> bool:
    """Tell whether a slug names a return that this module opens."""
    name, _, rest = figure.partition("_")
    if name == "togo":
        return rest in TO_GO
    return (name in NAMES and rest in _RUNG_WORDS) or figure in _COMPLETION


def passport_of(figure: str, about: Subject, viewer: User, at: Moment) -> Passport:
    """Give where a return comes from."""
    found = figures.returns_of(
        viewer=viewer, as_of=at, initiative=about.initiative, node=about.node
    )
    if found is None:
        raise NoPassport(f"There is nothing in {about.name} that you may see.")
    base = Passport(
        figure=figure, subject=about.text, title="", about=about.name, formula="", value=None,
        kind="money", currency=found.currency, note=at.note, left_out=found.problems,
        completeness=f"{found.initiatives} initiatives, to the end of {found.through:%B %Y}",
    )  # fmt: skip
    name, _, rest = figure.partition("_")
    if name == "togo":
        return _to_go(base, rest, found)
    if figure in _COMPLETION:
        return _completion(base, figure, found)
    return _return(base, name, rest, found)


def _return(base: Passport, name: str, rung: str, found: figures.Returns) -> Passport:
    title, formula, kind, field = NAMES[name]
    told = found.rungs.get(rung)
    if rung != "promised":
        formula = formula.replace("− cost", "− paid") if name == "npv" else formula
        formula = formula.replace("PV(cost)", "PV(paid)").replace("the flows", "benefit − paid")
    paper = replace(base, title=f"{title} {_RUNG_WORDS[rung]}", formula=formula, kind=kind)
    if told is None:
        return replace(paper, reason=found.reasons[rung])
    value: Any = getattr(told, field)
    figure: Figure[Any] = value if isinstance(value, Figure) else Figure(value)
    subject = base.subject.partition("@")[0]
    is_case = rung == "promised"
    paid = Line("Paid", told.paid, currency=found.currency, is_part=False, where=cash.WORDS)
    lines = [
        Line(
            "Benefit", told.benefit, currency=found.currency, is_part=False,
            figure="" if is_case else f"{rung}_to_date", subject="" if is_case else subject,
        ),
        Line(
            "Cost", told.cost, currency=found.currency, is_part=False,
            figure="" if is_case else "spend_to_date", subject="" if is_case else subject,
        ),
        *(() if is_case or name in ("roi", "net") else (paid,)),
        Line("Discount rate a year", f"{told.annual_rate:.2%}", kind="text", is_part=False),
    ]  # fmt: skip
    if told.valuation_month is not None:
        lines.append(Line("t = 0", f"{told.valuation_month:%B %Y}", kind="text", is_part=False))
    if told.last_month is not None:
        lines.append(Line("Last month", f"{told.last_month:%B %Y}", kind="text", is_part=False))
    return replace(
        paper,
        value=figure.value,
        reason=figure.reason,
        warnings=figure.warnings,
        currency=found.currency if kind == "money" else "",
        lines=tuple(lines),
    )


def _to_go(base: Passport, name: str, found: figures.Returns) -> Passport:
    title, formula = TO_GO[name]
    figure = found.to_go.get(name)
    if figure is None:
        return replace(base, title=title, formula=formula, reason="Nothing is recorded.")
    lines = tuple(
        Line(TO_GO[other][0], each.value, currency=found.currency, is_part=False)
        for other in ("benefit", "cost", "loss", "sunk_cost")
        if other != "loss" or name == "rnpv"
        if other != name and (each := found.to_go.get(other)) is not None
        if each.value is not None
    )
    return replace(
        base, title=title, formula=formula, value=figure.value, reason=figure.reason,
        warnings=figure.warnings, lines=lines,
    )  # fmt: skip


#: slug -> (title, formula, kind)
_COMPLETION = {
    "completion_cost": (
        "Cost at completion",
        "Spend to date + what owners estimate for the months to come",
        "money",
    ),
    "completion_benefit": (
        "Benefit at completion",
        "Validated to date + remaining promise × realisation",
        "money",
    ),
    "completion_realisation": (
        "Realisation",
        "Validated ÷ promised, over the months that finance has reviewed",
        "percent",
    ),
}


def _completion(base: Passport, figure: str, found: figures.Returns) -> Passport:
    title, formula, kind = _COMPLETION[figure]
    told: Figure[Any] = getattr(found.completion, figure.removeprefix("completion_"))
    lines: tuple[Line, ...] = ()
    if figure == "completion_benefit":
        share = found.completion.realisation
        lines = (
            Line(
                "Realisation", share.value, "percent", is_part=False, reason=share.reason,
                figure="completion_realisation", subject=base.subject,
            ),
        )  # fmt: skip
    return replace(
        base,
        title=title,
        formula=formula,
        kind=kind,
        value=told.value,
        currency=base.currency if kind == "money" else "",
        reason=told.reason,
        lines=lines,
    )
