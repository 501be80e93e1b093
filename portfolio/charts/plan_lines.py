"""Initiatives laid out in time: stages, milestones, and what waits for what."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded, worded_count

_DAY_MS = 86_400_000
_NAME = 30
_COLOURS = {
    "idea": theme.BAND,
    "assessment": theme.RAMP[0],
    "pilot": theme.PROMISE,
    "scaling": theme.RAMP[1],
    "production": theme.RAMP[2],
}


@dataclass(frozen=True)
class Bar:
    """A time in one stage; ``slug`` blank is a plan ahead."""

    slug: str
    words: str
    start_on: dt.date
    end_on: dt.date


@dataclass(frozen=True)
class Stone:
    """A milestone: when it is due, and when it was reached."""

    name: str
    due_on: dt.date
    done_on: dt.date | None


@dataclass(frozen=True)
class Line:
    """One initiative with the address of its page and the keys of what it waits for."""

    key: str
    name: str
    url: str
    bars: Sequence[Bar]
    stones: Sequence[Stone]
    needs: Sequence[str]


def build(lines: Sequence[Line], *, on: dt.date) -> theme.Figure:
    """
    Draw one row per initiative, from the first day known to the last.

    Args:
        lines: top to bottom; a need of an initiative that is not among them draws no arrow.
        on: today; a milestone before it that was not reached is late.
    """
    title = worded("Stages, milestones and dependencies")
    subtitle = worded(
        "A bar is a stage, pale ahead of today; ◆ a milestone; an arrow leads to what waits"
    )
    first, last = _edges(lines, on)
    if first is None or last is None:
        return theme.empty(
            title=title, subtitle=subtitle, height="l",
            reason=worded(
                "None of these initiatives has a stage with a date, a plan or a milestone."
            ),
        )  # fmt: skip
    late = sum(s.done_on is None and s.due_on < on for line in lines for s in line.stones)
    if late:
        title = worded_count(
            "{count} milestone shown is late", "{count} milestones shown are late", count=late
        )
    places = {line.key: len(lines) - 1 - position for position, line in enumerate(lines)}
    shape, note = theme.marker_line(on.isoformat(), worded("today"))
    note |= {"yanchor": "bottom", "xanchor": "center", "xshift": 0}  # above the first bar
    height = "m" if len(lines) <= 6 else "xl" if len(lines) <= 14 else "xxl"
    months = _months(first, last)
    axis = theme.month_axis(months)
    return theme.figure(
        data=[*_bars(lines, places), _stones(lines, places, on)],
        title=title,
        subtitle=subtitle,
        sentence=_sentence(len(lines), first, last, late),
        table=(
            [worded("Initiative"), worded("What"), worded("From"), worded("To")],
            list(_rows(lines)),
        ),
        height=height,
        margin={"l": 236, "r": 14, "t": 22},
        hovermode="closest",
        barmode="overlay",
        bargap=0.45,
        xaxis={**axis, "showgrid": True, "gridcolor": theme.LINE},
        yaxis=_names(lines, _NAME),
        shapes=[shape],
        annotations=[note, *_arrows(lines, places)],
        narrow={"yaxis": _names(lines, 0), "margin": {"l": 62, "r": 8, "t": 22, "b": 38, "pad": 6}},
    )  # fmt: skip


def _sentence(count: int, first: dt.date, last: dt.date, late: int) -> str:
    shown = worded_count(
        "{count} initiative from {first} to {last}", "{count} initiatives from {first} to {last}",
        count=count, first=spelling.day(first), last=spelling.day(last),
    )  # fmt: skip
    behind = worded_count("{count} milestone late", "{count} milestones late", count=late)
    return f"{shown}; {behind}."


def _edges(lines: Sequence[Line], on: dt.date) -> tuple[dt.date | None, dt.date | None]:
    starts = [bar.start_on for line in lines for bar in line.bars]
    ends = [bar.end_on for line in lines for bar in line.bars]
    due = [stone.due_on for line in lines for stone in line.stones]
    if not starts and not due:
        return None, None
    return min([*starts, *due, on]), max([*ends, *due, on])


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return [*months, month]


def _bars(lines: Sequence[Line], places: dict[str, int]) -> list[dict[str, Any]]:
    by_colour: dict[str, list[tuple[int, Bar, str]]] = {}
    for line in lines:
        for bar in line.bars:
            colour = _COLOURS.get(bar.slug, theme.TOKENS["ramp-0"])
            by_colour.setdefault(colour, []).append((places[line.key], bar, line.name))
    return [
        {
            "type": "bar", "orientation": "h",
            "base": [bar.start_on.isoformat() for _y, bar, _name in found],
            "x": [max((bar.end_on - bar.start_on).days, 1) * _DAY_MS for _y, bar, _name in found],
            "y": [y for y, _bar, _name in found],
            "text": [
                f"{escape(name)}<br>{bar.words}, {spelling.day(bar.start_on)} – "
                f"{spelling.day(bar.end_on)}"
                for _y, bar, name in found
            ],
            "textposition": "none",
            "marker": {"color": colour, "line": {"color": theme.CONTROL, "width": 0.5}},
            "hovertemplate": "%{text}<extra></extra>",
        }
        for colour, found in by_colour.items()
    ]  # fmt: skip


def _stones(lines: Sequence[Line], places: dict[str, int], on: dt.date) -> dict[str, Any]:
    found = [(places[line.key], stone) for line in lines for stone in line.stones]
    late = [stone.done_on is None and stone.due_on < on for _y, stone in found]
    return {
        "type": "scatter", "mode": "markers",
        "x": [stone.due_on.isoformat() for _y, stone in found],
        "y": [y for y, _stone in found],
        "text": [_stone_words(stone, on) for _y, stone in found],
        "marker": {
            "symbol": ["diamond" if s.done_on else "diamond-open" for _y, s in found],
            "size": 9,
            "color": [theme.BAD if is_late else theme.INK for is_late in late],
        },
        "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _stone_words(stone: Stone, on: dt.date) -> str:
    words = f"{escape(stone.name)}<br>" + worded("due {day}", day=stone.due_on)
    if stone.done_on:
        return f"{words}, " + worded("reached {day}", day=stone.done_on)
    days = (on - stone.due_on).days
    return f"{words}, " + worded("{days} d late", days=days) if days > 0 else words


def _arrows(lines: Sequence[Line], places: dict[str, int]) -> list[dict[str, Any]]:
    """Point from the end of what is needed to the end of what waits for it."""
    ends = {line.key: max((bar.end_on for bar in line.bars), default=None) for line in lines}
    found = []
    for line in lines:
        for key in line.needs:
            start, end = ends.get(key), ends.get(line.key)
            if start is None or end is None:
                continue
            found.append(
                {
                    "x": end.isoformat(), "y": places[line.key], "ax": start.isoformat(),
                    "ay": places[key], "xref": "x", "yref": "y", "axref": "x", "ayref": "y",
                    "showarrow": True, "arrowhead": 2, "arrowsize": 1, "arrowwidth": 1.2,
                    "arrowcolor": theme.MUTED, "text": "",
                }
            )  # fmt: skip
    return found


def _names(lines: Sequence[Line], length: int) -> dict[str, Any]:
    text = []
    for line in reversed(lines):
        name = line.name if len(line.name) <= length else f"{line.name[: length - 1]}…"
        words = escape(f"{line.key} {name}" if length else line.key)
        text.append(f'<a href="{escape(line.url)}">{words}</a>')
    return {
        "tickmode": "array", "tickvals": list(range(len(lines))), "ticktext": text,
        "range": [-0.7, len(lines) - 0.3], "showgrid": False, "zeroline": False,
        "fixedrange": True, "ticks": "", "tickfont": {"color": theme.INK, "size": theme.TEXT_PX},
    }  # fmt: skip


def _rows(lines: Sequence[Line]) -> Any:
    for line in lines:
        name = f"{line.key} {line.name}"
        for bar in line.bars:
            yield [name, bar.words, bar.start_on.isoformat(), bar.end_on.isoformat()]
        for stone in line.stones:
            reached = stone.done_on.isoformat() if stone.done_on else ""
            yield [name, stone.name, stone.due_on.isoformat(), reached]
        for key in line.needs:
            yield [name, worded("waits for {key}", key=key), "", ""]
