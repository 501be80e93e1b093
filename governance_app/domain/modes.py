"""
What a mode of deciding costs: the past under the other mode, both compared, and which one fits.

Every share has an interval, every median too; what too few cases say is not said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random
from statistics import median
from typing import Any

from governance_app.domain.figures import Figure, Null
from governance_app.domain.phrases import Phrase, in_a_row, phrase
from governance_app.domain.spelling import rounded

#: Two-sided 95 %.
Z = 1.959963984540054
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval and the cases behind it."""

    value: float
    low: float
    high: float
    count: int


def share(hits: int, of: int) -> Figure[Interval]:
    """
    Give a share with its Wilson score interval.

    >>> found = share(2, 20).need()
    >>> round(found.low, 4), found.value, round(found.high, 4)
    (0.0279, 0.1, 0.301)
    """
    if of <= 0:
        return Null("Nothing was counted.")
    ratio = hits / of
    middle = (ratio + Z**2 / (2 * of)) / (1 + Z**2 / of)
    half = Z * sqrt(ratio * (1 - ratio) / of + Z**2 / (4 * of**2)) / (1 + Z**2 / of)
    # At a share of 0 or 1 an end of the interval is the share itself, which rounding may pass.
    low, high = min(ratio, max(0.0, middle - half)), max(ratio, min(1.0, middle + half))
    return Figure(Interval(ratio, low, high, of))


