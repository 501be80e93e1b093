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
        return Null(f"{_cases(len(values))} too few; {least} are needed.")
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
        return Null(f"{_cases(min(len(one), len(other)))} too few; {least} are needed.")
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
        Figure(sum(known)) if known else Null("Too few requests say how long people take.")
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
        return "No request was decided in that time."
    parts = [
        f"Decided the {to} way, {escalated} of {count} requests would have gone to the board "
        f"that did not, and {relieved} would not have gone there that did."
    ]
    if hours.value is None:
        parts.append(f"Waiting time cannot be told: {hours.reason}")
    else:
        days = abs(hours.value) / 24
        verb = "more" if hours.value > 0 else "less"
        parts.append(f"Together they would have waited {days:.1f} days {verb}, known of {known}.")
    if incidents:
        parts.append(
            f"The board would have looked before {seen} of {incidents} incidents that followed."
        )
    else:
        parts.append("No incident followed any of them.")
    return " ".join(parts)


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
        sentence=f"{_lead_told(lead)} {_incidents_told(incidents)}",
    )


def _lead_told(lead: Figure[Interval]) -> str:
    if lead.value is None:
        return f"Which mode is faster cannot be told: {lead.reason}"
    found = lead.value
    if found.low <= 0 <= found.high:
        return "How long decisions take cannot be told apart between the modes."
    faster = "Distributed" if found.value > 0 else "Centralised"
    low, high = sorted((abs(found.low), abs(found.high)))
    return (
        f"{faster} decides {abs(found.value) / 24:.1f} days faster at the median "
        f"(95 %: {low / 24:.1f} to {high / 24:.1f} days)."
    )


def _incidents_told(incidents: Mapping[str, Figure[Interval]]) -> str:
    central, distributed = incidents["central"].value, incidents["distributed"].value
    if central is None or distributed is None:
        return "Incidents cannot be compared: one mode has approved nothing yet."
    if central.low <= distributed.high and distributed.low <= central.high:
        return (
            f"Incidents followed {central.value:.0%} of central and {distributed.value:.0%} of "
            "distributed approvals: no difference can be told."
        ).replace("%", " %")
    more = "central" if central.value > distributed.value else "distributed"
    return (
        f"Incidents follow {more} approvals more often "
        f"({central.value:.0%} central, {distributed.value:.0%} distributed)."
    ).replace("%", " %")


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
        names = " and ".join(CRITERIA[each.criterion].lower() for each in firm)
        sentence = f"Centralised fits: {names} speak for the board, which outweighs speed."
        return Advice("central", sentence, leanings)
    mode = "distributed" if towards["distributed"] > towards["central"] else "central"
    word = "Distributed" if mode == "distributed" else "Centralised"
    return Advice(
        mode, f"{word} fits: {towards[mode]} of {len(leanings)} criteria speak for it.", leanings
    )


def _speed(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    waits = facts.board_waits_days
    if facts.moves_a_year >= limits["moves_a_year"]:
        return Leaning(
            "speed", "distributed",
            f"{facts.moves_a_year} stage moves in a year; from {limits['moves_a_year']} on waiting "
            "for a board is dear.",
        )  # fmt: skip
    if waits is not None and waits >= limits["board_waits_days"]:
        return Leaning(
            "speed", "distributed",
            f"The board takes {waits:.0f} days at the median; from {limits['board_waits_days']} on "
            "that is slow.",
        )  # fmt: skip
    return Leaning(
        "speed", "", f"{facts.moves_a_year} stage moves in a year: either is fast enough."
    )


def _consistency(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    return _first_above(
        "consistency",
        (
            ("high-risk by law", facts.high_tier_share, limits["high_tier_share"]),
            ("regulated", facts.regulated_share, limits["regulated_share"]),
            ("with sensitive data", facts.sensitive_share, limits["sensitive_share"]),
        ),
        "Nothing is live yet, so nothing speaks against teams deciding.",
    )


def _first_above(
    criterion: str, asked: Sequence[tuple[str, float | None, float]], nothing: str
) -> Leaning:
    known = [(words, value, limit) for words, value, limit in asked if value is not None]
    if not known:
        return Leaning(criterion, "", nothing)
    for words, value, limit in known:
        if value >= limit:
            text = (
                f"{value:.0%} are {words}; from {limit:.0%} on one bar for all is worth its wait."
            )
            return Leaning(criterion, "central", text.replace("%", " %"))
    told = ", ".join(f"{value:.0%} {words}" for words, value, _ in known).replace("%", " %")
    return Leaning(criterion, "distributed", f"{told}: guardrails can hold the bar.")


def _risk(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.incidents_each is not None and facts.incidents_each >= limits["incidents_each"]:
        return Leaning(
            "risk", "central",
            f"{facts.incidents_each:.2f} incidents an initiative in a year; from "
            f"{limits['incidents_each']} on the board should look.",
        )  # fmt: skip
    watched, green = facts.monitored_share, facts.green_share
    if watched is None:
        return Leaning("risk", "", "Nothing is live yet, so nothing is proven or disproven.")
    if green is None:
        return Leaning("risk", "central", "No guardrail has been judged yet: nothing is proven.")
    told = f"{watched:.0%} are monitored, {green:.0%} green".replace("%", " %")
    if watched >= limits["monitored_share"] and green >= limits["green_share"]:
        return Leaning("risk", "distributed", f"{told}: a breach would show by itself.")
    return Leaning("risk", "central", f"{told}: what nobody watches, teams cannot be trusted with.")


def _fit(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.deciders < limits["deciders"]:
        return Leaning(
            "fit",
            "central",
            f"{facts.deciders} people in its teams may decide; {limits['deciders']} are needed.",
        )
    return Leaning("fit", "distributed", f"{facts.deciders} people in its teams may decide.")


def _scale(facts: UnitFacts, limits: Mapping[str, Any]) -> Leaning:
    if facts.live >= limits["live_count"]:
        return Leaning(
            "scale", "distributed",
            f"{facts.live} are live; from {limits['live_count']} on one board becomes the neck of "
            "the bottle.",
        )  # fmt: skip
    return Leaning("scale", "", f"{facts.live} are live: one board can follow that.")


def _resampled(values: Sequence[float], random: Random) -> float:
    return median(random.choices(values, k=len(values)))


def _cases(count: int) -> str:
    return "1 case is" if count == 1 else f"{count} cases are"
