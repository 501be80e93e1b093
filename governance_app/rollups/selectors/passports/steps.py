"""Passports of the steps of the value bridge: planned and actual factors, month by month."""

from dataclasses import replace
from decimal import Decimal

from governance_app.domain.bridge import STEPS
from governance_app.domain.money import exact_sum
from governance_app.domain.phrases import counted, in_a_row, phrase
from governance_app.domain.phrases import month as month_words
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.rollups import bridging
from governance_app.rollups.gather.rates import Converter
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.bridges import STEP_WORDS
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport, Subject

#: Initiatives named one by one; the rest stands in one line, so that the parts sum.
NAMED = 40
_FORMULAS = {
    "scope and timing": phrase("Measured − promised − what the factors explain"),
    "not yet reviewed": phrase("Measured in months that finance has not reviewed, taken away"),
    "rejected": phrase("Measured in months that finance rejected, taken away"),
    "validated": phrase("Agreed by finance less what was measured in the months it agreed to"),
    "banked": phrase("In the budget or the books less what is validated"),
}
_FACTOR = phrase(
    "The planned factor of the case replaced by the actual one, those before it actual already, "
    "those after it still as planned; month by month"
)
_PREFIX = "bridge_"


def slug_of(*, step: str) -> str:
    """
    Name the figure of a step.

    >>> slug_of(step="scope and timing")
    'bridge_scope-and-timing'
    """
    return f"{_PREFIX}{step.replace(' ', '-')}"


def _step_of(figure: str) -> str:
    return figure.removeprefix(_PREFIX).replace("-", " ")


def is_known(figure: str) -> bool:
    """Tell whether a slug names a step of the bridge."""
    return figure.startswith(_PREFIX) and _step_of(figure) in STEPS


def passport_of(figure: str, about: Subject, viewer: User, at: Moment) -> Passport:
    """Give what one step is made of: months of an initiative, or initiatives of a place."""
    step = _step_of(figure)
    base = Passport(
        figure=figure,
        subject=about.text,
        title=phrase("Bridge: {step}", step=phrase(STEP_WORDS[step].lower())),
        about=about.name,
        formula=_FORMULAS.get(step, _FACTOR),
        value=None,
        kind="money",
        currency=at.currency,
        note=at.note,
    )
    if about.initiative is not None:
        return _of_initiative(base, step, about.initiative, at)
    return _of_scope(base, figure, step, about, viewer, at)


def _of_initiative(base: Passport, step: str, initiative: Initiative, at: Moment) -> Passport:
    found = bridging.month_bridges(
        initiatives=[initiative.pk], through=at.window.through, converter=Converter(at.currency)
    ).get(initiative.pk, [])
    lines: list[Line] = []
    left_out: dict[str, None] = {}
    for month in found:
        change = next((each.change for each in month.steps if each.name == step), None)
        if month.why and step not in _FORMULAS:
            left_out[month.why] = None
        if not change:
            continue
        where = _factor_words(month, step)
        if not where and step == "scope and timing":
            where = phrase(
                "promised {promised}, measured {measured}",
                promised=_plain(month.crossing.promised),
                measured=_plain(month.crossing.measured),
            )
        lines.append(Line(month_words(month.month), change, currency=at.currency, where=where))
    if not found:
        return replace(base, reason=phrase("Nothing was promised and nothing measured."))
    return replace(
        base,
        value=exact_sum(line.value for line in lines if isinstance(line.value, Decimal)),
        lines=tuple(lines),
        left_out=tuple(left_out),
        completeness=counted("{count} month", "{count} months", count=len(found)),
    )


def _factor_words(month: bridging.MonthBridge, step: str) -> str:
    """Say the planned and the actual factor, of each benefit where there are several."""
    told = [
        (part.benefit, part.crossing.planned[step], part.crossing.actual[step])
        for part in month.parts
        if step in part.crossing.planned and step in part.crossing.actual
    ]
    words = [
        (
            name,
            phrase(
                "planned {planned}, actual {actual}",
                planned=_plain(planned),
                actual=_plain(actual),
            ),
        )
        for name, planned, actual in told
    ]
    if len(words) == 1:
        return words[0][1]
    return in_a_row(";", [phrase("{what}: {words}", what=name, words=said) for name, said in words])


def _of_scope(
    base: Passport, figure: str, step: str, about: Subject, viewer: User, at: Moment
) -> Passport:
    within = scope.roots(viewer=viewer, permission="money.view", node=about.node)
    if within.is_empty:
        raise NoPassport(f"There is nothing in {about.name} that you may see.")
    rows = InitiativeNow.objects.known_at(at.known_at).filter(
        within.holds("initiative__node__path")
    )
    kept = rows.exclude(bridge={}).values_list("initiative__key", "initiative__name", "bridge")
    changes = [
        (Decimal(told["steps"].get(step, "0")), key, name)
        for key, name, told in kept.order_by("initiative__number")
    ]
    moved = sorted((each for each in changes if each[0]), key=lambda each: (-abs(each[0]), each[1]))
    lines = [
        Line(f"{key} {name}", change, currency=at.currency, figure=figure, subject=key)
        for change, key, name in moved[:NAMED]
    ]
    if len(moved) > NAMED:
        rest = exact_sum(change for change, _, _ in moved[NAMED:])
        lines.append(
            Line(phrase("{count} more", count=len(moved) - NAMED), rest, currency=at.currency)
        )
    return replace(
        base,
        value=exact_sum(change for change, _, _ in changes),
        lines=tuple(lines),
        completeness=counted(
            "{count} initiative with a bridge",
            "{count} initiatives with a bridge",
            count=len(changes),
        ),
    )


def _plain(value: Decimal) -> str:
    """Write a factor short: a passport of it is read by people."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")
