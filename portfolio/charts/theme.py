"""The one look of every chart: colours, axes, labels, and the shape of a figure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from portfolio.charts import spelling

Figure = dict[str, Any]

# Light values of static/css/tokens.css. The browser swaps each for the current
# theme's value by its name, so a figure is drawn once and fits both themes.
TOKENS = {
    "ink": "#16191d",
    "muted": "#666d76",
    "line": "#e6e6e2",
    "page": "#fbfbfa",
    "panel": "#ffffff",
    "band": "#dfe1e0",
    "good": "#1f6fb2",
    "bad": "#c2570c",
    "ramp-0": "#f0f0ec",
    "ramp-1": "#b9c7d8",
    "ramp-2": "#6d93bd",
    "ramp-3": "#204f8d",
    "promise": "#9bb6d2",
    "budget": "#7c828a",
    "control": "#8b9198",
}
INK, MUTED, LINE = TOKENS["ink"], TOKENS["muted"], TOKENS["line"]
GOOD, BAD, BAND = TOKENS["good"], TOKENS["bad"], TOKENS["band"]
PROMISE, BUDGET, CONTROL = TOKENS["promise"], TOKENS["budget"], TOKENS["control"]
RAMP = (TOKENS["ramp-1"], TOKENS["ramp-2"], TOKENS["ramp-3"])
SERIES = (TOKENS["ramp-3"], TOKENS["ramp-2"], TOKENS["ramp-1"], BUDGET, BAND, MUTED)

FONT = "Inter, Helvetica Neue, Arial, sans-serif"
TEXT_PX = 11
HEIGHTS = {"s": 176, "m": 264, "l": 320, "xl": 416, "xxl": 720}


@dataclass(frozen=True)
class Label:
    """Words at the end of a line, in place of a legend entry."""

    y: float
    text: str
    colour: str = MUTED
    second: str = ""
    strong: bool = True
    x: str | None = None


def values(column: Sequence[object]) -> list[float | None]:
    """Give a column as plain floats; unknown is None, so the line has a gap."""
    plain = (None if v is None else float(v) for v in column)  # type: ignore[arg-type]
    return [None if v is None or math.isnan(v) else v for v in plain]


def running(column: Sequence[object]) -> list[float | None]:
    """
    Add up a column; before the first and after the last known value the sum is unknown.

    >>> running([None, 1.0, None, 2.0, None])
    [None, 1.0, 1.0, 3.0, None]
    """
    plain = values(column)
    known = [i for i, v in enumerate(plain) if v is not None]
    if not known:
        return [None] * len(plain)
    total, out = 0.0, []
    for position, value in enumerate(plain):
        total += value or 0.0
        out.append(total if known[0] <= position <= known[-1] else None)
    return out


def last(column: Sequence[float | None]) -> tuple[int, float] | None:
    """Give position and value of the last known entry, or None."""
    for position in range(len(column) - 1, -1, -1):
        value = column[position]
        if value is not None:
            return position, value
    return None


def iso(months: Sequence[date]) -> list[str]:
    """Give days as text for a date axis."""
    return [date(m.year, m.month, m.day).isoformat() for m in months]


def ticks(low: float, high: float, most: float = 4.5) -> list[float]:
    """
    Choose round positions that cover low to high in at most ``most`` steps.

    >>> ticks(0, 63_200_000), ticks(0, 3.3)
    ([0.0, 20000000.0, 40000000.0, 60000000.0, 80000000.0], [0.0, 1.0, 2.0, 3.0, 4.0])
    """
    if high <= low:
        high = low + 1
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * f for f in (1, 2, 2.5, 5, 10) if power * f >= rough)
    first, final = math.floor(low / step), math.ceil(high / step - 1e-9)
    return [n * step for n in range(first, final + 1)]


def money_axis(low: float, high: float, currency: str) -> dict[str, Any]:
    """Give a value axis whose ticks read as money."""
    at = ticks(low, high)
    text = [spelling.money(v, currency) if v else "0" for v in at]
    sign = spelling.decimal_sign()
    if all(f"{sign}0" in t for t in text if sign in t):
        text = [t.replace(f"{sign}0", "") for t in text]
    return value_axis(at, text, low, high)


def number_axis(low: float, high: float, unit: str) -> dict[str, Any]:
    """Give a value axis whose top tick names the unit."""
    at = ticks(low, high)
    step = at[1] - at[0]
    places = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    if places == 0 and step % 1:
        places = 1
    text = [spelling.plain(v, places) for v in at]
    if unit == "%":
        text = [f"{t}%" for t in text]
    elif unit and text:
        text[-1] = f"{text[-1]} {unit}"
    return value_axis(at, text, low, high)


def percent_axis(low: float, high: float) -> dict[str, Any]:
    """Give a value axis for ratios, 0.25 written as 25%."""
    at = ticks(low, high, 2.5)
    places = 0 if all(abs(v * 100 - round(v * 100)) < 1e-9 for v in at) else 1
    return value_axis(at, [spelling.percent(v, places) for v in at], low, high)


def value_axis(at: list[float], text: list[str], low: float, high: float) -> dict[str, Any]:
    """Give the vertical axis: light grid, no line, ticks as given."""
    pad = (max(high, at[-1] if at[-1] <= high * 1.02 else high) - min(low, 0)) * 0.03
    return {
        "tickmode": "array",
        "tickvals": at,
        "ticktext": text,
        "range": [min(low, 0.0) if low >= 0 else low - pad, high + pad],
        "gridcolor": LINE,
        "gridwidth": 1,
        "zeroline": True,
        "zerolinecolor": CONTROL,
        "zerolinewidth": 1.2,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "automargin": True,
        "tickfont": {"color": MUTED, "size": TEXT_PX},
    }


def month_axis(months: Sequence[date], *, pad_days: int = 0) -> dict[str, Any]:
    """
    Give a horizontal axis of months: each one for a year, fewer when there are more.

    Args:
        months: in order, none left out.
        pad_days: room before the first and after the last, for bars.
    """
    edge = timedelta(days=pad_days or (20 if len(months) == 1 else 0))
    every = 1 if len(months) <= 13 else 3 if len(months) <= 30 else 6 if len(months) <= 48 else 12
    if every == 1:
        chosen = list(months)
    else:
        chosen = [m for m in months if (m.month - 1) % every == 0]
    several_years = len({m.year for m in months}) > 1
    text = []
    for position, on in enumerate(chosen):
        name = spelling.month_name(on)
        year_shown = several_years and (on.month == 1 or position == 0)
        text.append(f"{name}<br>{on.year}" if year_shown else name)
    return {
        "type": "date",
        "range": iso([months[0] - edge, months[-1] + edge]),
        "tickmode": "array",
        "tickvals": iso(chosen),
        "ticktext": text,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "tickangle": 0,
        "tickfont": {"color": MUTED, "size": TEXT_PX},
    }


def line(
    x: Sequence[object],
    y: Sequence[float | None],
    *,
    name: str,
    colour: str,
    width: float = 2,
    dash: str = "solid",
    text: Sequence[str | None] = (),
) -> dict[str, Any]:
    """Give one line; a gap stays a gap."""
    trace = {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(x),
        "y": list(y),
        "line": {"color": colour, "width": width, "dash": dash},
        "connectgaps": False,
        "hovertemplate": "%{text}<extra></extra>" if text else "%{y}<extra></extra>",
    }
    if text:
        trace["text"] = [t or "" for t in text]
    return trace


def end_labels(
    labels: Sequence[Label],
    *,
    x: str,
    low: float,
    high: float,
    height: int,
    short_words: bool = False,
) -> list[dict[str, Any]]:
    """
    Place words beside line ends so that none covers another.

    Args:
        labels: in any order; y in axis units.
        x: ISO day where the lines end, unless a label has its own.
        low, high: the axis range.
        height: pixels of the drawing area.
        short_words: leave second lines out, for narrow screens.
    """
    pixels = height / (high - low or 1)
    placed = sorted(labels, key=lambda one: -one.y)
    sizes = [15.0 * (2 if one.second and not short_words else 1) for one in placed]
    wishes = [(high - one.y) * pixels - 7 for one in placed]
    notes = []
    for one, top in zip(placed, _spread(wishes, sizes, height + 8), strict=True):
        rows = [(one.text, one.colour, 600 if one.strong else 400)]
        if one.second and not short_words:
            rows.append((one.second, MUTED, 400))
        for number, (words, colour, weight) in enumerate(rows):
            offset = (high - one.y) * pixels - (top + 7 + 14 * number)
            notes.append(
                {
                    "x": one.x or x,
                    "y": one.y,
                    "xref": "x",
                    "yref": "y",
                    "xanchor": "left",
                    "yanchor": "middle",
                    "xshift": 7,
                    "yshift": round(offset, 1),
                    "align": "left",
                    "showarrow": False,
                    "text": words,
                    "font": {"color": colour, "size": TEXT_PX, "weight": weight},
                    "bgcolor": TOKENS["page"],  # a line that passes behind does not strike it out
                    "borderpad": 0,
                }
            )
    return notes


def _spread(wishes: Sequence[float], sizes: Sequence[float], bottom: float) -> list[float]:
    """
    Give tops near the wished ones, downwards, none overlapping and none below ``bottom``.

    >>> _spread([0.0, 5.0, 190.0], [15.0, 15.0, 15.0], 200.0)
    [0.0, 15.0, 185.0]
    """
    tops: list[float] = []
    for wish, size_before in zip(wishes, [0.0, *sizes], strict=False):
        floor = tops[-1] + size_before if tops else -2.0
        tops.append(max(wish, floor))
    edge = bottom
    for position in range(len(tops) - 1, -1, -1):
        tops[position] = min(tops[position], edge - sizes[position])
        edge = tops[position]
    return tops


def marker_line(x: str, words: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give a vertical hairline with its words, such as the as-of day."""
    shape = {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": x,
        "x1": x,
        "y0": 0,
        "y1": 1,
        "line": {"color": LINE, "width": 1},
        "layer": "below",
    }
    note = {
        "x": x,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "top",
        "xshift": -5,
        "showarrow": False,
        "text": words,
        "font": {"color": MUTED, "size": TEXT_PX},
    }
    return shape, note


