"""Readings of one KPI from its baseline to its target."""

from datetime import date

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded


def progress(value: float | None, baseline: float | None, target: float | None) -> float | None:
    """
    Give how far a reading has come from baseline to target; 1.0 is the target.

    >>> progress(318.0, 412.0, 280.0)
    0.7121212121212122
    """
    if value is None or baseline is None or target is None or baseline == target:
        return None
    return (value - baseline) / (target - baseline)


def title(
    name: str,
    unit: str,
    value: float | None,
    baseline: float | None,
    target: float | None,
) -> str:
    """Say how far the KPI has come, or give its name when that cannot be said."""
    share = progress(value, baseline, target)
    if share is None or value is None:
        return name
    reading = amount(value, unit)
    if share >= 1:
        return worded("{name} reached its target: {reading}", name=name, reading=reading)
    if share < 0:
        return worded("{name} is worse than its baseline: {reading}", name=name, reading=reading)
    return worded(
        "{name} is {share} of the way to its target: {reading}",
        name=name, share=spelling.percent(share), reading=reading,
    )  # fmt: skip


def amount(value: float, unit: str) -> str:
    """
    Write a reading with its unit.

    >>> amount(318, "s"), amount(0.934, ""), amount(41.5, "%")
    ('318\\xa0s', '0.934', '41.5%')
    """
    size = abs(value)
    places = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 3 if size < 1 else 2
    text = spelling.plain(value, places)
    if unit == "%":
        return f"{text}%"
    return f"{text}{spelling.NBSP}{unit}" if unit else text


def build(
    frame: pd.DataFrame,
    *,
    name: str,
    unit: str,
    baseline: float | None,
    target: float | None,
    target_on: date | None,
) -> theme.Figure:
    """
    Draw readings as a line, the baseline as a thin line, the target as a marker.

    Args:
        frame: period_on, value; in order of time.
        name, unit: of the KPI.
        baseline, target: in the unit; None is unknown.
        target_on: when the target is due.
    """
    subtitle = worded("Readings, {unit}", unit=unit) if unit else worded("Readings")
    if frame.empty or not frame["value"].notna().any():
        return theme.empty(
            title=name, subtitle=subtitle, reason=worded("No reading yet"), height="s"
        )
    days = [pd.Timestamp(d).date() for d in frame["period_on"]]
    x, y = theme.iso(days), theme.values(list(frame["value"]))
    known = [v for v in (*y, baseline, target) if v is not None]
    end = theme.last(y)
    span = (max(known) - min(known)) or abs(max(known)) or 1.0
    low = 0.0 if min(known) >= 0 and min(known) < span * 1.5 else min(known) - span * 0.15
    axis = theme.number_axis(low, max(known) + span * 0.08, unit)
    axis["range"] = [low, max(known) + span * 0.12]
    data = [
        theme.line(
            x,
            y,
            name=name,
            colour=theme.GOOD,
            width=2,
            text=[None if v is None else amount(v, unit) for v in y],
        )
        | {"mode": "lines+markers", "marker": {"size": 4, "color": theme.GOOD}}
    ]
    final = max([*days, target_on] if target_on else days)
    notes, shapes = [], []
    if baseline is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "yref": "y",
                "y0": baseline,
                "y1": baseline,
                "line": {"color": theme.BUDGET, "width": 1},
            }
        )
        notes.append(
            _words(
                worded("baseline {amount}", amount=amount(baseline, unit)), x[0], baseline, "left"
            )
        )
    if target is not None:
        at = (target_on or days[-1]).isoformat()
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": worded("Target"),
                "x": [at],
                "y": [target],
                "marker": {"symbol": "diamond-open", "size": 9, "color": theme.INK},
                "text": [worded("Target {amount}", amount=amount(target, unit))],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
        below = bool(end and end[1] > target)
        notes.append(
            _words(
                worded("target {amount}", amount=amount(target, unit)),
                at,
                target,
                "right",
                below=below,
            )
        )
    return theme.figure(
        data=data,
        title=title(name, unit, end[1] if end else None, baseline, target),
        subtitle=subtitle,
        sentence=_sentence(name, unit, end[1] if end else None, baseline, target),
        table=(
            [worded("Day"), f"{name}, {unit}" if unit else name],
            [[spelling.day(d), v] for d, v in zip(days, y, strict=True)],
        ),
        height="s",
        margin={"r": 14, "t": 10},
        xaxis=theme.month_axis(months(days[0], final)) | {"range": _room(days[0], final)},
        yaxis=axis,
        shapes=shapes,
        annotations=notes,
    )


def months(first: date, final: date) -> list[date]:
    span = pd.date_range(first.replace(day=1), final, freq="MS")
    return [stamp.date() for stamp in span] or [first]


def _room(first: date, final: date) -> list[str]:
    pad = max((final - first).days // 30, 4)
    edge = pd.Timedelta(days=pad)
    return [
        (pd.Timestamp(first) - edge).date().isoformat(),
        (pd.Timestamp(final) + edge).date().isoformat(),
    ]


def _words(text: str, x: str, y: float, side: str, *, below: bool = False) -> dict[str, object]:
    return {
        "x": x,
        "y": y,
        "xref": "x",
        "yref": "y",
        "xanchor": side,
        "yanchor": "top" if below else "bottom",
        "yshift": -5 if below else 5 if side == "right" else 1,
        "showarrow": False,
        "text": text,
        "font": {"color": theme.MUTED, "size": theme.TEXT_PX},
    }


def _sentence(
    name: str,
    unit: str,
    value: float | None,
    baseline: float | None,
    target: float | None,
) -> str:
    parts = []
    for word, figure in (
        (worded("last reading"), value),
        (worded("baseline"), baseline),
        (worded("target"), target),
    ):
        parts.append(f"{word} {worded('unknown') if figure is None else amount(figure, unit)}")
    return f"{name}: {', '.join(parts)}."
