"""What people wrote and promised: status updates, comments, milestones, dependencies."""

from collections.abc import Sequence
from datetime import date
from random import Random

from portfolio.demo.dice import days_after, draw
from portfolio.demo.shapes import Comment, Dependency, Initiative, Milestone, Update
from portfolio.demo.techniques import MEASURES, TECHNIQUES

_ON_TRACK = (
    "{measure} is moving as planned; next step is {next}.",
    "Two more teams joined this month and no blocking issue is open.",
    "Users ask for more of it; {next} is booked.",
    "Data delivery is stable, quality checks are green, {next} follows.",
    "Cost per case fell again after the prompt was shortened.",
    "All actions from the last steering meeting are closed.",
)
_AT_RISK = {
    "over_budget": "Spend runs ahead of budget; model calls doubled after the second team joined.",
    "past_box": "The time box has passed; a decision to stop or extend is due.",
    "worse": "{measure} moves the wrong way; root cause is under review with the team.",
    "blocked": "Waits for another initiative; no date has been confirmed.",
    "above_appetite": "Residual risk is above what the group accepts; the audit is booked.",
    "stale": "Readings stopped arriving after the move to the new data platform.",
    "no_readings": "The feed of readings has never been connected; IT has the ticket.",
    "never_pays_back": "Volumes are a third of what the case assumed.",
}
_TROUBLE = (
    "The key developer leaves at month end and no successor is named.",
    "Test data arrived three weeks late; {next} moves by a month.",
    "Two of five sites have postponed their start.",
    "Supplier has not fixed the language problem reported in spring.",
    "Works council has questions that hold up {next}.",
    "{measure} stands where it stood two months ago.",
)
_NEXT = {
    "idea": "the intake talk",
    "assessment": "the data check",
    "pilot": "the mid-term review",
    "scaling": "the roll-out to the next site",
    "production": "the yearly model review",
    "retired": "the archive check",
}
_COMMENTS = (
    "Could we reuse the masking component of the contact centre here?",
    "Finance asks how the freed hours show up in the roster.",
    "Please add the September reading, the steering meeting is on Thursday.",
    "The works council would like to see the dashboard before the roll-out.",
    "Asked procurement for the renewal terms; answer expected next week.",
    "Compared with last year's baseline the effect is smaller but steadier.",
    "Handlers in Madrid say the German texts read stiffly.",
    "Evidence for the last quarter is in the shared folder.",
    "The supplier's release notes mention a new model version; re-test planned.",
    "Good talk with the audit team, no findings so far.",
    "Risk review moved to the second Tuesday, same room.",
)
_DOUBTS = (
    "I would stop here and give the budget to the neighbouring pilot.",
    "Four weeks of data are too few to tell; can we wait for the quarter?",
    "Works in Dublin, not yet in Milan. What is different there?",
)
_STOPPED = "Stopped: {reason} Lessons learned are written down and the contract is cancelled."
_MILESTONES = (
    ("Data access agreed", "assessment"),
    ("Pilot started", "pilot"),
    ("Mid-term review", "pilot"),
    ("Roll-out decided", "scaling"),
    ("All sites live", "production"),
)
_BLOCKS = (
    "Needs the clean customer identifiers from it.",
    "Shares its document store and cannot go live before it.",
    "Waits for its approval by model risk; both use the same model.",
    "Runs on the platform that it brings.",
)


