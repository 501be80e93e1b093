"""Two groups beside each other: what was seen of each, with its 95 % interval and its count."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded

#: How far the two dots of a line stand from its middle.
APART = 0.14
_SYMBOLS = ("circle", "diamond")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one group: the middle, the ends of its interval, and of how many."""

    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Pair:
    """One measure of both groups; None where nothing can be told of one."""

    label: str
    seen: tuple[Seen | None, Seen | None]


def build(
    *,
    pairs: Sequence[Pair],
    groups: tuple[str, str],
    is_share: bool,
    title: str,
    subtitle: str,
    unit: str = "",
) -> theme.Figure:
    """
    Draw a dot and its interval for each group, a measure a line.

    Args:
        pairs: the measures, from top to bottom.
        groups: the names of both groups, in the order of ``Pair.seen``.
        is_share: values are shares, written in per cent; else numbers in ``unit``.
        title: the finding.
    """
    known = [each for pair in pairs for each in pair.seen if each is not None]
    if not known:
        return theme.empty(
            title=title, subtitle=subtitle, height="s",
            reason=worded("Neither group has been seen often enough."),
        )  # fmt: skip

    def said(value: float) -> str:
        return spelling.percent(value) if is_share else f"{spelling.plain(value, 1)} {unit}".strip()

    data: list[dict[str, Any]] = []
    for at, (group, colour) in enumerate(zip(groups, (theme.RAMP[1], theme.RAMP[2]), strict=True)):
        points = [
            (len(pairs) - 1 - place + (APART if at == 0 else -APART), pair.label, seen)
            for place, pair in enumerate(pairs)
            if (seen := pair.seen[at]) is not None
        ]
        data.append(
            {
                "type": "scatter", "mode": "markers", "name": group,
                "x": [seen.value for _, _, seen in points],
                "y": [y for y, _, _ in points],
                "error_x": {
                    "type": "data", "symmetric": False, "thickness": 1.5, "width": 4,
                    "color": colour,
                    "array": [seen.high - seen.value for _, _, seen in points],
                    "arrayminus": [seen.value - seen.low for _, _, seen in points],
                },
                "marker": {"size": 9, "color": colour, "symbol": _SYMBOLS[at]},
                "text": [
                    worded(
                        "{group}, {measure}: {value}, 95 %: {low} to {high}, of {count}",
                        group=group, measure=label, value=said(seen.value), low=said(seen.low),
                        high=said(seen.high), count=seen.count,
                    )
                    for _, label, seen in points
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )  # fmt: skip
    top = max(each.high for each in known)
    axis = theme.percent_axis(0.0, top) if is_share else theme.number_axis(0.0, top, unit)
    return theme.figure(
        data=data,
        title=title,
        subtitle=subtitle,
        sentence=". ".join(text for trace in data for text in trace["text"]),
        table=(
            [
                worded("Measure"), worded("Group"), worded("Value"), worded("From"),
                worded("To"), worded("Of"),
            ],
            [
                [pair.label, group, seen.value, seen.low, seen.high, seen.count]
                for pair in pairs
                for group, seen in zip(groups, pair.seen, strict=True)
                if seen is not None
            ],
        ),
        height="s",
        hovermode="closest",
        margin={"r": 18, "t": 26},
        xaxis=axis,
        yaxis={
            "tickmode": "array", "tickvals": list(range(len(pairs))),
            "ticktext": [pair.label for pair in reversed(pairs)],
            "range": [-0.6, len(pairs) - 0.4], "showgrid": False, "zeroline": False,
            "fixedrange": True, "automargin": True, "ticks": "",
            "tickfont": {"color": theme.INK, "size": theme.TEXT_PX},
        },
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