def figure(
    *,
    data: Sequence[Mapping[str, Any]],
    title: str,
    subtitle: str,
    sentence: str,
    table: tuple[Sequence[str], Sequence[Sequence[object]]],
    height: str = "m",
    margin: Mapping[str, int] | None = None,
    narrow: Mapping[str, Any] | None = None,
    **layout: Any,
) -> Figure:
    """
    Put a picture together.

    Args:
        data: Plotly traces as plain dicts.
        title: the finding, or plain words when there is none.
        subtitle: measure, unit and period.
        sentence: what a reader who cannot see the picture is told.
        table: head and rows, exactly the spelling that are drawn.
        height: a name of ``HEIGHTS``; the page holds that space before the picture arrives.
        narrow: layout parts that replace others below 520 px.
        **layout: more Plotly layout.

    Returns:
        A plain dict that ``plotly.graph_objects.Figure`` accepts; words and table travel in
        ``layout.meta``, because the page sets them as text, not as part of the picture.
    """
    head, rows = table
    two_lines = any("<br>" in t for t in layout.get("xaxis", {}).get("ticktext", ()))
    edges = {"l": 8, "r": 8, "t": 8, "b": 38 if two_lines else 26, "pad": 6, **(margin or {})}
    return {
        "data": [dict(trace) for trace in data],
        "layout": {
            "height": HEIGHTS[height],
            "margin": edges,
            "paper_bgcolor": TOKENS["page"],
            "plot_bgcolor": TOKENS["page"],
            "font": {"family": FONT, "size": TEXT_PX, "color": INK},
            "showlegend": False,
            "hovermode": "x unified",
            "dragmode": False,
            "hoverlabel": {
                "bgcolor": TOKENS["panel"],
                "bordercolor": LINE,
                "font": {"family": FONT, "size": 12, "color": INK},
            },
            **layout,
            "meta": {
                "title": title,
                "subtitle": subtitle,
                "sentence": sentence,
                "height": height,
                "table": {"head": list(head), "rows": [list(row) for row in rows]},
                "narrow": _thinned(layout) | dict(narrow or {}),
                "tokens": {value: name for name, value in TOKENS.items()},
            },
        },
    }


def _thinned(layout: Mapping[str, Any]) -> dict[str, Any]:
    """Keep at most six of the horizontal axis's words for a narrow screen."""
    axis = layout.get("xaxis", {})
    every = math.ceil(len(axis.get("tickvals", ())) / 6)
    if every < 2:
        return {}
    if len(axis["tickvals"]) in (12, 13):
        every = 3
    words = {"tickvals": axis["tickvals"][::every], "ticktext": axis["ticktext"][::every]}
    return {"xaxis": dict(axis) | words}


def empty(*, title: str, subtitle: str, reason: str, height: str = "m") -> Figure:
    """Give the picture of nothing: axes, its title, and why there is nothing to draw."""
    blank = {"visible": False, "fixedrange": True, "range": [0, 1]}
    note = {
        "x": 0.5,
        "y": 0.5,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "text": reason,
        "font": {"color": MUTED, "size": 12},
    }
    return figure(
        data=[],
        title=title,
        subtitle=subtitle,
        sentence=reason,
        table=([], []),
        height=height,
        xaxis=blank,
        yaxis=blank,
        annotations=[note],
    )
