"""The efficient frontier: the most value under less and under more of a budget."""

from collections.abc import Sequence

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded


def build(
    *,
    points: Sequence[tuple[float, float | None]],
    standing: tuple[float, float],
    limit: str,
    currency: str,
    title: str,
) -> theme.Figure:
    """
    Draw value over a limit, and the point that was chosen.

    Args:
        points: (limit, most value under it); None where no choice keeps the other limits.
        standing: the limit asked for and the value chosen.
        limit: what it is, in words.
        title: the finding.
    """
    known = [(most, value) for most, value in points if value is not None]
    xs, ys = [most for most, _ in known], [value for _, value in known]
    texts = [
        worded(
            "{value} of value with {most}",
            value=spelling.money(value, currency),
            most=spelling.money(most, currency),
        )
        for most, value in known
    ]
    return theme.figure(
        data=[
            {
                "type": "scatter", "mode": "lines+markers", "x": xs, "y": ys, "text": texts,
                "line": {"color": theme.RAMP[2], "width": 2, "shape": "linear"},
                "marker": {"size": 7}, "name": worded("Most value"),
                "hovertemplate": "%{text}<extra></extra>",
            },
            {
                "type": "scatter", "mode": "markers", "x": [standing[0]], "y": [standing[1]],
                "marker": {"size": 13, "color": theme.INK, "symbol": "diamond"},
                "name": worded("Asked"),
                "text": [worded("Asked: {value}", value=spelling.money(standing[1], currency))],
                "hovertemplate": "%{text}<extra></extra>",
            },
        ],
        title=title,
        subtitle=worded(
            "Most risk-adjusted value by {limit}, {currency}; all else as asked",
            limit=limit.lower(), currency=currency,
        ),
        sentence=f"{title}. {'; '.join(texts)}",
        table=(
            [f"{limit}, {currency}", worded("Most value, {currency}", currency=currency)],
            [[most, value] for most, value in points],
        ),
        height="m",
        margin={"r": 14, "t": 24, "b": 44},
        xaxis=theme.money_axis(0.0, max(xs, default=1.0) * 1.05, currency),
        yaxis=theme.money_axis(min([0.0, *ys]), max(ys, default=1.0) * 1.1 or 1.0, currency),
    )  # fmt: skip
