"""The return of one initiative: cost and benefit per rung added up, and ROI below."""

from datetime import date

import pandas as pd

from governance_app.domain.phrases import phrase
from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded

RUNGS = ("promised", "claimed", "measured", "validated", "banked")
PASSED = {
    "claimed": phrase("Claimed benefit passed cost in {month}"),
    "measured": phrase("Measured benefit passed cost in {month}"),
    "validated": phrase("Validated benefit passed cost in {month}"),
}
COVERS = {
    "claimed": phrase("Claimed benefit covers {share} of cost so far"),
    "measured": phrase("Measured benefit covers {share} of cost so far"),
    "validated": phrase("Validated benefit covers {share} of cost so far"),
}
ROI_ON = {
    "claimed": phrase("ROI on claimed benefit"),
    "measured": phrase("ROI on measured benefit"),
    "validated": phrase("ROI on validated benefit"),
}
_LOOK = {
    "promised": (theme.PROMISE, 1.2),
    "claimed": (theme.RAMP[0], 1.4),
    "measured": (theme.RAMP[1], 1.8),
    "validated": (theme.GOOD, 2.3),
    "banked": (theme.RAMP[2], 1.6),
}


def roi_by_month(cost: list[float | None], benefit: list[float | None]) -> list[float | None]:
    """
    Give ROI to date per month from cumulative sums (METHOD section 4).

    Returns:
        (benefit - cost) / cost; None where either is unknown or cost is not positive.

    >>> roi_by_month([None, 100.0, 200.0], [0.0, 50.0, 250.0])
    [None, -0.5, 0.25]
    """
    return [
        None if c is None or b is None or c <= 0 else (b - c) / c
        for c, b in zip(cost, benefit, strict=True)
    ]


def held(benefit: list[float | None], cost: list[float | None]) -> list[float | None]:
    """
    Carry the last known benefit on as far as cost is known: to date means to the same month.

    >>> held([None, 5.0, None, None], [1.0, 2.0, 3.0, None])
    [None, 5.0, 5.0, None]
    """
    end = theme.last(benefit)
    if end is None:
        return benefit
    return [
        end[1] if position > end[0] and cost[position] is not None else value
        for position, value in enumerate(benefit)
    ]


def covered_since(cost: list[float | None], benefit: list[float | None]) -> int | None:
    """
    Find the month from which benefit has covered cost without a break to the end.

    >>> covered_since([10.0, 20.0, 30.0], [12.0, 18.0, 31.0])
    2
    """
    found = None
    for position, (c, b) in enumerate(zip(cost, benefit, strict=True)):
        if c is None or b is None:
            continue
        if b >= c and c > 0:
            found = position if found is None else found
        else:
            found = None
    return found


def title(
    months: list[date], cost: list[float | None], benefit: list[float | None], rung: str
) -> str:
    """Say where the return stands on one rung, or plain words when it cannot be said."""
    roi = theme.last(roi_by_month(cost, benefit))
    if roi is None:
        return worded("Cost and benefit to date")
    since = covered_since(cost, benefit)
    if since is not None:
        passed = worded(PASSED[rung], month=spelling.month(months[since]))
        return f"{passed}; ROI {spelling.percent(roi[1], plus=True)}"
    return worded(COVERS[rung], share=spelling.percent(roi[1] + 1))


