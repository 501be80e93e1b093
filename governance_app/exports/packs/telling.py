"""The words of a board pack: titles that state what the figures say, or plain ones."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain import spelling
from governance_app.exports.packs.reading import SECTIONS

_HEADS = {
    "inventory": ("Scheme", "Tier", "Initiatives"),
    "changes": ("When", "Initiative", "What"),
    "restated": ("Month", "Figure", "Last pack", "Now"),
    "actions": ("What", "Who", "Due", "State"),
}
_WIDTHS = {
    "inventory": (40, 40, 20),
    "changes": (12, 30, 58),
    "restated": (16, 20, 20, 20),
    "actions": (50, 18, 14, 30),
}
_NOTHING = {
    "inventory": "The inventory was not kept when this pack was begun.",
    "changes": "Nothing that counts has changed.",
    "restated": "No month that the last pack showed has another figure now.",
    "actions": "No action is open.",
}


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a pack shows: its figures, people's words, and rows ready for tables."""

    title: str
    subtitle: str
    signed: str
    source: str
    written_by: str
    made_at: dt.datetime
    content: dict[str, Any]
    words: Mapping[str, str]
    restated: Sequence[Sequence[str]]
    actions: Sequence[Sequence[str]]
    widths: Mapping[str, Sequence[int]] = field(default_factory=lambda: _WIDTHS)
    heads: Mapping[str, Sequence[str]] = field(default_factory=lambda: _HEADS)
    nothing: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def changes(self) -> list[list[str]]:
        """What changed, as rows."""
        return [
            [
                spelling.day(dt.date.fromisoformat(row["on"])),
                f"{row['key']} {row['name']}",
                row["sentence"],
            ]
            for row in self.content["changes"]
        ]

    @property
    def inventory(self) -> list[list[str]]:
        """How many initiatives each scheme puts into which tier, as rows."""
        return [
            [scheme["name"], tier["name"], str(tier["count"])]
            for scheme in self.content.get("inventory", ())
            for tier in scheme["tiers"]
            if tier["count"]
        ]

    @property
    def gravest(self) -> list[list[str]]:
        """The initiatives that carry most duties: scheme and tier, initiative."""
        return [
            [f"{scheme['name']}: {row['tier']}", f"{row['key']} {row['name']}"]
            for scheme in self.content.get("inventory", ())
            for row in scheme["named"]
        ]

    @property
    def headline(self) -> list[str]:
        """The few sentences a board remembers."""
        found = {row["name"]: row for row in self.content["figures"]}
        lines = []
        if {"promised", "validated", "banked"} <= found.keys():
            lines.append(
                f"{found['promised']['text']} promised, {found['validated']['text']} validated,"
                f" {found['banked']['text']} banked."
            )
        if {"spend", "budget"} <= found.keys():
            lines.append(
                f"{found['spend']['text']} spent against a budget of {found['budget']['text']}."
            )
        lines.append(
            f"{spelling.plural(self.content['initiatives'], 'initiative')},"
            f" {self.content['in_production']} in production,"
            f" {spelling.plural(self.content['past_time_box'], 'pilot')} past the time box."
        )
        return lines


def title_of(section: str, told: Told) -> str:
    """Give the title of a section: what its figures say where they say it, else plain words."""
    content = told.content
    found = {row["name"]: row for row in content["figures"]}
    currency = content["currency"]
    if section == "value":
        promised, validated = (_amount(found.get(one)) for one in ("promised", "validated"))
        if promised and validated is not None:
            share = spelling.percent(validated / promised)
            return f"Finance validated {share} of what was promised"
    if section == "spend":
        spent, budget = (_amount(found.get(one)) for one in ("spend", "budget"))
        if spent is not None and budget:
            gap = spent - budget
            side = "over" if gap > 0 else "under"
            return f"Spend is {spelling.money(abs(gap), currency)} {side} budget"
    if section == "risk":
        above = content["risk"]["above"]
        if content["risk"]["levels"]:
            verb = "stands" if above == 1 else "stand"
            return f"{spelling.plural(above, 'initiative')} {verb} above risk appetite"
    if section == "inventory" and told.gravest:
        return _gravest(content["inventory"])
    if section == "restated" and told.restated:
        return f"{spelling.plural(len(told.restated), 'figure')} of earlier months restated"
    return SECTIONS[section]


def _gravest(schemes: Sequence[Mapping[str, Any]]) -> str:
    """Say how many initiatives stand in the gravest tiers of the first scheme that has any."""
    scheme = next(one for one in schemes if one["named"])
    grave = {row["tier"] for row in scheme["named"]}
    counts = [
        f"{tier['count']} {tier['name'].lower()}"
        for tier in scheme["tiers"]
        if tier["name"] in grave
    ]
    return f"{spelling.listed(counts)} under the {scheme['name']}"


def _amount(row: Mapping[str, Any] | None) -> Decimal | None:
    return Decimal(row["value"]) if row and row["value"] is not None else None


def amount(value: str | None, currency: str) -> str:
    """Write an amount of a pack; null is unknown."""
    return "unknown" if value is None else spelling.money(Decimal(value), currency)
