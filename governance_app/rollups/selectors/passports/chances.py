"""Passports of uncertainty: the seed, the draws and the drivers that a percentile came from."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from governance_app.domain.phrases import in_a_row, phrase
from governance_app.domain.uncertainty import DRAWS
from governance_app.people import access
from governance_app.people.models import User
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject
from governance_app.value import selectors as value

#: slug -> (title, how it is read off the draws, kind, key of the outcome)
FIGURES = {
    "chance_p10": (phrase("P10"), phrase("One draw of ten is worth less"), "money", "p10"),
    "chance_p50": (phrase("P50"), phrase("Half of the draws are worth less"), "money", "p50"),
    "chance_p90": (phrase("P90"), phrase("Nine draws of ten are worth less"), "money", "p90"),
    "chance_mean": (phrase("Mean"), phrase("Sum of the draws ÷ their count"), "money", "mean"),
    "chance_loss": (
        phrase("Chance of loss"),
        phrase("Share of the draws below zero"),
        "percent",
        "loss_share",
    ),
}
_WORTH = phrase(
    "each draw takes every driver from PERT(low, likely, high), shared drivers once for all, and "
    "values the months to come: Σ (benefit − cost) ÷ (1 + monthly rate)^months"
)
SWINGS = 12


def is_known(figure: str) -> bool:
    """Tell whether a slug names a figure read off draws."""
    return figure in FIGURES


def passport_of_run(figure: str, subject: str, viewer: User, at: Moment) -> Passport:
    """Give where a figure of a kept run came from; its seed draws the same again."""
    try:
        run = value.simulation(viewer=viewer, simulation_id=uuid.UUID(subject))
    except ValueError:
        run = None
    if run is None:
        raise NoPassport(f"There is no run {subject!r} that you may see.")
    access.require(viewer, "money.view", run.node)
    facts = run.made_from
    lines = [
        Line(phrase("Cases in force"), f"{facts.get('cases', 0)}", "text", is_part=False),
        *(
            Line(
                phrase("Shared driver: {driver}", driver=name),
                phrase(
                    "{low} to {high} times its likely value",
                    low=f"{ends[0]:g}", high=f"{ends[2]:g}",
                ),
                "text", is_part=False,
            )
            for name, ends in (facts.get("shared") or {}).items()
        ),
    ]  # fmt: skip
    return _paper(
        figure,
        subject,
        phrase("{name}, from {day}", name=run.node.name, day=run.on),
        run.outcome,
        run.currency,
        lines,
        at,
        tuple(run.left_out),
    )


def passport_of(
    figure: str, about: Subject, viewer: User, at: Moment, *, seed: int = 1
) -> Passport:
    """Give where a figure drawn for one initiative came from."""
    if about.initiative is None:
        raise NoPassport("Name an initiative, or a run of a unit.")
    told = value.outcome_of(
        initiative=about.initiative, viewer=viewer, on=at.on, currency=at.currency, seed=seed
    )
    outcome: Mapping[str, Any] = (
        {"reason": told.reason} if told.value is None else asdict(told.value)
    )
    return _paper(figure, about.text, about.name, outcome, at.currency, [], at, ())


def _paper(
    figure: str, subject: str, about: str, outcome: Mapping[str, Any], currency: str,
    first: list[Line], at: Moment, left_out: tuple[str, ...],
) -> Passport:  # fmt: skip
    title, words, kind, key = FIGURES[figure]
    drawn = (
        [
            Line(phrase("Seed"), f"{outcome['seed']}", "text", is_part=False),
            Line(phrase("Draws"), f"{outcome['draws']:,}", "text", is_part=False),
            Line(
                phrase("As the case says, likely"),
                outcome["likely"],
                currency=currency,
                is_part=False,
            ),
            *(
                Line(
                    phrase("{driver}: from its P10 to its P90", driver=swing["driver"]),
                    swing["at_p90"] - swing["at_p10"],
                    currency=currency,
                    is_part=False,
                    where=phrase(
                        "{low} to {high}",
                        low=f"{swing['at_p10']:,.0f}",
                        high=f"{swing['at_p90']:,.0f}",
                    ),
                )
                for swing in outcome["tornado"][:SWINGS]
            ),
        ]
        if "draws" in outcome
        else []
    )
    return Passport(
        figure=figure,
        subject=subject,
        title=phrase("{figure} of what going on is worth", figure=title),
        about=about,
        formula=in_a_row(";", [words, _WORTH]),
        value=outcome.get(key),
        kind=kind,
        currency=currency if kind == "money" else "",
        reason=outcome.get("reason", ""),
        lines=(*first, *drawn),
        left_out=left_out,
        note=at.note,
        confidence=phrase("simulated, at least {draws} draws", draws=f"{DRAWS:,}"),
    )
