"""Spend by day: stacked bars per category."""

from datetime import date, timedelta

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.spend_months import stacked
from portfolio.charts.wording import called, worded, worded_count


def build(frame: pd.DataFrame, *, currency: str, what: str, period: str) -> theme.Figure:
    """
    Draw a stacked bar per day; the title names the dearest one when it stands out.

    Args:
        frame: day, category, amount.
        currency: code of the amounts.
        what: the dimension that is stacked, in words.
        period: words for the subtitle.
    """
    subtitle = worded(
        "{currency} a day, by {what}, {period}", currency=currency, what=what, period=period
    )
    if frame.empty:
        return theme.empty(
            title=worded("Spend by day"),
            subtitle=subtitle,
            reason=worded("No spend on these days"),
            height="l",
        )
    days, series = stacked(frame.rename(columns={"day": "month"}))
    x = theme.iso(days)
    totals = [sum(amounts[i] for amounts in series.values()) for i in range(len(days))]
    colours = dict(zip((c for c in series if c != "Unallocated"), theme.SERIES, strict=False))
    colours["Unallocated"] = theme.CONTROL
    lows = [sum(min(amounts[i], 0) for amounts in series.values()) for i in range(len(days))]
    return theme.figure(
        data=[
            {
                "type": "bar",
                "name": called(name),
                "x": x,
                "y": amounts,
                "marker": {"color": colours[name]},
                "text": [
                    f"{spelling.day_short(day)}: {called(name)} {spelling.money(v, currency)}"
                    for day, v in zip(days, amounts, strict=True)
                ],
                "textposition": "none",
                "hovertemplate": "%{text}<extra></extra>",
            }
            for name, amounts in series.items()
        ],
        title=title(days, totals),
        subtitle=subtitle,
        sentence=worded_count(
            "{total} on {count} day.",
            "{total} on {count} days.",
            total=spelling.money(sum(totals), currency),
            count=len(days),
        ),
        table=(
            [
                worded("Day"),
                *(f"{called(name)}, {currency}" for name in series),
                worded("Total, {currency}", currency=currency),
            ],
            [
                [day.isoformat(), *(amounts[i] for amounts in series.values()), totals[i]]
                for i, day in enumerate(days)
            ],
        ),
        height="l",
        margin={"r": 16, "t": 6, "b": 26},
        barmode="relative",
        bargap=0.2,
        showlegend=len(series) > 1,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        xaxis=_axis(days),
        yaxis=theme.money_axis(min(0.0, *lows), max(0.0, *totals), currency),
    )


def _axis(days: list[date]) -> dict[str, object]:
    """Give the axis of days, the middle of the night on both sides, at most eight of them named."""
    named = days[:: len(days) // 8 + 1]
    return {
        "type": "date",
        "range": [f"{days[0] - timedelta(days=1)}T12:00:00", f"{days[-1]}T12:00:00"],
        "tickmode": "array",
        "tickvals": theme.iso(named),
        "ticktext": [spelling.day_short(day) for day in named],
        "tickangle": 0,
        "tickfont": {"color": theme.MUTED, "size": theme.TEXT_PX},
        "fixedrange": True,
        "showgrid": False,
    }


def title(days: list[date], totals: list[float]) -> str:
    """Name the dearest day when it cost twice the middle one or more."""
    middle = sorted(totals)[len(totals) // 2]
    dearest = max(totals)
    if len(days) > 3 and middle > 0 and dearest >= 2 * middle:
        day = days[totals.index(dearest)]
        return worded(
            "{day} cost {times} times the middle day",
            day=spelling.day(day), times=spelling.plain(dearest / middle, 1),
        )  # fmt: skip
    return worded("Spend by day")
