"""
The figures of a board pack, read once and kept as JSON.

Everything comes from the selectors of the pages, for a day as it was known at a moment, so that
a pack and the pages of that day say the same and both can be read again.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from governance_app.domain import spelling
from governance_app.domain.risk import level_name
from governance_app.exports.packs.inventory import inventory
from governance_app.people.models import ScopeNode, User
from governance_app.rollups import selectors as rollups
from governance_app.rollups.selectors import passports

DECIDING, CHANGES = 8, 4
#: Figures of the headline: name -> words.
FIGURES = {
    "promised": "Promised, year to date",
    "validated": "Validated by finance",
    "banked": "Reached the bank",
    "spend": "Spent, year to date",
    "budget": "Budget, year to date",
    "forecast_full_year": "Forecast for the year",
    "roi_validated": "Return on validated benefits",
    "awaiting_validation": "Waits for validation",
}
SECTIONS = {
    "value": "Are we getting what was promised?",
    "spend": "What do we spend?",
    "deciding": "What decides the year",
    "risk": "Is it safe?",
    "inventory": "What regulators count",
    "changes": "What changed",
    "restated": "What was restated",
    "actions": "Actions",
}


def read(
    *, viewer: User, node: ScopeNode, on: dt.date, known_at: dt.datetime, since: dt.date
) -> dict[str, Any]:
    """
    Read the content of a pack.

    Returns:
        JSON: ``currency``, ``year``, ``through``, ``figures`` (name, words, text, value, reason,
        passport), ``months`` (the year, month by month), ``units``, ``deciding``, ``risk``,
        ``inventory``, ``changes``. Amounts are decimal texts; null is unknown.
    """
    at = rollups.Moment(on, known_at)
    where = node if node.parent_id else None
    headline = rollups.home_headline(viewer=viewer, as_of=at, since=since, node=where)
    money = headline.money
    year = rollups.cumulative_year(viewer=viewer, as_of=at, node=where)
    content: dict[str, Any] = {
        "currency": at.currency,
        "year": headline.year_label,
        "through": headline.through.isoformat(),
        "initiatives": headline.initiatives,
        "in_production": headline.in_production,
        "pilots": headline.pilots,
        "past_time_box": headline.past_time_box,
        "figures": [],
        "months": [],
        "units": [],
        "deciding": [],
        "risk": _risk(viewer, at, where),
        "inventory": inventory(viewer=viewer, at=known_at, node=where),
        "changes": _changes(viewer, at, since, where),
    }
    if money is not None:
        content["figures"] = [
            _figure(name, words, getattr(money, name), money.currency, viewer, at)
            for name, words in FIGURES.items()
        ]
        content["units"] = _units(viewer, at, where)
        content["deciding"] = _deciding(viewer, at, where)
    if year is not None:
        content["months"] = [
            {
                name: value.isoformat() if name == "month" else _text(value)
                for name, value in row.items()
                if name in ("month", "promised", "validated", "banked", "spend", "budget")
            }
            for row in year.frame.to_dict("records")
        ]
    return content


def _figure(
    name: str, words: str, shown: rollups.Shown, currency: str, viewer: User, at: rollups.Moment
) -> dict[str, Any]:
    is_ratio = name == "roi_validated"
    value = shown.value
    if value is None:
        text = shown.reason
    elif is_ratio:
        text = spelling.percent(value, plus=True)
    else:
        text = spelling.money(value, currency)
    return {
        "name": name, "words": words, "text": text, "value": _text(value),
        "reason": shown.reason, "passport": _passport(shown, viewer, at),
    }  # fmt: skip


def _passport(shown: rollups.Shown, viewer: User, at: rollups.Moment) -> list[str]:
    """Say where a figure comes from, for the notes of its slide."""
    try:
        found = passports.passport(
            figure=shown.figure, subject=shown.subject, viewer=viewer, as_of=at
        )
    except passports.NoPassport:
        return []
    said = [f"{found.title}: {found.formula}"]
    said += [f"{line.label}: {written(line)}" for line in found.lines[:12]]
    said += [f"Left out: {one}" for one in found.left_out[:5]]
    said += [one for one in (found.completeness, found.confidence, found.stale) if one]
    return said


def written(line: passports.Line) -> str:
    """Write an input of a passport in full: nothing of it is rounded away."""
    value = line.value
    if value is None:
        return line.reason or "unknown"
    if line.currency and isinstance(value, Decimal):
        return spelling.money_exact(value, line.currency)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _units(viewer: User, at: rollups.Moment, node: ScopeNode | None) -> list[dict[str, Any]]:
    return [
        {"name": row.name, "actual": _text(row.actual), "budget": _text(row.budget)}
        for row in rollups.spend_by_unit(
            viewer=viewer, as_of=at, node=node, first=at.window.year_first, last=at.through
        )
    ]


def _deciding(viewer: User, at: rollups.Moment, node: ScopeNode | None) -> list[dict[str, Any]]:
    return [
        {
            "key": row.key, "name": row.name, "stage": row.stage_name, "owner": row.owner,
            "spend": _text(row.spend), "promised": _text(row.promised),
            "validated": _text(row.validated), "to_go": _text(row.to_go),
            "risk": level_name(row.risk_level), "is_above": bool(row.risk_above_appetite),
        }
        for row in rollups.deciding_initiatives(
            viewer=viewer, as_of=at, limit=DECIDING, node=node
        )
    ]  # fmt: skip


def _changes(
    viewer: User, at: rollups.Moment, since: dt.date, node: ScopeNode | None
) -> list[dict[str, Any]]:
    found = rollups.changes_since(viewer=viewer, as_of=at, since=since, per_kind=CHANGES, node=node)
    return [
        {
            "key": line.key, "name": line.name, "on": line.on.isoformat(),
            "is_good": line.is_good,
            "sentence": line.sentence
            if line.amount is None
            else f"{spelling.money(line.amount, line.currency, plus=True)} {line.sentence}",
        }
        for line in found.lines
    ]  # fmt: skip


def _risk(viewer: User, at: rollups.Moment, node: ScopeNode | None) -> dict[str, Any]:
    """Count initiatives by their worst residual level, as was known at the moment."""
    counts: Counter[int | None] = Counter()
    above = 0
    for level, over in rollups.risk_levels(viewer=viewer, as_of=at, node=node):
        counts[level] += 1
        above += bool(over)
    levels = sorted(counts, key=lambda level: -1 if level is None else level, reverse=True)
    return {
        "levels": [{"name": level_name(level), "count": counts[level]} for level in levels],
        "above": above,
    }


def restated(
    before: Iterable[dict[str, Any]], now: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """
    Compare the months that two packs tell: what the later one says differently.

    Args:
        before, now: ``months`` of their contents.

    Returns:
        month, figure, before and now as decimal texts; what was unknown before is news, not
        restated.

    >>> restated([{"month": "2026-09-01", "spend": "5"}], [{"month": "2026-09-01", "spend": "7"}])
    [{'month': '2026-09-01', 'figure': 'spend', 'before': '5', 'now': '7'}]
    """
    known = {row["month"]: row for row in before}
    found = []
    for row in now:
        earlier = known.get(row["month"], {})
        for name, value in row.items():
            was = earlier.get(name)
            if name == "month" or was is None or value is None or Decimal(was) == Decimal(value):
                continue
            found.append({"month": row["month"], "figure": name, "before": was, "now": value})
    return found


def _text(value: Any) -> str | None:
    """Write a value of a frame or figure as JSON keeps it; NaN is unknown."""
    if value is None or value != value:
        return None
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
