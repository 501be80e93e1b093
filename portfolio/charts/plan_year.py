"""A fiscal year cumulated: budget against actual against two forecasts, the band around one."""

from datetime import date

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded


def build(
    frame: pd.DataFrame, *, currency: str, sentence: str, place: str, method: str
) -> theme.Figure:
    """
    Draw the running sums of a year.

    Args:
        frame: month, budget, actual, submitted, expected, low, high; monthly amounts, None where
            nothing is known. Forecast and band go on from the last actual month.
        sentence: what is said of the crossing, from the same figures.
        place: whose year it is.
        method: how the statistical forecast was made.
    """
    title = worded("Budget, spend and forecasts of {place}", place=place)
    subtitle = worded("{currency}, cumulated over the fiscal year", currency=currency)
    if frame.empty or not any(
        v is not None and pd.notna(v) for c in ("budget", "actual") for v in frame[c]
    ):
        return theme.empty(
            title=title,
            subtitle=subtitle,
            reason=worded("No budget and no spend in this year"),
            height="l",
        )
    months = [pd.Timestamp(m).date() for m in frame["month"]]
    x = theme.iso(months)
    budget = theme.running(list(frame["budget"]))
    actual = _known_run(frame, "actual", 0.0, 0)
    end = theme.last(actual)
    at, done = end if end else (-1, 0.0)
    ahead = {c: _carried(frame, c, at, done) for c in ("expected", "low", "high", "submitted")}
    data = []
    if theme.last(ahead["low"]) and theme.last(ahead["high"]):
        data.append(_edge(x, ahead["low"]))
        data.append(_edge(x, ahead["high"]) | {"fill": "tonexty", "fillcolor": theme.BAND})
    lines = (
        (worded("Budget"), budget, theme.MUTED, "solid"),
        (worded("Spend"), actual, theme.INK, "solid"),
        (worded("Forecast"), ahead["expected"], theme.INK, "dot"),
        (worded("Submitted"), ahead["submitted"], theme.SERIES[1], "dash"),
    )
    labels = []
    for name, amounts, colour, dash in lines:
        final = theme.last(amounts)
        if final is None:
            continue
        said = [None if v is None else f"{name} {spelling.money(v, currency)}" for v in amounts]
        data.append(theme.line(x, amounts, name=name, colour=colour, dash=dash, text=said))
        if amounts is not actual or theme.last(ahead["expected"]) is None:
            labels.append(
                theme.Label(
                    y=final[1], x=x[final[0]], text=name, colour=colour,
                    second=spelling.money(final[1], currency),
                )
            )  # fmt: skip
    known = [v for one in (budget, actual, *ahead.values()) for v in one if v is not None]
    axis = theme.money_axis(min(0.0, *known), max(0.0, *known), currency)
    where = {
        "x": x[-1], "low": axis["range"][0], "high": axis["range"][1],
        "height": theme.HEIGHTS["l"] - 34,
    }  # fmt: skip
    heads = [
        worded("Month"), worded("Budget"), worded("Spend"), worded("Forecast"),
        worded("80% band"), worded("Submitted"),
    ]  # fmt: skip
    return theme.figure(
        data=data,
        title=title,
        subtitle=subtitle
        + (f"; {worded('forecast with its 80% band')}. {worded(method)}" if method else ""),
        sentence=sentence,
        table=(heads, _table(frame, months)),
        height="l",
        margin={"r": 124, "t": 4},
        xaxis=theme.month_axis(months),
        yaxis=axis,
        annotations=theme.end_labels(labels, **where),
        narrow={
            "margin": {"l": 4, "r": 76, "t": 4, "b": 26, "pad": 4},
            "annotations": theme.end_labels(labels, short_words=True, **where),
        },
    )


def _known_run(frame: pd.DataFrame, column: str, start: float, first: int) -> list[float | None]:
    """Add up from a position on; what is not known yet ends the line."""
    out: list[float | None] = [None] * len(frame)
    total = start
    for place, value in enumerate(theme.values(list(frame[column]))[first:], start=first):
        if value is None:
            break
        total += value
        out[place] = total
    return out


def _carried(frame: pd.DataFrame, column: str, at: int, done: float) -> list[float | None]:
    """Go on from the last actual month with what is expected of the months after it."""
    out = _known_run(frame, column, done, at + 1)
    if at >= 0 and any(v is not None for v in out):
        out[at] = done
    return out


def _edge(x: list[str], y: list[float | None]) -> dict[str, object]:
    return theme.line(x, y, name=worded("80% band"), colour=theme.BAND, width=0) | {
        "hoverinfo": "skip",
        "hovertemplate": None,
    }


def _table(frame: pd.DataFrame, months: list[date]) -> list[list[object]]:
    columns = {c: theme.values(list(frame[c])) for c in frame.columns if c != "month"}
    rows: list[list[object]] = []
    for place, month in enumerate(months):
        low, high = columns["low"][place], columns["high"][place]
        band = (
            None
            if low is None or high is None
            else worded("{low} to {high}", low=spelling.plain(low), high=spelling.plain(high))
        )
        rows.append(
            [
                spelling.month(month),
                columns["budget"][place], columns["actual"][place], columns["expected"][place],
                band, columns["submitted"][place],
            ]
        )  # fmt: skip
    return rows
