"""
Every initiative by residual risk and value still to come; the size is what it cost so far.

Ten thousand marks are too many for a drawing of vectors: ``static/js/map.js`` paints this on a
canvas. The words and the axes come from here, as everywhere.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portfolio.charts import spelling
from portfolio.charts.wording import said, worded, worded_count

LEVELS = ("Not assessed", "Very low", "Low", "Moderate", "High", "Very high")
_SPREAD = 0.38
_SMALLEST_PX, _LARGEST_PX = 3.0, 26.0
_TOLD = 20


@dataclass(frozen=True)
class Mark:
    """One initiative: risk level 0 (not assessed) to 5, amounts in one currency; None unknown."""

    key: str
    name: str
    stage: str
    level: int
    is_above: bool
    to_go: Decimal
    spend: Decimal | None


def build(marks: Sequence[Mark], *, currency: str, left_out: int) -> dict[str, Any]:
    """
    Lay out the map.

    Returns:
        ``marks``: columns x, y, radius, key, name, words, tone (0 usual, 1 above appetite),
        the large first, so that small ones are painted over them; ``x`` and ``y``: ticks and
        range, where y bends towards zero like a cube root, so that one large case does not
        press all others onto a line; ``title``, ``subtitle``, ``sentence``, ``table``.
    """
    ordered = sorted(marks, key=lambda mark: (-(mark.spend or 0), mark.key))
    most = max((float(mark.spend or 0) for mark in ordered), default=0.0)
    reach = [float(mark.to_go) for mark in ordered]
    low, high = min([0.0, *reach]), max([0.0, *reach])
    ticks = _ticks(low, high)
    return {
        "title": _title(marks, currency),
        "subtitle": worded(
            "Across: residual risk. Up: value still to come, {currency}, risk-adjusted,"
            " bent towards zero. Size: spend so far. A ring: above appetite.",
            currency=currency,
        ),
        "sentence": _sentence(marks, currency, left_out),
        "x": {"range": [-0.6, 5.6], "ticks": [[at, said(word)] for at, word in enumerate(LEVELS)]},
        "y": {
            "range": [_bend(low) * 1.08 - 0.02, _bend(high) * 1.08 + 0.02],
            "ticks": [
                [_bend(at), spelling.money(Decimal(str(at)), currency) if at else "0"]
                for at in ticks
            ],
        },
        "marks": {
            "x": [round(mark.level + _nudge(mark.key), 3) for mark in ordered],
            "y": [round(_bend(float(mark.to_go)), 4) for mark in ordered],
            "radius": [_radius(float(mark.spend or 0), most) for mark in ordered],
            "key": [mark.key for mark in ordered],
            "name": [mark.name[:80] for mark in ordered],
            "tone": [int(mark.is_above) for mark in ordered],
            "to_go": [spelling.money(mark.to_go, currency, plus=True) for mark in ordered],
            "spend": [
                worded("unknown") if mark.spend is None else spelling.money(mark.spend, currency)
                for mark in ordered
            ],
        },
        "table": _table(ordered, currency),
    }


def _title(marks: Sequence[Mark], currency: str) -> str:
    above = [mark for mark in marks if mark.is_above]
    if not above or not marks:
        return worded("Residual risk against value to go")
    total = sum((mark.to_go for mark in marks if mark.to_go > 0), Decimal(0))
    risky = sum((mark.to_go for mark in above if mark.to_go > 0), Decimal(0))
    if not total:
        return worded("Residual risk against value to go")
    share = spelling.percent(risky / total)
    return worded("{share} of the value still to come is above risk appetite", share=share)


def _sentence(marks: Sequence[Mark], currency: str, left_out: int) -> str:
    if not marks:
        return worded("No initiative here has a known value to go.")
    losing = sum(mark.to_go < 0 for mark in marks)
    above = sum(mark.is_above for mark in marks)
    words = worded_count(
        "{count} initiative: {above} above appetite, {losing} with less value to come than cost.",
        "{count} initiatives: {above} above appetite, {losing} with less value to come than cost.",
        count=len(marks), above=above, losing=losing,
    )  # fmt: skip
    if left_out:
        words += " " + worded(
            "Left out, because no value to go is known: {left_out}.", left_out=left_out
        )
    return words


def _table(ordered: Sequence[Mark], currency: str) -> dict[str, Any]:
    """List the largest by what they still bring or lose; the table view has them all."""
    told = sorted(ordered, key=lambda mark: (-abs(mark.to_go), mark.key))[:_TOLD]
    return {
        "head": [
            worded("Initiative"), worded("Residual risk"),
            worded("To go, {currency}", currency=currency),
            worded("Spend, {currency}", currency=currency),
        ],
        "rows": [
            {
                "key": mark.key, "name": mark.name, "risk": said(LEVELS[mark.level]),
                "is_above": mark.is_above, "to_go": mark.to_go, "spend": mark.spend,
            }
            for mark in told
        ],
    }  # fmt: skip


def _bend(amount: float) -> float:
    """
    Give a height that keeps sign and order and presses large amounts together.

    >>> _bend(-8.0), _bend(0.0), _bend(27.0)
    (-2.0, 0.0, 3.0)
    """
    root = abs(amount) ** (1 / 3)
    return round(root if amount >= 0 else -root, 6)


def _ticks(low: float, high: float) -> list[float]:
    """Give zero and the powers of ten on the way to both ends, at most four to a side."""
    found = [0.0]
    for end in (low, high):
        size, at = abs(end), 1.0
        while at * 10 <= size:
            at *= 10
        steps = [at, at / 10, at / 100] if size >= 1 else []
        if size >= at * 4:
            steps.insert(0, at * 4)
        found += [step if end > 0 else -step for step in steps if step >= 1]
    least = max(abs(low), abs(high)) / 500  # nearer to zero their words would touch
    return sorted({tick for tick in found if not tick or abs(tick) >= least})


def _nudge(key: str) -> float:
    """Spread marks of one level sideways, each always to the same place."""
    return ((zlib.crc32(key.encode()) % 2001) / 1000 - 1) * _SPREAD


def _radius(spend: float, most: float) -> float:
    """Give a radius whose area is in proportion to spend, never too small to point at."""
    if most <= 0 or spend <= 0:
        return _SMALLEST_PX
    return round(max(_SMALLEST_PX, _LARGEST_PX * (spend / most) ** 0.5), 1)
