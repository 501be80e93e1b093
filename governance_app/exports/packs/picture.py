"""The year as a picture for paper: lines that add up month by month, labelled where they end."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from governance_app.domain import spelling

WIDE, HIGH = 720, 215
#: Room for amounts at the left, names at the right, months below.
LEFT, RIGHT, TOP, BELOW = 52, 170, 10, 22
#: Labels of lines that end close to each other are moved this far apart.
APART = 14
_LINES = {"promised": ("Promised", "promise"), "validated": ("Validated", "valid"),
          "banked": ("Banked", "bank")}  # fmt: skip
_STEPS = (1, 2, 2.5, 5, 10)


def year_picture(months: Sequence[Mapping[str, Any]], currency: str) -> dict[str, Any] | None:
    """
    Lay the lines of a year out; None when nothing is known of it.

    Args:
        months: ``month`` and the three amounts as decimal texts, null where unknown.

    Returns:
        ``lines`` (name, css, points, label, x, y), ``ticks`` and ``months`` with places, and
        ``sentence``, which says what is drawn for those who do not see it.
    """
    sums = {name: _added_up([row[name] for row in months]) for name in _LINES}
    most = max((value for line in sums.values() for value in line), default=Decimal(0))
    if not months or most <= 0:
        return None
    top, step = _scale(float(most))
    span = max(len(months) - 1, 1)

    def x(place: int) -> float:
        return round(LEFT + (WIDE - LEFT - RIGHT) * place / span, 1)

    def y(value: float) -> float:
        return round(TOP + (HIGH - TOP - BELOW) * (1 - value / top), 1)

    lines: list[dict[str, Any]] = [
        {
            "name": words,
            "css": css,
            "points": " ".join(f"{x(n)},{y(float(v))}" for n, v in enumerate(sums[name])),
            "label": f"{words} {spelling.money(sums[name][-1], currency)}",
            "x": x(len(sums[name]) - 1),
            "y": y(float(sums[name][-1])),
        }
        for name, (words, css) in _LINES.items()
        if sums[name]
    ]
    _set_apart(lines)
    return {
        "wide": WIDE, "high": HIGH, "left": LEFT, "right": WIDE - RIGHT, "base": y(0),
        "lines": lines,
        "ticks": [
            {"y": y(step * n), "text": spelling.money(Decimal(str(step * n)), currency)}
            for n in range(round(top / step) + 1)
        ],
        "months": [
            {
                "x": x(n),
                "text": spelling.MONTHS[dt.date.fromisoformat(row["month"]).month - 1],
            }
            for n, row in enumerate(months)
        ],
        "sentence": f"Added up over the year: {', '.join(line['label'] for line in lines)}.",
    }  # fmt: skip


def _added_up(values: Sequence[str | None]) -> list[Decimal]:
    """Add up to the last known month; what is unknown before it adds nothing."""
    known = [place for place, value in enumerate(values) if value is not None]
    total, found = Decimal(0), []
    for value in values[: known[-1] + 1 if known else 0]:
        total += Decimal(value or 0)
        found.append(total)
    return found


def _scale(most: float) -> tuple[float, float]:
    """
    Give the top of an axis and the step of its ticks, four or five of them.

    >>> _scale(46.3), _scale(1)
    ((50.0, 10.0), (1.0, 0.25))
    """
    rough = most / 4
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * each for each in _STEPS if size * each >= rough - 1e-9)
    return step * math.ceil(most / step - 1e-9), step


def _set_apart(lines: list[dict[str, Any]]) -> None:
    """Move the labels of lines apart that end at nearly the same height."""
    last = -math.inf
    for line in sorted(lines, key=lambda each: each["y"]):
        line["label_y"] = max(line["y"] + 4, last + APART)
        last = line["label_y"]
