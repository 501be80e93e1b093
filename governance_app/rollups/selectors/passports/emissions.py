"""Passports of carbon: what providers reported and how it was shared, or energy x coefficient."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.phrases import in_a_row, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.people.models import User
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject
from governance_app.value import selectors as value
from governance_app.value.models import CarbonMonth

UNIT = "kg CO2e"
#: Initiatives named one by one; the rest stands in one line, so that the parts sum.
NAMED = 40
_FORMULA = phrase(
    "Reported by providers and shared as the bills of the same account and month are, else "
    "energy × the coefficient of the grid; where a month has both, the reported figure"
)
#: slug -> whether it tells money
FIGURES = {"carbon_year": False, "carbon_cost": False}


def is_known(figure: str) -> bool:
    """Tell whether a slug names a figure of carbon."""
    return figure in FIGURES


def passport_of(figure: str, about: Subject, viewer: User, at: Moment) -> Passport:
    """Give what the carbon of an initiative, or of everything the viewer sees, is made of."""
    if about.node is not None:
        raise NoPassport("Carbon is told of one initiative or of everything you may see.")
    paper = _year(about, viewer, at)
    return paper if figure == "carbon_year" else _cost(paper, at)


def _year(about: Subject, viewer: User, at: Moment) -> Passport:
    first, last = at.window.year_first, at.through
    chosen = [about.initiative.pk] if about.initiative else None
    rows = value.carbon_months(viewer=viewer, first=first, last=last, initiatives=chosen)
    lines = _months(rows) if about.initiative else _initiatives(rows)
    left_out: tuple[str, ...] = ()
    if about.initiative is None:
        nobody = value.carbon_of_nobody(viewer=viewer, first=first, last=last)
        if nobody:
            left_out = (
                phrase(
                    "{amount} that no allocation rule gives to anybody",
                    amount=f"{nobody:,.1f} {UNIT}",
                ),
            )
    total = exact_sum(row.kg for row in rows)
    estimated = exact_sum(row.kg for row in rows if row.basis == "estimate")
    return Passport(
        figure="carbon_year", subject=about.text, title=phrase("Carbon, fiscal year to date"),
        about=about.name, formula=_FORMULA, value=total if rows else None, kind="number",
        currency=UNIT, reason="" if rows else phrase("Nothing is reported or estimated."),
        lines=tuple(lines), left_out=left_out, adds_up=True, note=at.note,
        completeness=phrase(
            "{first} to {last}", first=month_words(first), last=month_words(last)
        ),
        confidence=(
            phrase("{share} is an estimate", share=f"{EXACT.divide(estimated, total):.0%}")
            if total
            else ""
        ),
    )  # fmt: skip


def _months(rows: Iterable[CarbonMonth]) -> list[Line]:
    return [Line(month_words(row.month), row.kg, "number", UNIT, where=_where(row)) for row in rows]


def _where(row: CarbonMonth) -> str:
    told: dict[str, Any] = row.made_from
    if row.basis == "estimate":
        return phrase(
            "estimate: {kwh} kWh × {kg} kg of {region} {year}, {source}",
            kwh=str(told["kwh"]), kg=str(told["kg_per_kwh"]), region=told["region"],
            year=str(told["year"]), source=told["source"],
        )  # fmt: skip
    return in_a_row(
        ";",
        [
            phrase(
                "{source}: {kg} kg, {count} reported",
                source=each["source"], kg=str(each["kg"]), count=len(each["reports"]),
            )
            for each in told.values()
        ],
    )  # fmt: skip


def _initiatives(rows: Iterable[CarbonMonth]) -> list[Line]:
    sums: dict[str, tuple[str, Decimal]] = {}
    for row in rows:
        key, (_, kg) = row.initiative.key, sums.get(row.initiative.key, ("", Decimal(0)))
        sums[key] = (row.initiative.name, EXACT.add(kg, row.kg))
    most = sorted(sums.items(), key=lambda each: (-each[1][1], each[0]))
    lines = [
        Line(f"{key} {name}", kg, "number", UNIT, figure="carbon_year", subject=key)
        for key, (name, kg) in most[:NAMED]
    ]
    if len(most) > NAMED:
        rest = exact_sum(kg for _, (_, kg) in most[NAMED:])
        lines.append(Line(phrase("{count} more", count=len(most) - NAMED), rest, "number", UNIT))
    return lines


def _cost(paper: Passport, at: Moment) -> Passport:
    kg = paper.value if isinstance(paper.value, Decimal) else Decimal(0)
    cost, currency = value.shadow_cost(kg=kg, on=at.on)
    price: str = ""
    if cost.value is not None and kg:
        a_tonne = EXACT.divide(EXACT.multiply(cost.value, Decimal(1000)), kg)
        price = phrase("{amount} a tonne", amount=f"{a_tonne.normalize():f} {currency}")
    return replace(
        paper,
        figure="carbon_cost",
        title=phrase("Carbon at its shadow price, fiscal year to date"),
        formula=phrase(
            "Carbon × the shadow price of a tonne in force; beside the returns, in none"
        ),
        value=cost.value if paper.value is not None else None,
        reason=paper.reason or cost.reason,
        kind="money",
        currency=currency,
        adds_up=False,
        lines=(
            Line(
                phrase("Carbon, fiscal year to date"), paper.value, "number", UNIT, is_part=False,
                figure="carbon_year", subject=paper.subject,
            ),
            Line(phrase("Shadow price"), price or None, "text", is_part=False, reason=cost.reason),
        ),
    )  # fmt: skip
