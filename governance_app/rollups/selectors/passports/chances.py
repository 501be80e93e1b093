"""Passports of uncertainty: the seed, the draws and the drivers that a percentile came from."""

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from governance_app.domain.uncertainty import DRAWS
from governance_app.people import access
from governance_app.people.models import User
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject
from governance_app.value import selectors as value

#: slug -> (title, how it is read off the draws, kind, key of the outcome)
FIGURES = {
    "chance_p10": ("P10", "One draw of ten is worth less", "money", "p10"),
    "chance_p50": ("P50", "Half of the draws are worth less", "money", "p50"),
    "chance_p90": ("P90", "Nine draws of ten are worth less", "money", "p90"),
    "chance_mean": ("Mean", "Sum of the draws ÷ their count", "money", "mean"),
    "chance_loss": ("Chance of loss", "Share of the draws below zero", "percent", "loss_share"),
}
_WORTH = (
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
        Line("Cases in force", f"{facts.get('cases', 0)}", "text", is_part=False),
        *(
            Line(
                f"Shared driver: {name}", f"{ends[0]:g} to {ends[2]:g} times its likely value",
                "text", is_part=False,
            )
            for name, ends in (facts.get("shared") or {}).items()
        ),
    ]  # fmt: skip
    return _paper(
        figure, subject, f"{run.node.name}, from {run.on:%d %b %Y}", run.outcome, run.currency,
        lines, at, tuple(run.left_out),
    )  # fmt: skip


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
    drawn = [
        Line("Seed", f"{outcome['seed']}", "text", is_part=False),
        Line("Draws", f"{outcome['draws']:,}", "text", is_part=False),
        Line("As the case says, likely", outcome["likely"], currency=currency, is_part=False),
        *(
            Line(
                f"{swing['driver']}: from its P10 to its P90",
                swing["at_p90"] - swing["at_p10"], currency=currency, is_part=False,
                where=f"{swing['at_p10']:,.0f} to {swing['at_p90']:,.0f}",
            )
            for swing in outcome["tornado"][:SWINGS]
        ),
    ] if "draws" in outcome else []  # fmt: skip
    return Passport(
        figure=figure, subject=subject, title=f"{title} of what going on is worth", about=about,
        formula=f"{words}; {_WORTH}", value=outcome.get(key), kind=kind,
        currency=currency if kind == "money" else "", reason=outcome.get("reason", ""),
        lines=(*first, *drawn), left_out=left_out, note=at.note,
        confidence=f"simulated, at least {DRAWS:,} draws",
    )  # fmt: skip
