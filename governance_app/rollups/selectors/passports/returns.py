"""Passports of returns: of any place on any rung, of what is to go, and of completion."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from governance_app.domain.figures import Figure
from governance_app.domain.money import exact_sum
from governance_app.domain.periods import months_between
from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.people.models import User
from governance_app.rollups import cash
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import returns as figures
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import flows
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject

#: slug -> (title, formula, kind, field of ``domain.roi.Returns``)
NAMES = {
    "net": (phrase("Net benefit"), phrase("Σ benefit − Σ cost"), "money", "net_benefit"),
    "roi": (phrase("ROI"), phrase("(benefit − cost) ÷ cost"), "percent", "roi_ratio"),
    "npv": (
        phrase("Net present value"),
        phrase("Σ (benefit − cost) ÷ (1 + monthly rate)^months"),
        "money",
        "npv",
    ),
    "irr": (
        phrase("Internal rate of return"),
        phrase("The yearly rate at which the net present value is zero"),
        "percent",
        "irr_ratio",
    ),
    "payback": (
        phrase("Payback"),
        phrase("Months until the sum of the flows is no longer negative"),
        "months",
        "payback_months",
    ),
    "dpayback": (
        phrase("Discounted payback"),
        phrase("Months until the sum of the discounted flows is no longer negative"),
        "months",
        "discounted_payback_months",
    ),
    "bcr": (phrase("Benefit-cost ratio"), phrase("PV(benefit) ÷ PV(cost)"), "number", "bcr"),
    "pi": (
        phrase("Profitability index"),
        phrase("1 + NPV ÷ PV(investment before going live)"),
        "number",
        "pi",
    ),
}
#: slug behind ``togo_`` -> (title, formula)
TO_GO = {
    "sunk_cost": (
        phrase("Sunk cost"),
        phrase("Spend to date; shown, never included in what is to go"),
    ),
    "sunk_benefit": (phrase("Benefit so far"), phrase("Validated to date; shown, never included")),
    "cost": (
        phrase("Cost to go"),
        phrase("Cost lines of the approved case in months to come, exit included"),
    ),
    "benefit": (
        phrase("Benefit to go"),
        phrase("Hard benefit lines of the approved case in months to come"),
    ),
    "npv": (
        phrase("Worth of going on"),
        phrase("Σ (benefit − cost) ÷ (1 + monthly rate)^months over the months to come"),
    ),
    "loss": (
        phrase("Losses expected of its priced risks"),
        phrase(
            "Σ chance × expected yearly loss ÷ 12 ÷ (1 + monthly rate)^months over the months to "
            "come; the loss of a risk is its chance × the mean of its range"
        ),
    ),
    "rnpv": (
        phrase("Worth of going on, with the chances of its stages"),
        phrase(
            "Σ chance × (benefit − cost − a twelfth of the expected yearly loss) ÷ (1 + monthly "
            "rate)^months; the chance that the month is reached is the product of the transitions "
            "before it, spaced evenly to going live"
        ),
    ),
}
_RUNG_WORDS = {
    "promised": phrase("as promised, over the life of the case"),
    "claimed": phrase("on claimed benefit, since the start"),
    "measured": phrase("on measured benefit, since the start"),
    "validated": phrase("on validated benefit, since the start"),
    "banked": phrase("on banked benefit, since the start"),
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
        completeness=counted(
            "{count} initiative, to the end of {month}",
            "{count} initiatives, to the end of {month}",
            count=found.initiatives, month=month_words(found.through),
        ),
    )  # fmt: skip
    name, _, rest = figure.partition("_")
    if name == "togo" and (about.initiative is None or about.initiative.kind != "initiative"):
        return _parts_to_go(base, rest, found, about, viewer, at)
    if name == "togo":
        return _to_go(base, rest, found, _chances(rest, about, at))
    if figure in _COMPLETION:
        return _completion(base, figure, found)
    return _return(base, name, rest, found)


def _return(base: Passport, name: str, rung: str, found: figures.Returns) -> Passport:
    title, formula, kind, field = NAMES[name]
    told = found.rungs.get(rung)
    if rung != "promised":
        formula = flows.as_paid(formula)
    paper = replace(
        base, title=in_a_row(" ", [title, _RUNG_WORDS[rung]]), formula=formula, kind=kind
    )
    if told is None:
        return replace(paper, reason=found.reasons[rung])
    value: Any = getattr(told, field)
    figure: Figure[Any] = value if isinstance(value, Figure) else Figure(value)
    subject = base.subject.partition("@")[0]
    is_case = rung == "promised"
    paid = Line(phrase("Paid"), told.paid, currency=found.currency, is_part=False, where=cash.WORDS)
    lines = [
        Line(
            phrase("Benefit"), told.benefit, currency=found.currency, is_part=False,
            figure="" if is_case else f"{rung}_to_date", subject="" if is_case else subject,
        ),
        Line(
            phrase("Cost"), told.cost, currency=found.currency, is_part=False,
            figure="" if is_case else "spend_to_date", subject="" if is_case else subject,
        ),
        *(() if is_case or name in ("roi", "net") else (paid,)),
        flows.rate(told.annual_rate),
    ]  # fmt: skip
    if told.valuation_month is not None:
        lines.append(flows.starts(told.valuation_month))
    if told.last_month is not None:
        lines.append(
            Line(phrase("Last month"), month_words(told.last_month), kind="text", is_part=False)
        )
    if name == "pi" and told.go_live_month is not None:
        lines.append(flows.lives(told.go_live_month))
    if name not in ("net", "roi"):
        lines += flows.months(told, found.currency, flows.COST if is_case else flows.PAID)
    return replace(
        paper,
        value=figure.value,
        reason=figure.reason,
        warnings=figure.warnings,
        currency=found.currency if kind == "money" else "",
        lines=tuple(lines),
    )


def _chances(name: str, about: Subject, at: Moment) -> tuple[Line, ...]:
    """Give the chances of the stages one initiative had before it, and what its risks may cost."""
    if name not in ("rnpv", "loss") or about.initiative is None:
        return ()
    now = InitiativeNow.objects.known_at(at.known_at).filter(initiative=about.initiative).first()
    if now is None:
        return ()
    lines = [
        Line(
            phrase("Chance to move on from {stage}", stage=phrase(slug)),
            Decimal(step),
            "percent",
            is_part=False,
        )
        for slug, step in now.made_from.get("chances", ())
    ]
    if name == "loss" and (yearly := now.made_from.get("yearly_loss")) is not None:
        lines.append(
            Line(
                phrase("Expected loss a year"),
                Decimal(yearly),
                currency=now.currency,
                is_part=False,
            )
        )
    return tuple(lines)


def _parts_to_go(
    base: Passport, name: str, found: figures.Returns, about: Subject, viewer: User, at: Moment
) -> Passport:
    """Give what is to go of a place as what is to go of its initiatives."""
    title, formula = TO_GO[name]
    figure = found.to_go.get(name)
    if figure is None:
        return replace(base, title=title, formula=formula, reason=phrase("Nothing is recorded."))
    within = figures.place_of(viewer=viewer, initiative=about.initiative, node=about.node)
    rows = InitiativeNow.objects.known_at(at.known_at).filter(
        within.holds("initiative__node__path")
    )
    kept = rows.values_list("initiative__key", "initiative__name", "returns__to_go")
    told = [
        (Decimal(to_go[name]["value"]), key, label)
        for key, label, to_go in kept.order_by("initiative__number")
        if to_go and to_go[name]["value"] is not None and Decimal(to_go[name]["value"])
    ]
    told.sort(key=lambda each: (-abs(each[0]), each[1]))
    lines = [
        Line(f"{key} {label}", amount, currency=at.currency, figure=base.figure, subject=key)
        for amount, key, label in told[:NAMED]
    ]
    if len(told) > NAMED:
        rest = exact_sum(amount for amount, _, _ in told[NAMED:])
        lines.append(
            Line(phrase("{count} more", count=len(told) - NAMED), rest, currency=at.currency)
        )
    return replace(
        base,
        title=title,
        formula=phrase("Sum over initiatives of: {formula}", formula=formula),
        value=figure.value,
        reason=figure.reason,
        warnings=figure.warnings,
        lines=tuple(lines),
    )


def _to_go(
    base: Passport, name: str, found: figures.Returns, chances: tuple[Line, ...]
) -> Passport:
    title, formula = TO_GO[name]
    figure = found.to_go.get(name)
    if figure is None:
        return replace(base, title=title, formula=formula, reason=phrase("Nothing is recorded."))
    if name in _SUNK:
        label, opens = _SUNK[name]
        sunk = Line(label, figure.value, currency=found.currency, figure=opens,
                    subject=base.subject.partition("@")[0])  # fmt: skip
        return replace(
            base, title=title, formula=formula, value=figure.value, reason=figure.reason,
            warnings=figure.warnings, lines=(sunk,),
        )  # fmt: skip
    lines = tuple(
        Line(TO_GO[other][0], each.value, currency=found.currency, is_part=False)
        for other in ("benefit", "cost", "loss", "sunk_cost")
        if other != "loss" or name == "rnpv"
        if other != name and (each := found.to_go.get(other)) is not None
        if each.value is not None
    )
    if name in ("npv", "rnpv", "loss"):
        lines = (*lines, flows.rate(found.annual_rate), flows.starts(found.through), *chances)
        promise = found.rungs.get("promised")
        if name != "npv" and promise is not None and promise.go_live_month is not None:
            lines += (flows.lives(promise.go_live_month),)
    lines += tuple(
        flows.flow(
            month, months_between(found.through, month), benefit, cost, found.currency, flows.COST
        )
        for month, benefit, cost in found.ahead
    )
    return replace(
        base, title=title, formula=formula, value=figure.value, reason=figure.reason,
        warnings=figure.warnings, lines=lines,
    )  # fmt: skip


#: Initiatives named one by one; the rest stands in one line, so that the parts sum.
NAMED = 40
#: slug behind ``togo_`` -> what it is, and the figure that it opens to
_SUNK = {
    "sunk_cost": (phrase("Spend to date"), "spend_to_date"),
    "sunk_benefit": (phrase("Validated to date"), "validated_to_date"),
}


#: slug -> (title, formula, kind)
_COMPLETION = {
    "completion_cost": (
        phrase("Cost at completion"),
        phrase("Spend to date + what owners estimate for the months to come"),
        "money",
    ),
    "completion_benefit": (
        phrase("Benefit at completion"),
        phrase("Validated to date + remaining promise × realisation"),
        "money",
    ),
    "completion_realisation": (
        phrase("Realisation"),
        phrase("Validated ÷ promised, over the months that finance has reviewed"),
        "percent",
    ),
}


#: slug -> its inputs: label, part of ``Completion.made_from``, figure that a part opens to
_COMPLETED_BY = {
    "completion_cost": (
        (phrase("Spend to date"), "spent", "spend_to_date"),
        (phrase("Estimate of the months to come"), "estimate", ""),
    ),
    "completion_benefit": (
        (phrase("Validated to date"), "validated", "validated_to_date"),
        (phrase("Remaining promise"), "remaining", ""),
        (phrase("Validated in reviewed months"), "reviewed_validated", ""),
        (phrase("Promised in reviewed months"), "reviewed_promised", ""),
    ),
    "completion_realisation": (
        (phrase("Validated in reviewed months"), "reviewed_validated", ""),
        (phrase("Promised in reviewed months"), "reviewed_promised", ""),
    ),
}


def _completion(base: Passport, figure: str, found: figures.Returns) -> Passport:
    title, formula, kind = _COMPLETION[figure]
    told: Figure[Any] = getattr(found.completion, figure.removeprefix("completion_"))
    share, money = found.completion.realisation, found.completion.made_from
    lines = [
        Line(
            label, money[part], currency=base.currency, is_part=False, figure=opens,
            subject=base.subject if opens else "",
            reason="" if money[part] is not None else told.reason,
        )
        for label, part, opens in _COMPLETED_BY[figure]
    ]  # fmt: skip
    if figure == "completion_benefit":
        lines.append(
            Line(
                phrase("Realisation"), share.value, "percent", is_part=False, reason=share.reason,
                figure="completion_realisation", subject=base.subject,
            )
        )  # fmt: skip
    return replace(
        base,
        title=title,
        formula=formula,
        kind=kind,
        value=told.value,
        currency=base.currency if kind == "money" else "",
        reason=told.reason,
        lines=tuple(lines),
    )
