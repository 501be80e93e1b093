"""Spend by month: stacked bars per category, the budget as a thin line."""

from datetime import date
from typing import Any

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.wording import called, worded

SHOWN = 5


def stacked(frame: pd.DataFrame) -> tuple[list[date], dict[str, list[float]]]:
    """
    Turn rows into one series per category, largest first, the tail joined as "Other".

    Args:
        frame: month, category, amount.
    """
    months = sorted({pd.Timestamp(m).date() for m in frame["month"]})
    at = {m: i for i, m in enumerate(months)}
    sums: dict[str, list[float]] = {}
    for row in frame.itertuples(index=False):
        series = sums.setdefault(str(row.category), [0.0] * len(months))
        series[at[pd.Timestamp(row.month).date()]] += float(row.amount)  # type: ignore[arg-type]
    order = sorted(sums, key=lambda c: (c == "Unallocated", -sum(sums[c]), c))
    kept, tail = order[:SHOWN], order[SHOWN:]
    if "Unallocated" in tail:
        kept, tail = (
            [*order[: SHOWN - 1], "Unallocated"],
            [c for c in order[SHOWN - 1 :] if c != "Unallocated"],
        )
    out = {c: sums[c] for c in kept if c != "Unallocated"}
    if tail:
        out["Other"] = [sum(sums[c][i] for c in tail) for i in range(len(months))]
    if "Unallocated" in kept:
        out["Unallocated"] = sums["Unallocated"]
    return months, out


def title(months: list[date], totals: list[float], series: dict[str, list[float]]) -> str:
    """State the last month's change and what drove it, when there are two months to compare."""
    if len(months) < 2 or totals[-2] <= 0:
        return worded("Spend by month")
    change = totals[-1] - totals[-2]
    ratio = change / totals[-2]
    if abs(ratio) < 0.005:
        return worded(
            "Spend in {month} is the same as the month before", month=spelling.month(months[-1])
        )
    values = {"month": spelling.month(months[-1]), "share": spelling.percent(abs(ratio))}
    if change > 0:
        text = worded("Spend in {month} is {share} more than the month before", **values)
    else:
        text = worded("Spend in {month} is {share} less than the month before", **values)
    if len(series) < 2:
        return text
    name, moved = max(
        ((n, s[-1] - s[-2]) for n, s in series.items()),
        key=lambda p: p[1] * (1 if change > 0 else -1),
    )
    if moved / change > 0.5 and name != "Other":
        text += worded(", driven by {name}", name=called(name))
    return text


def build(
    frame: pd.DataFrame,
    *,
    currency: str,
    budget: pd.DataFrame | None = None,
    what: str = "category",
) -> theme.Figure:
    """
    Draw a stacked bar per month.

    Args:
        frame: month, category, amount.
        currency: code of the amounts.
        budget: month, amount; drawn as a thin line where known.
        what: the dimension that is stacked, in words.
    """
    if frame.empty:
        return theme.empty(
            title=worded("Spend by month"),
            subtitle=worded("{currency} a month", currency=currency),
            reason=worded("No spend in this period"),
            height="l",
        )
    months, series = stacked(frame)
    x = theme.iso(months)
    totals = [sum(s[i] for s in series.values()) for i in range(len(months))]
    colours = dict(zip((c for c in series if c != "Unallocated"), theme.SERIES, strict=False))
    colours["Unallocated"] = theme.CONTROL
    data: list[dict[str, object]] = [
        {
            "type": "bar",
            "name": called(name),
            "x": x,
            "y": amounts,
            "marker": {"color": colours[name]},
            "text": [f"{called(name)} {spelling.money(v, currency)}" for v in amounts],
            "textposition": "none",
            "hovertemplate": "%{text}<extra></extra>",
        }
        for name, amounts in series.items()
    ]
    planned: list[float | None] = [None] * len(months)
    if budget is not None and not budget.empty:
        by_month = {
            pd.Timestamp(m).date(): float(v)
            for m, v in zip(budget["month"], budget["amount"], strict=True)
            if pd.notna(v)
        }
        planned = [by_month.get(m) for m in months]
        if theme.last(planned):
            words = [
                None if v is None else f"{worded('Budget')} {spelling.money(v, currency)}"
                for v in planned
            ]
            data.append(
                theme.line(
                    x, planned, name=worded("Budget"), colour=theme.INK, width=1.2, text=words
                )
                | {"line": {"color": theme.INK, "width": 1.2, "shape": "hvh"}}
            )
    known = [v for v in (*totals, *planned) if v is not None]
    lows = [sum(min(s[i], 0) for s in series.values()) for i in range(len(months))]
    axis = theme.money_axis(min(0.0, *lows), max(0.0, *known), currency)
    notes = _names_beside_last_bar(series, colours, x[-1], axis)
    return theme.figure(
        data=data,
        title=title(months, totals, series),
        subtitle=worded("{currency} a month, by {what}", currency=currency, what=what),
        sentence=worded(
            "{total} in all, {months}.",
            total=spelling.money(sum(totals), currency),
            months=spelling.months(months[0], months[-1]),
        ),
        table=(
            [
                worded("Month"),
                *(f"{called(n)}, {currency}" for n in series),
                worded("Total, {currency}", currency=currency),
                worded("Budget, {currency}", currency=currency),
            ],
            [
                [
                    spelling.month(m),
                    *(s[i] for s in series.values()),
                    totals[i],
                    planned[i],
                ]
                for i, m in enumerate(months)
            ],
        ),
        height="l",
        margin={"r": 124 if len(series) > 1 else 16, "t": 6},
        barmode="relative",
        bargap=0.35,
        xaxis=theme.month_axis(months, pad_days=16) | _room(months),
        yaxis=axis,
        annotations=notes,
        narrow={
            "margin": {"l": 4, "r": 8, "t": 44, "b": 34, "pad": 4},
            "annotations": [],
            "showlegend": len(series) > 1,
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        },
    )


def _room(months: list[date]) -> dict[str, object]:
    """Keep a lone bar or two from growing as wide as the page."""
    if len(months) >= 6:
        return {}
    first, final = pd.Timestamp(months[0]), pd.Timestamp(months[-1])
    left = first - pd.DateOffset(days=16)
    right = max(final + pd.DateOffset(days=16), first + pd.DateOffset(months=6))
    return {"range": [left.date().isoformat(), right.date().isoformat()]}


def _names_beside_last_bar(
    series: dict[str, list[float]],
    colours: dict[str, str],
    x: str,
    axis: dict[str, Any],
) -> list[dict[str, object]]:
    if len(series) < 2:
        return []
    labels, top = [], 0.0
    for name, amounts in series.items():
        if amounts[-1] <= 0:
            continue
        words = called(name)
        words = words if len(words) <= 18 else f"{words[:17]}…"
        dark = colours[name] in (theme.RAMP[2], theme.RAMP[1])
        ink = colours[name] if dark else theme.MUTED
        labels.append(theme.Label(y=top + amounts[-1] / 2, text=words, colour=ink))
        top += amounts[-1]
    low, high = axis["range"]
    notes = theme.end_labels(labels, x=x, low=low, high=high, height=320 - 36)
    for note in notes:
        note["xshift"] = 24
    return notes
