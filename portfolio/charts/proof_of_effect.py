"""Readings of a KPI beside where they would have been without the change, with the interval."""

from collections.abc import Sequence
from datetime import date

from portfolio.charts import kpi_run, spelling, theme
from portfolio.charts.wording import worded


def build(
    *,
    name: str,
    unit: str,
    days: Sequence[date],
    readings: Sequence[float],
    expected: Sequence[float],
    low: float,
    high: float,
    change_on: date,
    words: str,
) -> theme.Figure:
    """
    Draw readings solid, what would have been dashed, and the 95 % interval as a band.

    Args:
        days, readings, expected: of one length, in order of time; in the unit of the KPI.
        low, high: the interval of the effect, drawn from the dashed line on after the change.
        change_on: the day of the change.
        words: the finding.
    """
    x = theme.iso(days)
    after = [place for place, day in enumerate(days) if day >= change_on]
    band_x = [x[place] for place in after]
    upper = [expected[place] + high for place in after]
    lower = [expected[place] + low for place in after]
    known = [*readings, *expected, *upper, *lower]
    bottom, top = min(known), max(known)
    span = (top - bottom) or abs(top) or 1.0
    foot = 0.0 if 0 <= bottom < span * 1.5 else bottom - span * 0.15
    axis = theme.number_axis(foot, top + span * 0.08, unit)
    axis["range"] = [foot, top + span * 0.12]
    shape, note = theme.marker_line(change_on.isoformat(), worded("change"))
    data = [
        {
            "type": "scatter", "mode": "lines", "name": worded("95 % interval"),
            "x": [*band_x, *reversed(band_x)], "y": [*upper, *reversed(lower)],
            "fill": "toself", "fillcolor": theme.BUDGET, "opacity": 0.25,
            "line": {"width": 0}, "hoverinfo": "skip",
        },
        theme.line(
            x, list(expected), name=worded("Without the change"), colour=theme.MUTED, width=1.5,
            dash="dash",
        ),
        theme.line(x, list(readings), name=name, colour=theme.GOOD, width=2),
    ]  # fmt: skip
    return theme.figure(
        data=data,
        title=words,
        subtitle=f"{name}{f', {unit}' if unit else ''}; "
        + worded("dashed: without the change; band: 95 %"),
        sentence=f"{name}: {words}",
        table=(
            [worded("Day"), worded("Reading"), worded("Without the change")],
            [
                [spelling.day(day), read, would]
                for day, read, would in zip(days, readings, expected, strict=True)
            ],
        ),
        height="s",
        margin={"r": 14, "t": 10},
        xaxis=theme.month_axis(kpi_run.months(days[0], days[-1])),
        yaxis=axis,
        shapes=[shape],
        annotations=[note],
    )
