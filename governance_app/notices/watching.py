"""What a saved view held, and what of it changed since."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.http import QueryDict

from governance_app.domain import spelling
from governance_app.domain.risk import level_name
from governance_app.initiatives import choices, selectors
from governance_app.initiatives.addresses import filters_in
from governance_app.people.models import User
from governance_app.rollups import table

#: What is kept of each member, in this order; amounts are decimal texts, "" is unknown.
KEPT = ("name", "stage", "status", "risk", "spend_year", "validated_year")
_MONEY = {"spend_year": "spend this year", "validated_year": "validated this year"}
#: Members that are kept of a view; a wider one is followed by its first ones.
MOST = 10_000
_BLOCK = 1000

Members = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Changed:
    """What is different: sentences by initiative, those that came and went first."""

    came: tuple[str, ...]
    left: tuple[str, ...]
    moved: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.came or self.left or self.moved)

    @property
    def words(self) -> str:
        """Count what changed."""
        parts = [
            f"{len(rows)} {word}"
            for rows, word in ((self.came, "new"), (self.left, "gone"), (self.moved, "changed"))
            if rows
        ]
        return ", ".join(parts)

    @property
    def lines(self) -> tuple[str, ...]:
        return (*self.came, *self.left, *self.moved)


def members(*, viewer: User, query: str, on: dt.date) -> tuple[Members, str]:
    """Give what a view shows its reader now, by key, and the currency of the amounts."""
    get = QueryDict(query)
    rows = selectors.register(
        viewer=viewer,
        filters=filters_in(get, on=on),
        search=selectors.understand(viewer=viewer, text=get.get("q", "").strip()[:200]),
    )
    ids = list(rows.order_by("number").values_list("pk", flat=True)[:MOST])
    found: Members = {}
    currency = ""
    for start in range(0, len(ids), _BLOCK):
        block = ids[start : start + _BLOCK]
        now, money = table.present_and_money(viewer=viewer, initiatives=block)
        for row in rows.filter(pk__in=block).order_by("number"):
            figures, amounts = now.get(row.pk), money.get(row.pk)
            currency = currency or (amounts.currency if amounts else "")
            found[row.key] = [
                row.name,
                row.stage.name if row.stage else "",
                row.status,
                "" if figures is None or not figures.risk_count else str(figures.risk_level or 0),
                *(_amount(getattr(amounts, name, None)) for name in _MONEY),
            ]
    return found, currency


def _amount(given: Decimal | None) -> str:
    return "" if given is None else f"{given:.0f}"


def compare(
    before: Mapping[str, list[str]], now: Mapping[str, list[str]], currency: str
) -> Changed:
    """
    Compare two states of a view.

    >>> was = {"AI-1": ["One", "Pilot", "on_track", "", "100", ""]}
    >>> later = {"AI-1": ["One", "Scaling", "on_track", "", "100", ""], "AI-2": ["Two"] + [""] * 5}
    >>> changed = compare(was, later, "USD")
    >>> changed.came, changed.left, changed.moved
    (('AI-2 Two is new here.',), (), ('AI-1 One: stage Pilot, now Scaling.',))
    """
    came = [f"{key} {cells[0]} is new here." for key, cells in now.items() if key not in before]
    left = [
        f"{key} {cells[0]} is not here any more." for key, cells in before.items() if key not in now
    ]
    moved = []
    for key, cells in now.items():
        said = [
            f"{words} {_said(name, was, currency)}, now {_said(name, held, currency)}"
            for name, was, held in zip(KEPT, before.get(key, cells), cells, strict=True)
            if was != held and (words := _MONEY.get(name, name))
        ]
        if said:
            moved.append(f"{key} {cells[0]}: {'; '.join(said)}.")
    return Changed(tuple(came), tuple(left), tuple(moved))


def _said(name: str, held: str, currency: str) -> str:
    if not held:
        return "unknown"
    if name in _MONEY:
        return spelling.money(Decimal(held), currency)
    if name == "status":
        return str(choices.STATUSES.get(held, held)).lower()
    if name == "risk":
        return level_name(int(held) or None).lower()
    return held