def middle_of(values: Sequence[float], *, least: int, seed: int = 1) -> Figure[Interval]:
    """
    Give the median with a bootstrap interval, or say that there are too few cases.

    >>> middle_of([1.0, 2.0], least=5).reason
    '2 cases are too few; 5 are needed.'
    """
    if len(values) < least:
        return Null(_too_few(len(values), least))
    random = Random(seed)  # noqa: S311 - resampling, seeded so that it can be done again
    draws = sorted(_resampled(values, random) for _ in range(DRAWS))
    return Figure(
        Interval(median(values), draws[DRAWS // 40], draws[-DRAWS // 40 - 1], len(values))
    )


def difference(
    one: Sequence[float], other: Sequence[float], *, least: int, seed: int = 1
) -> Figure[Interval]:
    """Give median(one) - median(other) with a bootstrap interval."""
    if min(len(one), len(other)) < least:
        return Null(_too_few(min(len(one), len(other)), least))
    random = Random(seed)  # noqa: S311 - resampling, seeded so that it can be done again
    draws = sorted(_resampled(one, random) - _resampled(other, random) for _ in range(DRAWS))
    return Figure(
        Interval(
            median(one) - median(other), draws[DRAWS // 40], draws[-DRAWS // 40 - 1],
            len(one) + len(other),
        )
    )  # fmt: skip


# --- the past under the other mode ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Past:
    """
    A request that was decided: who was asked, who would be asked under the other mode.

    ``asked`` and ``would_ask`` are the slots of the steps; ``hours`` from asking to deciding;
    ``incidents`` those that came in the time after it went live.
    """

    name: str
    asked: frozenset[str]
    would_ask: frozenset[str]
    hours: float | None
    incidents: int = 0
    was_admitted: bool = True


@dataclass(frozen=True, slots=True)
class Replayed:
    """One request in the replay; ``hours_change`` is positive when it would have waited longer."""

    past: Past
    would_wait: float | None
    hours_change: float | None
    is_escalated: bool
    sees_incidents: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The sums of a replay; hours are null when too few requests say how long people take."""

    rows: tuple[Replayed, ...]
    escalated: int
    relieved: int
    hours_change: Figure[float]
    hours_known: int
    incidents: int
    incidents_seen: int
    sentence: str


def replay(
    rows: Sequence[Past],
    *,
    board: frozenset[str],
    least: int,
    to: str,
    observed_also: Sequence[Past] = (),
) -> Replay:
    """
    Run decided requests under the other mode.

    Args:
        rows: what was decided, with the steps of both modes.
        board: the slots that are the board's; who was not asked before and is now, escalates.
        least: observed requests with the same steps below which no waiting time is stated.
        to: the name of the other mode, for the sentence.
        observed_also: requests decided the other way: they say how long its people take.
    """
    observed: dict[frozenset[str], list[float]] = {}
    for row in (*rows, *observed_also):
        if row.hours is not None:
            observed.setdefault(row.asked, []).append(row.hours)
    found = []
    for row in rows:
        waits = observed.get(row.would_ask, [])
        would = median(waits) if len(waits) >= least else None
        if not row.would_ask:
            would = 0.0
        if row.would_ask == row.asked:
            would = row.hours
        change = None if would is None or row.hours is None else would - row.hours
        is_escalated = bool(board & row.would_ask) and not board & row.asked
        found.append(
            Replayed(row, would, change, is_escalated, row.incidents if is_escalated else 0)
        )
    known = [row.hours_change for row in found if row.hours_change is not None]
    hours: Figure[float] = (
        Figure(sum(known)) if known else Null(phrase("Too few requests say how long people take."))
    )
    escalated = sum(row.is_escalated for row in found)
    relieved = sum(bool(board & row.asked) and not board & row.would_ask for row in rows)
    incidents = sum(row.incidents for row in rows)
    seen = sum(row.sees_incidents for row in found)
    return Replay(
        tuple(found), escalated, relieved, hours, len(known), incidents, seen,
        _told(len(rows), to, escalated, relieved, hours, len(known), incidents, seen),
    )  # fmt: skip


def _told(
    count: int,
    to: str,
    escalated: int,
    relieved: int,
    hours: Figure[float],
    known: int,
    incidents: int,
    seen: int,
) -> str:
    if not count:
        return phrase("No request was decided in that time.")
    parts: list[str] = [
        phrase(
            "Decided the {to} way, {escalated} of {count} requests would have gone to the board "
            "that did not, and {relieved} would not have gone there that did.",
            to=Phrase(to), escalated=str(escalated), count=str(count), relieved=str(relieved),
        )
    ]  # fmt: skip
    if hours.value is None:
        parts.append(phrase("Waiting time cannot be told: {reason}", reason=hours.reason))
    else:
        days = f"{abs(hours.value) / 24:.1f}"
        parts.append(
            phrase(
                "Together they would have waited {days} days more, known of {known}.",
                days=days, known=str(known),
            )
            if hours.value > 0
            else phrase(
                "Together they would have waited {days} days less, known of {known}.",
                days=days, known=str(known),
            )
        )  # fmt: skip
    if incidents:
        parts.append(
            phrase(
                "The board would have looked before {seen} of {incidents} incidents that followed.",
                seen=str(seen),
                incidents=str(incidents),
            )
        )
    else:
        parts.append(phrase("No incident followed any of them."))
    return in_a_row(" ", parts)


# --- both compared -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModeFigures:
    """What was seen of one mode: requests, lead times in hours, and counts of what went wrong."""

    mode: str
    requests: int
    hours: tuple[float, ...]
    exceptions: int
    approvals: int
    incidents: int
    realised: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both modes beside each other, the difference in lead time, and what it comes to."""

    lead: Mapping[str, Figure[Interval]]
    exceptions: Mapping[str, Figure[Interval]]
    incidents: Mapping[str, Figure[Interval]]
    value: Mapping[str, Figure[Interval]]
    lead_difference: Figure[Interval]
    sentence: str


def compare(central: ModeFigures, distributed: ModeFigures, *, least: int) -> Comparison:
    """Compare what was seen of both modes, with counts, intervals and a plain sentence."""
    both = {"central": central, "distributed": distributed}
    lead = difference(central.hours, distributed.hours, least=least)
    incidents = {
        name: share(min(each.incidents, each.approvals), each.approvals)
        for name, each in both.items()
    }
    return Comparison(
        lead={name: middle_of(each.hours, least=least) for name, each in both.items()},
        exceptions={
            name: share(min(each.exceptions, each.requests), each.requests)
            for name, each in both.items()
        },
        incidents=incidents,
        value={name: middle_of(each.realised, least=least) for name, each in both.items()},
        lead_difference=lead,
        sentence=in_a_row(" ", (_lead_told(lead), _incidents_told(incidents))),
    )


def _lead_told(lead: Figure[Interval]) -> str:
    if lead.value is None:
        return phrase("Which mode is faster cannot be told: {reason}", reason=lead.reason)
    found = lead.value
    if found.low <= 0 <= found.high:
        return phrase("How long decisions take cannot be told apart between the modes.")
    faster = phrase("Distributed") if found.value > 0 else phrase("Centralised")
    low, high = sorted((abs(found.low), abs(found.high)))
    return phrase(
        "{faster} decides {days} days faster at the median (95 %: {low} to {high} days).",
        faster=faster, days=rounded(abs(found.value) / 24, 1),
        low=rounded(low / 24, 1), high=rounded(high / 24, 1),
    )  # fmt: skip


def _incidents_told(incidents: Mapping[str, Figure[Interval]]) -> str:
    central, distributed = incidents["central"].value, incidents["distributed"].value
    if central is None or distributed is None:
        return phrase("Incidents cannot be compared: one mode has approved nothing yet.")
    if central.low <= distributed.high and distributed.low <= central.high:
        return phrase(
            "Incidents followed {central} of central and {distributed} of distributed approvals: "
            "no difference can be told.",
            central=_percent(central.value), distributed=_percent(distributed.value),
        )  # fmt: skip
    shares = {"central": _percent(central.value), "distributed": _percent(distributed.value)}
    if central.value > distributed.value:
        return phrase(
            "Incidents follow central approvals more often "
            "({central} central, {distributed} distributed).",
            **shares,
        )
    return phrase(
        "Incidents follow distributed approvals more often "
        "({central} central, {distributed} distributed).",
        **shares,
    )


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")


# --- which one fits ------------------------------------------------------------------------------

CRITERIA: Mapping[str, str] = {
    "speed": "Speed of deployment",
    "consistency": "Consistency and compliance",
    "risk": "Risk management",
    "fit": "Organisational fit",
    "scale": "Scalability",
}


@dataclass(frozen=True, slots=True)
class Leaning:
    """Where one criterion leans: ``central``, ``distributed`` or empty, and why."""

    criterion: str
    to: str
    why: str


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What is known of a unit; None where nothing is."""

    live: int
    moves_a_year: int
    board_waits_days: float | None
    high_tier_share: float | None
    regulated_share: float | None
    sensitive_share: float | None
    incidents_each: float | None
    monitored_share: float | None
    green_share: float | None
    deciders: int


@dataclass(frozen=True, slots=True)
class Advice:
    """The mode that fits, why in a sentence, and each criterion."""

    mode: str
    sentence: str
    leanings: tuple[Leaning, ...]


def advise(facts: UnitFacts, limits: Mapping[str, Any]) -> Advice:
    """
    Say which mode fits a unit. Compliance and risk decide when they lean to the board: what is
    not proven under control is not left to the teams, however fast they are.

    Args:
        facts: what is known of the unit.
        limits: from when on a fact speaks for a mode; dated settings.
    """
    leanings = (
        _speed(facts, limits),
        _consistency(facts, limits),
        _risk(facts, limits),
        _fit(facts, limits),
        _scale(facts, limits),
    )
    towards = {
        name: sum(each.to == name for each in leanings) for name in ("central", "distributed")
    }
    firm = [
        each
        for each in leanings
        if each.criterion in ("consistency", "risk") and each.to == "central"
    ]
    if firm:
        names: list[str] = [Phrase(CRITERIA[each.criterion].lower()) for each in firm]
        sentence = phrase(
            "Centralised fits: {names} speak for the board, which outweighs speed.",
            names=in_a_row("and", names),
        )
        return Advice("central", sentence, leanings)
    mode = "distributed" if towards["distributed"] > towards["central"] else "central"
    sentence = phrase(
        "{mode} fits: {count} of {all} criteria speak for it.",
        mode=phrase("Distributed") if mode == "distributed" else phrase("Centralised"),
        count=str(towards[mode]), all=str(len(leanings)),
    )  # fmt: skip
    return Advice(mode, sentence, leanings)


def _speed(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    waits = facts.board_waits_days
    if facts.moves_a_year >= limits["moves_a_year"]:
        return Leaning(
            "speed", "distributed",
            phrase(
                "{moves} stage moves in a year; from {limit} on waiting for a board is dear.",
                moves=str(facts.moves_a_year), limit=str(limits["moves_a_year"]),
            ),
        )  # fmt: skip
    if waits is not None and waits >= limits["board_waits_days"]:
        return Leaning(
            "speed", "distributed",
            phrase(
                "The board takes {waits} days at the median; from {limit} on that is slow.",
                waits=rounded(waits), limit=str(limits["board_waits_days"]),
            ),
        )  # fmt: skip
    told = phrase(
        "{moves} stage moves in a year: either is fast enough.", moves=str(facts.moves_a_year)
    )
    return Leaning("speed", "", told)


def _consistency(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    return _first_above(
        "consistency",
        (
            (phrase("high-risk by law"), facts.high_tier_share, limits["high_tier_share"]),
            (phrase("regulated"), facts.regulated_share, limits["regulated_share"]),
            (phrase("with sensitive data"), facts.sensitive_share, limits["sensitive_share"]),
        ),
        phrase("Nothing is live yet, so nothing speaks against teams deciding."),
    )


def _first_above(
    criterion: str, asked: Sequence[tuple[str, float | None, float]], nothing: str
) -> Leaning:
    known = [(words, value, limit) for words, value, limit in asked if value is not None]
    if not known:
        return Leaning(criterion, "", nothing)
    for words, value, limit in known:
        if value >= limit:
            text = phrase(
                "{share} are {what}; from {limit} on one bar for all is worth its wait.",
                share=_percent(value), what=words, limit=_percent(limit),
            )  # fmt: skip
            return Leaning(criterion, "central", text)
    shares: list[str] = [
        phrase("{share} {what}", share=_percent(value), what=words) for words, value, _ in known
    ]
    told = phrase("{shares}: guardrails can hold the bar.", shares=in_a_row(",", shares))
    return Leaning(criterion, "distributed", told)


def _risk(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.incidents_each is not None and facts.incidents_each >= limits["incidents_each"]:
        return Leaning(
            "risk", "central",
            phrase(
                "{incidents} incidents an initiative in a year; from {limit} on the board should "
                "look.",
                incidents=rounded(facts.incidents_each, 2), limit=str(limits["incidents_each"]),
            ),
        )  # fmt: skip
    watched, green = facts.monitored_share, facts.green_share
    if watched is None:
        told = phrase("Nothing is live yet, so nothing is proven or disproven.")
        return Leaning("risk", "", told)
    if green is None:
        told = phrase("No guardrail has been judged yet: nothing is proven.")
        return Leaning("risk", "central", told)
    shares = {"watched": _percent(watched), "green": _percent(green)}
    if watched >= limits["monitored_share"] and green >= limits["green_share"]:
        told = phrase(
            "{watched} are monitored, {green} green: a breach would show by itself.", **shares
        )
        return Leaning("risk", "distributed", told)
    told = phrase(
        "{watched} are monitored, {green} green: what nobody watches, teams cannot be trusted "
        "with.",
        **shares,
    )
    return Leaning("risk", "central", told)


def _fit(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.deciders < limits["deciders"]:
        return Leaning(
            "fit",
            "central",
            phrase(
                "{people} people in its teams may decide; {limit} are needed.",
                people=str(facts.deciders),
                limit=str(limits["deciders"]),
            ),
        )
    told = phrase("{people} people in its teams may decide.", people=str(facts.deciders))
    return Leaning("fit", "distributed", told)


def _scale(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.live >= limits["live_count"]:
        return Leaning(
            "scale", "distributed",
            phrase(
                "{live} are live; from {limit} on one board becomes the neck of the bottle.",
                live=str(facts.live), limit=str(limits["live_count"]),
            ),
        )  # fmt: skip
    told = phrase("{live} are live: one board can follow that.", live=str(facts.live))
    return Leaning("scale", "", told)


def _resampled(values: Sequence[float], random: Random) -> float:
    return median(random.choices(values, k=len(values)))


def _too_few(count: int, least: int) -> str:
    if count == 1:
        return phrase("1 case is too few; {least} are needed.", least=str(least))
    return phrase(
        "{cases} cases are too few; {least} are needed.", cases=str(count), least=str(least)
    )