def updates(seed: int, as_of: date, row: Initiative) -> tuple[Update, ...]:
    """List the status updates of an initiative, oldest first; the last one is the present."""
    writer = row.program_manager or row.business_owner
    if row.kind != "initiative" or writer is None:
        return ()
    random = draw(seed, "updates", row.key)
    if not row.status or row.started_on is None:
        return ()
    age = (as_of - row.started_on).days
    count = min(3, max(1, age // 70))
    # A careful manager writes every month; some updates are months old.
    told = {days_after(as_of, -back * 31 - random.triangular(1, 46, 5)) for back in range(count)}
    days = sorted(on for on in told if on > row.started_on) or [days_after(as_of, -1)]
    before = [(on, random.choice(("on_track", "on_track", row.status))) for on in days[:-1]]
    return tuple(
        Update(on, status, _sentence(random, row, status), writer)
        for on, status in [*before, (days[-1], row.status)]
    )


def _sentence(random: Random, row: Initiative, status: str) -> str:
    words = {
        "measure": MEASURES[TECHNIQUES[row.technique].measure].name,
        "next": _NEXT[row.stage],
    }
    if status == "on_track":
        return random.choice(_ON_TRACK).format(**words)
    for flag, sentence in _AT_RISK.items():
        if flag in row.flags:
            return sentence.format(**words)
    return random.choice(_TROUBLE).format(**words)


def comments(seed: int, as_of: date, row: Initiative) -> tuple[Comment, ...]:
    """List remarks by the owners; most initiatives have none, those that ended say what is left."""
    writers = [
        email
        for email in (row.business_owner, row.technical_owner, row.sponsor, row.risk_owner)
        if email
    ]
    random = draw(seed, "comments", row.key)
    if row.kind != "initiative" or not writers or row.stage == "idea":
        return ()
    if row.stage == "retired":
        text = _STOPPED.format(reason=row.moves[-1].reason)
        return (Comment(row.moves[-1].on, writers[0], text),)
    count = random.choices((0, 1, 2, 3), (55, 25, 14, 6))[0]
    known = _COMMENTS if row.stage == "production" else (*_COMMENTS, *_DOUBTS)
    found = sorted(
        (days_after(as_of, -random.triangular(1, 120, 12)), text)
        for text in random.sample(known, count)
    )
    return tuple(Comment(on, random.choice(writers), text) for on, text in found)


def milestones(seed: int, as_of: date, row: Initiative) -> tuple[Milestone, ...]:
    """List the milestones of what is in pilot or beyond: planned from its life, some late."""
    if row.stage not in {"pilot", "scaling", "production"} or row.fate == "inherited":
        return ()
    random = draw(seed, "milestones", row.key)
    entered = {move.to_stage: move.on for move in row.moves}
    pilot_on = entered.get("pilot")
    if pilot_on is None:
        return ()
    live = row.planned_live_on or days_after(pilot_on, 250)
    planned = {
        "Data access agreed": days_after(pilot_on, -12),
        "Pilot started": pilot_on,
        "Mid-term review": days_after(pilot_on, 90),
        "Roll-out decided": days_after(pilot_on, 180),
        "All sites live": live,
    }
    rows = []
    for name, stage in _MILESTONES:
        reached = entered.get(stage)
        if name == "Data access agreed":
            reached = days_after(pilot_on, -random.randint(0, 14))
        elif name == "Mid-term review":
            held = days_after(pilot_on, 90 + random.randint(-6, 35))
            is_held = held < (row.ended_on or as_of)
            reached = held if is_held else None
        if reached is not None and reached >= as_of:
            reached = None
        rows.append(Milestone(name, planned[name], reached))
    return tuple(rows)


def dependencies(seed: int, initiatives: Sequence[Initiative]) -> tuple[Dependency, ...]:
    """Link initiatives of one division: blocked ones to something late, others to a neighbour."""
    rows: list[Dependency] = []
    alive = [
        row
        for row in initiatives
        if row.kind == "initiative" and row.stage in {"assessment", "pilot", "scaling"}
    ]
    for row in alive:
        random = draw(seed, "dependency", row.key)
        is_blocked = "blocked" in row.flags
        if not is_blocked and random.random() > 0.3:
            continue
        division = row.unit_code.split("-")[0]
        near = [
            other
            for other in alive
            if other.key != row.key
            and (other.unit_code.startswith(division) or len(alive) < 40)
            and number(other) < number(row)
        ]
        if not near:
            near = [other for other in alive if number(other) < number(row)]
        if near:
            other = random.choice(near)
            rows.append(Dependency(row.key, other.key, random.choice(_BLOCKS), is_blocked))
    return tuple(rows)


def number(row: Initiative) -> int:
    """
    Give the number in a key; dependencies point from higher to lower, so no circle can form.
    """
    return int(row.key.removeprefix("AI-"))
