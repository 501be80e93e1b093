"""
Makes messy inventories: the traps of real ones, in invented organisations.

Everything follows from the seed, and each file comes with what is true about it, so that a
test can compare counts instead of trusting the importer.
"""

import csv
import io
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import xlsxwriter

#: Eleven spellings of a stage and what they mean here.
STAGE_SPELLINGS = {
    "Operations and Maintenance": "production",
    "In production": "production",
    "In mission": "production",
    "Acquisition / Development": "assessment",
    "Initiated": "idea",
    "Planned": "idea",
    "Ideation": "idea",
    "Implementation & Assessment": "pilot",
    "Pilot ": "pilot",
    "Retired": "retired",
    "Research complete": "retired",
}
_UNITS = {
    "Ministry of Harbours": ("MOH", ["Pilotage Office", "Dredging Bureau", "N/A", ""]),
    "Ministry of Seeds": ("MOS", ["Vault Office", "Germination Bureau", "Field Trials – North"]),
    "Bureau of Weather": ("BOW", ["Radar", "Balloons ", "  Balloons"]),
}
_VERBS = ["Sort", "Forecast", "Detect", "Summarise", "Match", "Route", "Translate", "Rank"]
_THINGS = ["manifests", "permits", "germination rates", "storm cells", "complaints", "invoices"]
_PURPOSES = [
    "Reads what arrives and says where it belongs.\nSaves “two days” of sorting a week.",
    "Finds the odd ones among thousands, so that people look at those first — and only those.",
    'Answers in the words of the rule book; "quotes" the paragraph.',
]


@dataclass
class Messy:
    """A messy inventory: its cells, and what an honest importer must find in it."""

    header: list[str]
    rows: list[list[str]]
    stages: Counter[str] = field(default_factory=Counter)
    units: set[tuple[str, ...]] = field(default_factory=set)
    repeats: int = 0
    bad_dates: int = 0

    def csv(self, *, encoding: str = "windows-1252", delimiter: str = ",") -> bytes:
        """Write it as delimited text in an encoding."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return out.getvalue().encode(encoding)

    def xlsx(self, *, above: list[str] | None = None) -> bytes:
        """Write it as a workbook, with lines above the header and a sheet that is not it."""
        out = io.BytesIO()
        book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
        notes = book.add_worksheet("Read me")
        notes.write(0, 0, "This workbook lists everything we know.")
        sheet = book.add_worksheet("Inventory")
        for number, line in enumerate(above or []):
            sheet.write(number, 0, line)
        start = len(above or [])
        for number, record in enumerate([self.header, *self.rows], start=start):
            for column, cell in enumerate(record):
                sheet.write_string(number, column, cell)
        book.close()
        return out.getvalue()


def messy(*, rows: int = 60, seed: int = 7) -> Messy:
    """
    Make an inventory with the traps of public ones.

    Eleven spellings of a stage, dates in many shapes and one wrong century, N/A and blanks,
    units with stray spaces, rows that repeat word for word, headers that repeat, cells with line
    breaks, quotes and typographic marks, and text that begins like a formula.
    """
    chance = random.Random(seed)
    made = Messy(
        header=[
            "Use Case Title", "Agency", "Agency Abbreviation", "Bureau", "Topic",
            "What is the purpose of the system?", "Stage of Development", "Date Initiated",
            "Date Implemented", "Date Retired", "Developed in-house or under contract?",
            "Does it involve personal data (PII)?", "If other, please explain.",
            "If other, please explain.", "Contact",
        ],
        rows=[],
    )  # fmt: skip
    for number in range(rows):
        if number and number % 15 == 0:
            made.rows.append(list(made.rows[-1]))
            made.stages[STAGE_SPELLINGS.get(made.rows[-1][6], "")] += 1
            made.repeats += 1
            continue
        agency = chance.choice(list(_UNITS))
        code, bureaus = _UNITS[agency]
        bureau = chance.choice(bureaus)
        spelling = "" if number == 5 else chance.choice(list(STAGE_SPELLINGS))
        started = date(2021, 1, 1) + timedelta(days=chance.randrange(1200))
        bad = number % 20 == 3
        made.bad_dates += bad
        made.rows.append(
            [
                f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} {number}",
                agency + (" " if number % 9 == 0 else ""),
                code,
                bureau,
                chance.choice(["Operations", "Science & Space", "Other; Operations"]),
                chance.choice(_PURPOSES),
                spelling,
                "7/14/1905" if bad else _written(started, number),
                chance.choice(["N/A", "", " ", "TBD", _written(started, 0)]),
                "NA",
                chance.choice(
                    ["Developed in-house.", "Developed with contracting resources.", "N/A", ""]
                ),
                chance.choice(["Yes", "NO", "No", "N/A", ""]),
                "=1+1" if number == 2 else "",
                chance.choice(["", "The “old” system"]),
                "",
            ]
        )
        made.stages[STAGE_SPELLINGS.get(spelling, "")] += 1
        made.units.add((agency,))
        if bureau.strip() not in {"", "N/A"}:
            made.units.add((agency, bureau.strip()))
    return made


def corporate(*, rows: int = 40, seed: int = 11) -> Messy:
    """Make an inventory of a company: other columns, other words, day-first dates, money."""
    chance = random.Random(seed)
    phases = {
        "Backlog": "idea", "Feasibility": "assessment", "PoC": "pilot", "Roll-out": "scaling",
        "Live": "production", "Decommissioned": "retired",
    }  # fmt: skip
    made = Messy(
        header=[
            "ID", "Project name", "Division", "Team", "Phase", "RAG", "Go-live date",
            "Expected annual benefit", "Product owner", "Supplier", "Hosting", "Technique",
        ],
        rows=[],
    )  # fmt: skip
    for number in range(1, rows + 1):
        division = chance.choice(["Retail", "Logistics"])
        team = chance.choice(["Pricing", "Stores", "Fleet"])
        phase = chance.choice(list(phases))
        live = date(2023, 1, 20) + timedelta(days=chance.randrange(900))
        made.rows.append(
            [
                f"P-{number:04d}", f"{chance.choice(_VERBS)} {chance.choice(_THINGS)} {number}",
                division, team, phase, chance.choice(["Green", "Amber", "Red", ""]),
                live.strftime("%d.%m.%Y"),
                chance.choice(["€ 1.250.000,50", "0,8 Mio €", "k.A.", ""]),
                chance.choice(["ada@example.com", "Nobody Known"]), chance.choice(["Contoso", "–"]),
                chance.choice(["Cloud", "On-premises", "Edge"]),
                chance.choice(["LLM", "Machine learning", "Computer vision"]),
            ]
        )  # fmt: skip
        made.stages[phases[phase]] += 1
        made.units |= {(division,), (division, team)}
    return made


def _written(day: date, number: int) -> str:
    """Write a day in one of the shapes people use, all month first where it matters."""
    shapes: list[Any] = [
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month}/{day.day}/{day.year}",
        day.isoformat(),
        day.strftime("%b %Y"),
        f"{day.isoformat()} (first formal action)",
    ]
    return str(shapes[number % len(shapes)])
