"""The life of an initiative: which stages it entered when, and how it ended."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from portfolio.demo.dice import days_after, lognormal
from portfolio.demo.shapes import Move

#: How initiatives end up, with shares chosen so that about one pilot in three moves on.
FATES: tuple[tuple[str, float], ...] = (
    ("idea", 0.180),
    ("assessment", 0.105),
    ("pilot", 0.130),
    ("scaling", 0.037),
    ("production", 0.086),
    ("inherited", 0.090),
    ("dropped as an idea", 0.085),
    ("stopped in assessment", 0.065),
    ("stopped in pilot", 0.217),
    ("stopped in scaling", 0.008),
    ("retired", 0.020),
)
_PATHS: dict[str, tuple[str, ...]] = {
    "idea": ("idea",),
    "assessment": ("idea", "assessment"),
    "pilot": ("idea", "assessment", "pilot"),
    "scaling": ("idea", "assessment", "pilot", "scaling"),
    "production": ("idea", "assessment", "pilot", "scaling", "production"),
    "inherited": ("production",),
    "dropped as an idea": ("idea", "retired"),
    "stopped in assessment": ("idea", "assessment", "retired"),
    "stopped in pilot": ("idea", "assessment", "pilot", "retired"),
    "stopped in scaling": ("idea", "assessment", "pilot", "scaling", "retired"),
    "retired": ("idea", "assessment", "pilot", "scaling", "production", "retired"),
}
#: Median days in a stage and the spread of their logarithm.
_DAYS = {
    "idea": (38, 0.5),
    "assessment": (24, 0.45),
    "pilot": (171, 0.4),
    "scaling": (96, 0.45),
    "production": (420, 0.4),
}
#: Median days since the present stage was entered.
_AGES = {
    "idea": (70, 0.9),
    "assessment": (40, 0.8),
    "pilot": (118, 0.6),
    "scaling": (88, 0.6),
    "production": (330, 0.6),
    "inherited": (1050, 0.1),
}
TIME_BOX_DAYS = 180

_WHY_ON = {
    "assessment": (
        "Sponsor asked for a proper look at it.",
        "Picked in the quarterly intake round.",
        "The idea names an owner, a process and a number to move.",
    ),
    "pilot": (
        "Data are good enough and the risk partner agrees to a bounded trial.",
        "Assessment found a case worth testing with two teams.",
        "Security and privacy checks are done; a time box of half a year is set.",
    ),
    "scaling": (
        "The pilot moved its KPI beyond the threshold agreed beforehand.",
        "Three quarters of the pilot users want to keep it; finance accepts the method.",
        "Pilot teams hold their gains for two months in a row.",
    ),
    "production": (
        "All sites are live and support has taken over.",
        "Roll-out is complete; run budget is granted.",
        "The last unit joined and the old process is switched off.",
    ),
}
_WHY_STOPPED = {
    "idea": (
        "Another initiative does the same.",
        "Too few cases a year to be worth it.",
        "The sponsor has moved on and nobody took it over.",
    ),
    "assessment": (
        "No owner for the data it needs.",
        "The same result comes with the next release of a system we pay for.",
        "Legal basis for the data is missing.",
    ),
    "pilot": (
        "Accuracy stayed below what the handlers can work with.",
        "The KPI did not move in six months.",
        "Cost per case is above what the process costs today.",
        "Users went back to the old way after four weeks.",
        "Merged into a wider programme.",
    ),
    "scaling": (
        "Two units left the roll-out and the case no longer holds.",
        "The supplier was sold and raised its price.",
    ),
    "production": (
        "Replaced by a newer model in the same process.",
        "The product it served is no longer sold.",
        "Run cost outgrew the benefit for three quarters.",
    ),
}


@dataclass(frozen=True)
class Story:
    """What a life leaves behind: days, moves and the flags that follow from them."""

    stage: str
    started_on: date
    planned_live_on: date | None
    live_on: date | None
    ended_on: date | None
    time_box_on: date | None
    moves: tuple[Move, ...]
    flags: frozenset[str]


def live(
    random: Random, fate: str, flags: frozenset[str], as_of: date, months_live: int | None
) -> Story:
    """
    Invent the life that leads to a fate as of a day.

    Every move lies before `as_of`; the first one enters the first stage of the path.
    """
    path = list(_PATHS[fate])
    if "skip" in flags:
        path.remove("scaling")
    stays = [_stay(random, stage) for stage in path[:-1]]
    age = _age(random, fate, flags, months_live)
    started = days_after(as_of, -age - sum(stays))
    entered = {path[0]: started}
    for stage, before, stay in zip(path[1:], path, stays, strict=False):
        entered[stage] = days_after(entered[before], stay)
    moves = _moves(random, path, entered)
    stage = path[-1]
    if "back" in flags:
        moves, entered = _send_back(moves, entered, as_of)
    pilot_on = entered.get("pilot")
    box = days_after(pilot_on, TIME_BOX_DAYS) if pilot_on else None
    live_on = entered.get("production")
    found = {"past_box"} if stage == "pilot" and box and box < as_of else set()
    return Story(
        stage=stage,
        started_on=started,
        planned_live_on=_planned(random, entered, fate),
        live_on=live_on,
        ended_on=entered.get("retired"),
        time_box_on=box,
        moves=tuple(moves),
        flags=frozenset(found),
    )


def path_ends(fate: str) -> bool:
    """Say whether a fate ends with retirement."""
    return _PATHS[fate][-1] == "retired"


def _stay(random: Random, stage: str) -> int:
    median, spread = _DAYS[stage]
    return max(5, round(lognormal(random, median, spread)))


def _age(random: Random, fate: str, flags: frozenset[str], months_live: int | None) -> int:
    if months_live is not None:
        return months_live * 30 + random.randint(3, 24)
    if "back" in flags:
        return 40
    if "past_box" in flags:
        return TIME_BOX_DAYS + 94
    if path_ends(fate):
        return round(random.triangular(4, 1000, 380))
    if fate == "production" and random.random() < 0.25:
        return random.randint(4, 110)
    median, spread = _AGES[fate]
    age = lognormal(random, median, spread)
    return max(3, round(min(age, 1200 if fate == "inherited" else 800)))


def _moves(random: Random, path: list[str], entered: dict[str, date]) -> list[Move]:
    moves = []
    first = "Taken over from the model register." if path[0] == "production" else "Registered."
    for before, stage in zip([None, *path], path, strict=False):
        if before is None:
            reason = first
        elif stage == "retired":
            reason = random.choice(_WHY_STOPPED[before])
        else:
            reason = random.choice(_WHY_ON[stage])
        moves.append(Move(before, stage, entered[stage], reason))
    return moves


def _send_back(
    moves: list[Move], entered: dict[str, date], as_of: date
) -> tuple[list[Move], dict[str, date]]:
    """Put a spell in production before the present pilot."""
    pilot = moves[-1]
    first = days_after(pilot.on, -300)
    up = days_after(pilot.on, -110)
    shifted = [
        Move(m.from_stage, m.to_stage, m.on - timedelta(days=300), m.reason) for m in moves[:-1]
    ]
    spell = [
        Move(pilot.from_stage, "pilot", first, pilot.reason),
        Move("pilot", "scaling", days_after(first, 130), _WHY_ON["scaling"][0]),
        Move("scaling", "production", up, _WHY_ON["production"][0]),
        Move("production", "pilot", pilot.on, "Drift alarm: tried again with new data."),
    ]
    moved = {stage: on - timedelta(days=300) for stage, on in entered.items() if stage != "pilot"}
    return shifted + spell, {**moved, "pilot": pilot.on}


def _planned(random: Random, entered: dict[str, date], fate: str) -> date | None:
    """Give the go-live day planned when the pilot began; plans are a little hopeful."""
    if fate == "inherited":
        return entered["production"]
    pilot_on = entered.get("pilot")
    if pilot_on is None:
        return None
    actual = entered.get("production")
    if actual is not None:
        return days_after(actual, -round(random.triangular(-20, 130, 30)))
    return days_after(pilot_on, round(random.triangular(190, 330, 250)))
