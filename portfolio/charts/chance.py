"""What chance says: how the outcomes spread, and which driver moves the result most."""

from collections.abc import Sequence
from itertools import pairwise

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded


def spread(
    *,
    edges: Sequence[float],
    heights: Sequence[int],
    marks: Sequence[tuple[str, float]],
    currency: str,
    title: str,
    subtitle: str,
) -> theme.Figure:
    """
    Draw how often an outcome came up; what lies below 0 has the colour of a loss.

    Args:
        edges: of the bins, one more than there are ``heights``.
        marks: (label, value) of lines to draw, such as P10, from the lowest to the highest.
    """
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    width = edges[1] - edges[0] if len(edges) > 1 else 1.0
    draws = sum(heights) or 1
    shares = [height / draws for height in heights]
    texts = [
        worded(
            "{share} of draws around {amount}",
            share=spelling.percent(share, 1),
            amount=spelling.money(middle, currency),
        )
        for share, middle in zip(shares, middles, strict=True)
    ]
    shapes = [
        {
            "type": "line", "x0": value, "x1": value, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": theme.INK, "width": 1, "dash": "dot"},
        }
        for _, value in marks
    ]  # fmt: skip
    # The outer marks are named outwards, so that their words keep clear of those in the middle.
    outwards = {0: "right", len(marks) - 1: "left"}
    notes = [
        {
            "x": value, "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
            "xanchor": outwards.get(at, "center"),
            "text": f"{label} {spelling.money(value, currency)}",
        }
        for at, (label, value) in enumerate(marks)
    ]  # fmt: skip
    figure = theme.figure(
        data=[
            {
                "type": "bar", "x": middles, "y": shares, "width": [width * 0.96] * len(middles),
                "marker": {
                    "color": [theme.BAD if middle < 0 else theme.GOOD for middle in middles]
                },
                "text": texts, "textposition": "none", "name": worded("Share of draws"),
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        title=title,
        subtitle=subtitle,
        sentence=f"{title}. "
        + ", ".join(f"{label} {spelling.money(value, currency)}" for label, value in marks),
        table=(
            [worded("Around, {currency}", currency=currency), worded("Share of draws")],
            [list(row) for row in zip(middles, shares, strict=True)],
        ),
        height="m",
        margin={"r": 14, "t": 34, "b": 44},
        xaxis=theme.money_axis(min(edges, default=0.0), max(edges, default=1.0), currency),
        yaxis=theme.percent_axis(0.0, max(shares, default=1.0)),
    )  # fmt: skip
    figure["layout"]["shapes"] = shapes
    figure["layout"]["annotations"] = [*figure["layout"].get("annotations", []), *notes]
    return figure


def tornado(
    *,
    swings: Sequence[tuple[str, float, float]],
    likely: float,
    currency: str,
    title: str,
) -> theme.Figure:
    """
    Draw what each driver does between its P10 and its P90, the widest on top.

    Args:
        swings: (driver, result at its P10, result at its P90).
        likely: the result with every driver at its likely value.
    """
    rows = list(reversed(swings))
    names = [name for name, _, _ in rows]
    lows = [min(one, other) for _, one, other in rows]
    widths = [abs(other - one) for _, one, other in rows]
    texts = [
        worded(
            "{low} to {high}",
            low=spelling.money(min(one, other), currency),
            high=spelling.money(max(one, other), currency),
        )
        for _, one, other in rows
    ]
    ends = [likely, *lows, *(low + width for low, width in zip(lows, widths, strict=True))]
    # Swings are told from each other, not from zero, which may be far away.
    room = (max(ends) - min(ends)) * 0.06 or abs(likely) or 1.0
    along = theme.money_axis(min(ends), max(ends), currency)
    along["range"] = [min(ends) - room, max(ends) + room]
    figure = theme.figure(
        data=[
            {
                "type": "bar", "orientation": "h", "y": names, "x": widths, "base": lows,
                "marker": {"color": theme.RAMP[1]}, "text": texts, "textposition": "none",
                "name": worded("P10 to P90"), "hovertemplate": "%{y}: %{text}<extra></extra>",
            }
        ],
        title=title,
        subtitle=worded(
            "Result between P10 and P90 of each driver, all others likely, {currency}",
            currency=currency,
        ),
        sentence=f"{title}. "
        + "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True)),
        table=(
            [
                worded("Driver"),
                worded("At its P10, {currency}", currency=currency),
                worded("At its P90, {currency}", currency=currency),
            ],
            [list(row) for row in swings],
        ),
        height="m",
        margin={"r": 14, "t": 14, "b": 44, "l": 8},
        xaxis=along,
        yaxis={"type": "category", "automargin": True},
    )  # fmt: skip
    figure["layout"]["shapes"] = [
        {
            "type": "line", "x0": likely, "x1": likely, "yref": "paper", "y0": 0, "y1": 1,
            "line": {"color": theme.INK, "width": 1},
        }
    ]  # fmt: skip
    return figure