def build(
    frame: pd.DataFrame, *, currency: str, as_of: date, months_ahead: int = 6
) -> theme.Figure:
    """
    Draw cumulative cost and the benefit rungs; ROI of the strongest rung with figures below.

    Args:
        frame: one row a month in order: month, cost, and per rung a column (promised, claimed,
            measured, validated, banked); monthly amounts, NaN where unknown.
        currency: code of all amounts.
        as_of: the day the figures stand for; later months show the promise only.
        months_ahead: how many of the later months are drawn, so that a long promise does not
            press what has happened into a corner.
    """
    subtitle = worded(
        "Cumulative since the start, {currency}; ROI = (benefit − cost) ÷ cost", currency=currency
    )
    frame = _near(frame, as_of, months_ahead)
    rungs = [r for r in RUNGS if r in frame and frame[r].notna().any()]
    has_cost = "cost" in frame and bool(frame["cost"].notna().any())
    if frame.empty or not (rungs or has_cost):
        return theme.empty(
            title=worded("Cost and benefit to date"),
            subtitle=subtitle,
            reason=worded("No cost or benefit is known yet"),
            height="xl",
        )
    months = [pd.Timestamp(m).date() for m in frame["month"]]
    x = theme.iso(months)
    here = as_of.replace(day=1)

    def cut(column: str) -> list[float | None]:
        raw = zip(list(frame[column]), months, strict=True)
        return theme.running([v if m <= here or column == "promised" else None for v, m in raw])

    unknown: list[float | None] = [None] * len(months)
    cost = cut("cost") if has_cost else unknown
    lines = {rung: cut(rung) for rung in rungs}
    judged = next((r for r in ("validated", "measured", "claimed") if r in lines), "")
    benefit = held(lines.get(judged, unknown), cost)
    roi = roi_by_month(cost, benefit)
    known = [v for series in (cost, *lines.values()) for v in series if v is not None]
    axis = theme.money_axis(min(0.0, *known), max(known), currency)
    has_roi = theme.last(roi) is not None
    axis["domain"] = [0.33, 1] if has_roi else [0, 1]

    def said(name: str, series: list[float | None]) -> list[str | None]:
        return [None if v is None else f"{name} {spelling.money(v, currency)}" for v in series]

    data, labels = [], []
    for rung in rungs:
        colour, width = _LOOK[rung]
        name = worded(rung.capitalize())
        data.append(
            theme.line(
                x,
                lines[rung],
                name=name,
                colour=colour,
                width=width,
                text=said(name, lines[rung]),
            )
        )
        end = theme.last(lines[rung])
        if end:
            ink = theme.MUTED if rung in ("promised", "claimed") else colour
            labels.append(
                theme.Label(
                    y=end[1],
                    x=_label_at(x, end[0], here),
                    text=f"{name} {spelling.money(end[1], currency)}",
                    colour=ink,
                )
            )
    cost_end = theme.last(cost)
    if cost_end:
        data.append(
            theme.line(
                x,
                cost,
                name=worded("Cost"),
                colour=theme.INK,
                width=2.2,
                text=said(worded("Cost"), cost),
            )
        )
        labels.append(
            theme.Label(
                y=cost_end[1],
                x=_label_at(x, cost_end[0], here),
                text=f"{worded('Cost')} {spelling.money(cost_end[1], currency)}",
                colour=theme.INK,
            )
        )
    layout: dict[str, object] = {"xaxis": theme.month_axis(months), "yaxis": axis}
    notes, shapes = [], []
    if has_roi:
        shown = [v for v in roi if v is not None]
        second = theme.percent_axis(min(-0.1, *shown), max(0.1, *shown))
        layout["yaxis2"] = second | {"domain": [0, 0.2], "anchor": "x"}
        data.append(
            theme.line(
                x,
                roi,
                name="ROI",
                colour=theme.INK,
                width=1.8,
                text=[None if v is None else f"ROI {spelling.percent(v, plus=True)}" for v in roi],
            )
            | {"yaxis": "y2"}
        )
        notes.append(_panel_words(worded(ROI_ON[judged]), 0.2))
        end = theme.last(roi)
        if end:
            notes.append(_roi_label(x[end[0]], end[1]))
    layout["xaxis"] = theme.month_axis(months) | ({"anchor": "y2"} if has_roi else {})
    if here.isoformat() in x and here != months[-1]:
        shape, note = theme.marker_line(here.isoformat(), spelling.day_short(as_of))
        shapes.append(shape)
        notes.append(note)
    where = {
        "x": x[-1],
        "low": axis["range"][0],
        "high": axis["range"][1],
        "height": round((416 - 42) * (0.67 if has_roi else 1)),
    }
    brief = [
        theme.Label(y=one.y, x=one.x, text=one.text.split(" ")[0], colour=one.colour)
        for one in labels
    ]
    return theme.figure(
        data=data,
        title=title(months, cost, benefit, judged or "validated"),
        subtitle=subtitle,
        sentence=_sentence(cost, lines, roi, judged, currency, as_of),
        table=_table(months, cost, lines, roi, currency),
        height="xl",
        margin={"r": 124, "t": 6, "b": 36},
        shapes=shapes,
        annotations=notes + theme.end_labels(labels, **where),
        narrow={
            "margin": {"l": 4, "r": 66, "t": 6, "b": 36, "pad": 4},
            "annotations": notes + theme.end_labels(brief, **where),
        },
        **layout,
    )


