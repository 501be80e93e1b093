"""The tree of portfolios, programmes and initiatives, with names, purposes and owners."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from random import Random

from portfolio.demo.dice import draw, lognormal, quotas
from portfolio.demo.life import FATES, live
from portfolio.demo.processes import DIVISIONS, Department, Division, Process
from portfolio.demo.shapes import Initiative, Person
from portfolio.demo.showcase import SHOWCASES, Showcase
from portfolio.demo.techniques import KINDS, TECHNIQUES, VENDORS, Technique

#: Programmes of a division: a name and the kinds of technique that belong in it.
_PROGRAMMES: tuple[tuple[str, str], ...] = (
    ("Documents and data entry", "DVM"),
    ("Conversations and service", "CSQN"),
    ("Decisions and early warning", "PAF"),
    ("Writing and language", "GLR"),
    ("Automation and planning", "TOK"),
)
_SENSITIVE = {"INS-LIF": "health", "INS-CLA": "health", "CRP-PEO": "confidential"}
_TAGS_BY_DIVISION = {
    "RB": "customer-facing",
    "INS": "customer-facing",
    "BB": "client-facing",
    "WEA": "client-facing",
    "OPS": "back-office",
    "TEC": "engineering",
    "CRP": "back-office",
}
_AT_RISK, _OFF_TRACK = 0.17, 0.08


class _Owners:
    """Picks people for the seats of an initiative: from its department, then its division."""

    def __init__(self, people: tuple[Person, ...]) -> None:
        self._seats: dict[tuple[str, str], list[str]] = defaultdict(list)
        for person in people:
            self._seats[person.unit_code, person.post].append(person.email)

    def pick(self, random: Random, unit_code: str, post: str) -> str:
        """Give the e-mail of somebody who holds that post nearest to the unit."""
        division = unit_code.split("-")[0]
        for place in (unit_code, division, ""):
            found = self._seats.get((place, post))
            if found and (place != division or random.random() < 0.85 or post == "manager"):
                return random.choice(found)
        return random.choice(self._seats["", post])


def build(seed: int, as_of: date, count: int, people: tuple[Person, ...]) -> tuple[Initiative, ...]:
    """
    Invent the tree: a portfolio per division, programmes by kind of work, `count` initiatives.

    The first initiatives are the showcases; the others combine a process with a technique, each
    combination once. Parents come before their children; keys run AI-1, AI-2 and so on.
    """
    owners = _Owners(people)
    heads, programme_of = _heads(seed, as_of, owners)
    rows = list(heads)
    fates = quotas(FATES, max(0, count - len(SHOWCASES)))
    draw(seed, "fates").shuffle(fates)
    chosen = _choose(seed, len(fates))
    plans: list[tuple[Division, Department, str, Technique, str, str, str, Showcase | None]] = []
    places = {d.name: (division, d) for division in DIVISIONS for d in division.departments}
    for written in SHOWCASES[:count]:
        division, department = places[written.department]
        technique = TECHNIQUES[written.technique]
        plans.append(
            (
                division,
                department,
                written.name,
                technique,
                written.purpose,
                written.fate,
                department.processes[0].people,
                written,
            )
        )
    for (division, department, process, technique), fate in zip(chosen, fates, strict=True):
        name = f"{process.name} {technique.noun}"
        purpose = technique.purpose.format(items=process.items, people=process.people)
        plans.append((division, department, name, technique, purpose, fate, process.people, None))
    for number, plan in enumerate(plans, start=len(rows) + 1):
        division, department, name, technique, purpose, fate, users, show = plan
        base = Initiative(
            key=f"AI-{number}",
            kind="initiative",
            parent_key=programme_of[division.code, _programme(technique)],
            unit_code=department.code,
            name=name,
            purpose=purpose,
            users=users,
            fate=fate,
            flags=frozenset(show.flags if show else ()),
            source=division.source,
        )
        rows.append(_fill(seed, as_of, base, technique, owners, show))
    return tuple(rows)


def _heads(
    seed: int, as_of: date, owners: _Owners
) -> tuple[list[Initiative], dict[tuple[str, str], str]]:
    """Give the portfolios and then the programmes, and the key of each programme by its name."""
    tops = [
        _with_heads(
            seed,
            owners,
            Initiative(
                key=f"AI-{number}",
                kind="portfolio",
                parent_key=None,
                unit_code=division.code,
                name=f"AI in {division.name.lower()}",
                purpose=f"Everything that {division.name} does with AI: one budget, one board.",
                tags=(_TAGS_BY_DIVISION[division.code],),
            ),
        )
        for number, division in enumerate(DIVISIONS, start=1)
    ]
    rows = list(tops)
    programme_of: dict[tuple[str, str], str] = {}
    for top, division in zip(tops, DIVISIONS, strict=True):
        for name, kinds in _PROGRAMMES:
            key = f"AI-{len(rows) + 1}"
            programme_of[division.code, name] = key
            nouns = sorted({t.noun for kind in kinds for t in KINDS[kind]})
            programme = Initiative(
                key=key,
                kind="programme",
                parent_key=top.key,
                unit_code=division.code,
                name=f"{division.name}: {name.lower()}",
                purpose=f"Shared platform, budget and skills in {division.name} for "
                f"{', '.join(nouns[:-1])} and {nouns[-1]}.",
            )
            rows.append(_with_heads(seed, owners, programme))
    return rows, programme_of


def _with_heads(seed: int, owners: _Owners, row: Initiative) -> Initiative:
    random = draw(seed, "head", row.name)
    return replace(
        row,
        sponsor=owners.pick(random, row.unit_code, "sponsor"),
        program_manager=owners.pick(random, row.unit_code, "manager"),
    )


def _programme(technique: Technique) -> str:
    kind = next(kind for kind, group in KINDS.items() if technique in group)
    return next(name for name, kinds in _PROGRAMMES if kind in kinds)


def _choose(seed: int, count: int) -> list[tuple[Division, Department, Process, Technique]]:
    """Draw combinations of process and technique, none twice and none named as a showcase."""
    taken = {show.name for show in SHOWCASES}
    every = [
        (division, department, process, technique)
        for division in DIVISIONS
        for department in division.departments
        for process in department.processes
        for kind in process.kinds
        for technique in KINDS[kind]
        if f"{process.name} {technique.noun}" not in taken and _reads_well(process, technique)
    ]
    if count > len(every):
        raise ValueError(f"The company has work for {len(every)} initiatives, not {count}.")
    return draw(seed, "choice").sample(every, count)


def _reads_well(process: Process, technique: Technique) -> bool:
    """
    Refuse names that say a word twice, such as "Agent knowledge knowledge search".
    """
    words = process.name.lower().split()
    return not set(words) & set(technique.noun.lower().split())


def _fill(
    seed: int,
    as_of: date,
    base: Initiative,
    technique: Technique,
    owners: _Owners,
    show: Showcase | None,
) -> Initiative:
    random = draw(seed, "initiative", base.name)
    story = live(random, base.fate, base.flags, as_of, show.months_live if show else None)
    flags = base.flags | (frozenset() if show else _ordinary_flags(random, story.stage, base.fate))
    flags |= story.flags
    is_bought = random.random() < 0.38
    row = replace(
        base,
        technique=technique.noun,
        ai_type=technique.ai_type,
        modality=technique.modality,
        autonomy=technique.autonomy,
        is_generative=technique.generative,
        deployment_target=random.choices(
            ("cloud", "on_premises", "edge"), (84, 12, 9 if technique.modality == "image" else 2)
        )[0],
        data_classes=_data_classes(random, base.unit_code, technique),
        vendor=random.choice(VENDORS) if is_bought else "",
        sourcing="buy" if is_bought else random.choices(("build", "both"), (4, 1))[0],
        tags=_tags(random, base, technique, story.stage),
        size=lognormal(random, 1.0, 0.85) * (0.55 if base.fate.startswith("stopped") else 1.0),
        stage=story.stage,
        started_on=story.started_on,
        planned_live_on=story.planned_live_on,
        live_on=story.live_on,
        ended_on=story.ended_on,
        time_box_on=story.time_box_on,
        moves=story.moves,
        flags=flags,
    )
    row = _with_status(random, row)
    if "no_owner" in flags:
        return replace(row, status="")
    unit = base.unit_code
    row = replace(
        row,
        sponsor=owners.pick(random, unit.split("-")[0], "sponsor"),
        business_owner=owners.pick(random, unit, "owner"),
        program_manager=owners.pick(random, unit.split("-")[0], "manager"),
    )
    if row.stage != "idea":
        row = replace(
            row,
            technical_owner=owners.pick(random, unit, "technical"),
            risk_owner=owners.pick(random, unit.split("-")[0], "risk"),
        )
    return row


def _ordinary_flags(random: Random, stage: str, fate: str) -> frozenset[str]:
    """Give an ordinary initiative the troubles that befall some of them."""
    chances = {
        "no_owner": 0.02 if stage in {"idea", "assessment"} else 0.0,
        "stale": 0.07 if stage in {"pilot", "scaling", "production"} else 0.0,
        "no_case": 0.35 if stage in {"assessment", "retired"} else 0.06,
        "draft_case": 0.5 if stage == "assessment" else 0.03,
        "over_budget": 0.06 if stage in {"pilot", "scaling", "production"} else 0.0,
        "under_budget": 0.07 if stage in {"pilot", "scaling", "production"} else 0.0,
        "unassessed": 0.3 if stage == "assessment" else 0.06,
        "above_appetite": 0.045 if stage in {"pilot", "scaling", "production"} else 0.0,
        "rejected": 0.05 if stage == "production" else 0.0,
        "worse": 0.04 if stage in {"pilot", "scaling"} else 0.0,
        "blocked": 0.05 if stage in {"assessment", "pilot", "scaling"} else 0.0,
        "skip": 0.0,
        "loss": 0.5 if fate == "retired" else 0.0,
    }
    return frozenset(flag for flag, chance in chances.items() if random.random() < chance)


def _with_status(random: Random, row: Initiative) -> Initiative:
    if "no_status" in row.flags or row.stage == "retired":
        return row
    if "off_track" in row.flags:
        return replace(row, status="off_track")
    if "at_risk" in row.flags:
        return replace(row, status="at_risk")
    if row.stage == "idea":
        return row if random.random() < 0.7 else replace(row, status="on_track")
    trouble = row.flags & {"over_budget", "past_box", "worse", "blocked", "above_appetite", "stale"}
    luck = random.random() * (0.35 if trouble else 1.0)
    status = "off_track" if luck < _OFF_TRACK else "at_risk" if luck < _AT_RISK else "on_track"
    return replace(row, status=status)


def _data_classes(random: Random, unit_code: str, technique: Technique) -> tuple[str, ...]:
    if technique.modality == "code":
        return ("internal",)
    classes = ["personal"] if random.random() < 0.62 else ["internal"]
    if random.random() < 0.3:
        classes.append("financial")
    sensitive = _SENSITIVE.get(unit_code)
    if sensitive and random.random() < 0.6:
        classes.append(sensitive)
    return tuple(classes)


def _tags(random: Random, base: Initiative, technique: Technique, stage: str) -> tuple[str, ...]:
    tags = [_TAGS_BY_DIVISION[base.unit_code.split("-")[0]]]
    if technique.generative:
        tags.append("generative")
    if stage in {"pilot", "scaling"} and random.random() < 0.12:
        tags.append("board-watch")
    if random.random() < 0.1:
        tags.append("cost-programme-2026")
    if random.random() < 0.06:
        tags.append("regulatory")
    return tuple(tags)
