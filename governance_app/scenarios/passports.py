"""Passports of funding scenarios: the candidates a sum is made of, the limits that held it."""

import uuid
from decimal import Decimal
from typing import Any

from governance_app.domain.money import exact_sum
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.people.models import User
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports import Line, NoPassport, Passport
from governance_app.scenarios.models import Candidate, Scenario

#: Candidates named one by one; the rest stands in one line, so that the parts sum.
NAMED = 40
#: slug -> (title, formula, what of a candidate is summed)
SUMS = {
    "scenario_value": (
        phrase("Risk-adjusted value of what is funded"),
        phrase(
            "Σ over funded initiatives of Σ chance × (benefit − cost) ÷ (1 + monthly rate)^months, "
            "months to come, less the losses expected of its priced risks"
        ),
        "value",
    ),
    "scenario_cost": (
        phrase("Cost to go of what is funded"),
        phrase("Σ over funded initiatives of the cost lines of their cases in months to come"),
        "cost",
    ),
}
_BOUND = "scenario_bound"
_CANDIDATE = "scenario_candidate"


def has_passport(*, figure: str) -> bool:
    """Tell whether a slug names a figure of a scenario."""
    return figure in SUMS or figure in (_BOUND, _CANDIDATE)


def passport(*, figure: str, subject: str, viewer: User, as_of: Moment) -> Passport:
    """
    Give where a figure of a scenario comes from.

    Args:
        subject: the id of the scenario; of a candidate, ``~`` and its key behind it.

    Raises:
        NoPassport: nothing of that name that the viewer may see.
        Refused: the viewer may not see money there.
    """
    name, _, key = subject.partition("~")
    try:
        row = Scenario.objects.visible_to(viewer).filter(pk=uuid.UUID(name)).first()
    except ValueError:
        row = None
    if row is None or not row.result:
        raise NoPassport(f"There is no answer of a scenario {name!r} that you may see.")
    access.require(viewer, "money.view", row.node)
    if figure == _CANDIDATE:
        return _candidate(row, subject, key, viewer)
    if figure == _BOUND:
        return _bound(row, subject)
    return _sum(row, figure, subject, viewer)


def _sum(row: Scenario, figure: str, subject: str, viewer: User) -> Passport:
    title, formula, column = SUMS[figure]
    funded = list(
        Candidate.objects.visible_to(viewer, "money.view")
        .filter(scenario=row, is_funded=True)
        .select_related("initiative")
        .order_by("-value", "initiative__number")
    )
    lines = [
        Line(
            f"{each.initiative.key} {each.initiative.name}", getattr(each, column),
            currency=row.currency, figure=_CANDIDATE, subject=f"{row.pk}~{each.initiative.key}",
        )
        for each in funded[:NAMED]
    ]  # fmt: skip
    if len(funded) > NAMED:
        rest = exact_sum(getattr(each, column) or Decimal(0) for each in funded[NAMED:])
        lines.append(
            Line(phrase("{count} more", count=len(funded) - NAMED), rest, currency=row.currency)
        )
    return _paper(
        row, figure, subject, title, formula,
        value=exact_sum(getattr(each, column) or Decimal(0) for each in funded),
        lines=tuple(lines),
        completeness=phrase(
            "{count} of {total} candidates funded",
            count=row.result["funded"], total=row.result["candidates"],
        ),
        left_out=tuple(
            phrase("{count} left out: {reason}", count=count, reason=phrase(reason))
            for reason, count in row.result["left_out"].items()
        ),
    )  # fmt: skip


def _bound(row: Scenario, subject: str) -> Passport:
    told = row.result
    uses = [
        Line(
            use["name"], use["used"], "money" if use["unit"] else "number", use["unit"],
            is_part=False,
            where=_most(use),
        )
        for use in told["uses"]
    ]  # fmt: skip
    return _paper(
        row, _BOUND, subject, phrase("No choice is worth more than"),
        phrase(
            "The best bound that the search proved under the limits (mixed-integer programme)"
        ),
        value=told["bound"], lines=tuple(uses),
        confidence=phrase(
            "{proof}, gap {gap}",
            proof=phrase("proven") if told["is_proven"] else phrase("not proven"),
            gap=f"{told['gap']:.2%}",
        ),
    )  # fmt: skip


def _most(use: dict[str, Any]) -> str:
    most = f"{use['most']:,.2f}"
    if use["is_binding"]:
        return phrase("at most {most}, binds", most=most)
    return phrase("at most {most}", most=most)


def _candidate(row: Scenario, subject: str, key: str, viewer: User) -> Passport:
    each = (
        Candidate.objects.visible_to(viewer, "money.view")
        .filter(scenario=row, initiative__key=key)
        .select_related("initiative")
        .first()
    )
    if each is None:
        raise NoPassport(f"{key or 'That initiative'} is no candidate that you may see.")
    money: dict[str, Any] = {"currency": row.currency, "is_part": False}
    lines = [
        Line(phrase("Before chances"), each.worth, **money),
        Line(phrase("Cost to go"), each.cost, **money),
        *(
            Line(phrase("Cost, {year}", year=str(year)), amount, **money)
            for year, amount in sorted(each.costs.items())
        ),
        *(
            Line(phrase("Of it people, {year}", year=str(year)), amount, **money)
            for year, amount in sorted(each.people.items())
            if amount
        ),
        Line(phrase("Residual risk"), each.risk_points, "number", is_part=False),
        Line(
            phrase("Worth of going on"),
            phrase("as it is now"),
            "text",
            is_part=False,
            figure="togo_rnpv",
            subject=key,
        ),
    ]
    return _paper(
        row,
        _CANDIDATE,
        subject,
        phrase("Value to go of {name}", name=str(each.initiative)),
        SUMS["scenario_value"][1],
        value=each.value,
        lines=tuple(lines),
        reason=each.reason,
    )


def _paper(
    row: Scenario, figure: str, subject: str, title: str, formula: str, **more: Any
) -> Passport:
    return Passport(
        figure=figure,
        subject=subject,
        title=title,
        about=phrase("{name}, from {day}", name=row.name, day=row.on),
        formula=formula,
        kind="money",
        currency=row.currency,
        known_from=row.solved_at,
        **more,
    )