def _label_at(x: list[str], position: int, here: date) -> str:
    """Set the words of a line that ends before the as-of month at that month, clear of lines."""
    as_of = here.isoformat()
    return as_of if as_of in x and x[position] < as_of else x[position]


def _near(frame: pd.DataFrame, as_of: date, months_ahead: int) -> pd.DataFrame:
    """Leave out months that lie further ahead."""
    if frame.empty:
        return frame
    end = pd.Timestamp(as_of.replace(day=1)) + pd.DateOffset(months=months_ahead)
    return frame[[pd.Timestamp(m) <= end for m in frame["month"]]].reset_index(drop=True)


def _panel_words(words: str, top: float) -> dict[str, object]:
    return {
        "x": 0,
        "y": top,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": 6,
        "showarrow": False,
        "text": words,
        "font": {"color": theme.MUTED, "size": theme.TEXT_PX, "weight": 600},
    }


def _roi_label(x: str, value: float) -> dict[str, object]:
    return {
        "x": x,
        "y": value,
        "xref": "x",
        "yref": "y2",
        "xanchor": "left",
        "yanchor": "middle",
        "xshift": 7,
        "showarrow": False,
        "text": spelling.percent(value, plus=True),
        "bgcolor": theme.TOKENS["page"],
        "borderpad": 0,
        "font": {
            "color": theme.GOOD if value >= 0 else theme.BAD,
            "size": theme.TEXT_PX,
            "weight": 600,
        },
    }


def _sentence(
    cost: list[float | None],
    lines: dict[str, list[float | None]],
    roi: list[float | None],
    judged: str,
    currency: str,
    as_of: date,
) -> str:
    parts = []
    end = theme.last(cost)
    cost_words = spelling.money(end[1], currency) if end else worded("unknown")
    parts.append(f"{worded('cost')} {cost_words}")
    for rung, series in lines.items():
        stand = theme.last(series)
        if stand and rung != "promised":
            parts.append(f"{worded(rung)} {spelling.money(stand[1], currency)}")
    stand = theme.last(roi)
    if stand:
        parts.append(f"{worded(ROI_ON[judged])} {spelling.percent(stand[1], plus=True)}")
    return worded("To {day}: {parts}.", day=as_of, parts=", ".join(parts))


def _table(
    months: list[date],
    cost: list[float | None],
    lines: dict[str, list[float | None]],
    roi: list[float | None],
    currency: str,
) -> tuple[list[str], list[list[object]]]:
    names = [worded("Cost"), *(worded(rung.capitalize()) for rung in lines)]
    cumulative = [
        worded("{name}, {currency}, cumulative", name=name, currency=currency) for name in names
    ]
    head = [worded("Month"), *cumulative]
    head.append("ROI")
    rows: list[list[object]] = [
        [spelling.month(m), cost[i], *(series[i] for series in lines.values()), roi[i]]
        for i, m in enumerate(months)
    ]
    return head, rows
