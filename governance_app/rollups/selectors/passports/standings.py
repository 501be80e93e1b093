"""Passports of benchmarks: the figures of the company that a median or a share is made of."""

from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.people.models import User
from governance_app.rollups.selectors import benchmarks
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject
from governance_app.value import choices
from governance_app.value import selectors as value

_PREFIX = "benchmark_"
#: Initiatives whose figure is listed beside the median.
NAMED = 200
_FORMULAS = {
    "efficiency_gain": phrase("Median of the efficiency gains of initiatives whose KPI is fresh"),
    "ai_share": phrase("AI spend ÷ IT budget, fiscal year to date, in one currency"),
    "adoption": phrase("Median of the newest readings of adoption"),
}


def is_known(figure: str) -> bool:
    """Tell whether a slug names a benchmark."""
    return figure.removeprefix(_PREFIX) in _FORMULAS and figure.startswith(_PREFIX)


def passport_of(figure: str, about: Subject, viewer: User, at: Moment) -> Passport:
    """Give what a figure of the company beside the field's aim is made of."""
    if about.node is not None or about.initiative is not None:
        raise NoPassport("A benchmark is told of everything you may see: ask for “portfolio”.")
    key = figure.removeprefix(_PREFIX)
    standing = benchmarks.benchmark_standings(viewer=viewer, as_of=at)[key]
    aim = value.field_aims(viewer=viewer, on=at.on)[key]
    aimed: str = f"{aim.low:.0%}"
    if aim.high is not None:
        aimed = phrase("{low} to {high}", low=aimed, high=f"{aim.high:.0%}")
    read_on = [] if aim.read_on is None else [phrase("{day}", day=aim.read_on)]
    shown = standing.inputs[:NAMED]
    inputs = [
        Line(
            of, gain, "percent", is_part=False,
            figure="efficiency_gain" if key == "efficiency_gain" else "", subject=of,
        )
        for of, gain in shown
    ]  # fmt: skip
    left = len(standing.inputs) - len(shown)
    return Passport(
        figure=figure, subject=about.text, title=choices.BENCHMARKS[key], about=about.name,
        formula=_FORMULAS[key], value=standing.figure.value, kind="percent",
        reason=standing.figure.reason, note=at.note,
        lines=(
            *(
                Line(
                    name, amount, currency=at.currency, is_part=False,
                    figure="spend_year" if name == "AI spend" else "", subject=about.text,
                )
                for name, amount in standing.parts
            ),
            *(
                Line(
                    phrase(
                        "{group}, median of {count}", group=spread.name, count=spread.count
                    ),
                    spread.p50, "percent",
                    is_part=False,
                    reason="" if spread.p50 is not None else phrase("Too few to have percentiles."),
                )
                for spread in standing.spreads
            ),
            *inputs,
            Line(
                phrase("What the field aims at"), aimed, "text", is_part=False,
                where=in_a_row(",", [aim.source, *read_on]),
            ),
        ),
        left_out=(
            (phrase("{count} more initiatives, in the median and not listed", count=left),)
            if left
            else ()
        ),
        completeness=(
            counted("{count} initiative", "{count} initiatives", count=len(standing.inputs))
            if standing.inputs
            else ""
        ),
    )  # fmt: skip
