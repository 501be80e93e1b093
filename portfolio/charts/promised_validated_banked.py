"""The picture of the year: what was promised, spent, validated and banked, added up by month."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded

#: Share of the height that a label of two lines takes, and a little air.
LABEL_ROOM = 0.07


@dataclass(frozen=True)
class Standing:
    """Year figures that the title may speak of; None is unknown."""

    promised: float | None
    promised_year: float | None
    validated: float | None
    banked: float | None
    spend: float | None
    budget_to_date: float | None
    budget_year: float | None
    forecast_year: float | None
    forecast_low: float | None
    forecast_high: float | None


def standing(frame: pd.DataFrame, *, as_of: date) -> Standing:
    """
    Add up the frame to the as-of month and to its end.

    Args:
        frame: one row a month in order: month, promised, spend, budget, validated, banked,
            forecast, forecast_low, forecast_high; monthly amounts, NaN where unknown. Forecast
            months are those after the last spend.
    """
    past = frame[frame["month"] <= as_of.replace(day=1)]

    def total(part: pd.DataFrame, column: str) -> float | None:
        known = part[column].dropna() if column in part else pd.Series(dtype=float)
        return float(known.sum()) if len(known) else None

    spend = total(past, "spend")
    ahead = {c: total(frame, c) for c in ("forecast", "forecast_low", "forecast_high")}

    def with_spend(value: float | None) -> float | None:
        return None if value is None or spend is None else spend + value

    return Standing(
        promised=total(past, "promised"),
        promised_year=total(frame, "promised"),
        validated=total(past, "validated"),
        banked=total(past, "banked"),
        spend=spend,
        budget_to_date=total(past, "budget"),
        budget_year=total(frame, "budget"),
        forecast_year=with_spend(ahead["forecast"]),
        forecast_low=with_spend(ahead["forecast_low"]),
        forecast_high=with_spend(ahead["forecast_high"]),
    )


def title(facts: Standing) -> str:
    """
    Say what the picture shows, only as far as the figures carry it.

    A year-end overrun is stated when the whole forecast band lies on one side of the budget.
    """
    parts = []
    if facts.validated is not None and facts.promised:
        share = spelling.percent(facts.validated / facts.promised)
        parts.append(worded("{share} of the promised benefit is validated", share=share))
    ahead = _year_end(facts)
    if ahead:
        parts.append(ahead)
    elif facts.spend is not None and facts.budget_to_date:
        gap = facts.spend / facts.budget_to_date - 1
        if abs(gap) < 0.005:
            parts.append(worded("spend is on budget so far"))
        elif gap > 0:
            parts.append(worded("spend is {share} over budget so far", share=spelling.percent(gap)))
        else:
            share = spelling.percent(-gap)
            parts.append(worded("spend is {share} under budget so far", share=share))
    if not parts:
        return worded("Promised, validated and banked benefit beside spend")
    text = "; ".join(parts)
    return text[0].upper() + text[1:]


def _year_end(facts: Standing) -> str:
    low, high, budget = facts.forecast_low, facts.forecast_high, facts.budget_year
    if facts.forecast_year is None or low is None or high is None or not budget:
        return ""
    gap = facts.forecast_year / budget - 1
    if low > budget:
        return worded("spend will end the year {share} over budget", share=spelling.percent(gap))
    if high < budget:
        return worded("spend will end the year {share} under budget", share=spelling.percent(-gap))
    return worded("spend may end the year on either side of the budget")


def build(
    frame: pd.DataFrame,
    *,
    as_of: date,
    currency: str,
    period: str,
    reviewed_to: date | None = None,
    height: str = "l",
) -> theme.Figure:
    """
    Draw cumulative promise, spend with forecast, budget, validated and banked benefit.

    Args:
        frame: as in ``standing``; rows cover the whole fiscal year.
        as_of: the day the figures stand for.
        currency: reporting currency code.
        period: words for the subtitle, such as "fiscal year 2026".
        reviewed_to: last month that finance has reviewed.
        height: a name of ``theme.HEIGHTS``.
    """
    subtitle = worded("Cumulative, {currency}, {period}", currency=currency, period=period)
    columns = [c for c in ("promised", "spend", "validated", "banked", "budget") if c in frame]
    if frame.empty or not any(frame[c].notna().any() for c in columns):
        return theme.empty(
            title=worded("Promised, validated and banked benefit beside spend"),
            subtitle=subtitle,
            reason=worded("No month has a figure yet"),
            height="s",
        )
    facts = standing(frame, as_of=as_of)
    months = [pd.Timestamp(m).date() for m in frame["month"]]
    x = theme.iso(months)
    past = [m <= as_of.replace(day=1) for m in months]

    def cut(column: str) -> list[float | None]:
        raw = list(frame[column]) if column in frame else [None] * len(frame)
        return theme.running([v if seen else None for v, seen in zip(raw, past, strict=True)])

    def whole(column: str) -> list[float | None]:
        return theme.running(list(frame[column])) if column in frame else [None] * len(frame)

    lines = {
        "promised": whole("promised"),
        "budget": whole("budget"),
        "spend": cut("spend"),
        "validated": cut("validated"),
        "banked": cut("banked"),
    }
    ahead = {
        c: _continue(lines["spend"], frame, c)
        for c in ("forecast", "forecast_low", "forecast_high")
    }
    top = max(v for series in (*lines.values(), *ahead.values()) for v in series if v is not None)
    low = min(0.0, *(v for s in lines.values() for v in s if v is not None))
    axis = theme.money_axis(low, top, currency)

    def said(name: str, series: list[float | None]) -> list[str | None]:
        return [None if v is None else f"{name} {spelling.money(v, currency)}" for v in series]

    data = []
    if theme.last(ahead["forecast_low"]) and theme.last(ahead["forecast_high"]):
        data.append(_edge(x, ahead["forecast_low"]))
        data.append(_edge(x, ahead["forecast_high"]) | {"fill": "tonexty", "fillcolor": theme.BAND})
    look = (
        ("promised", worded("Promised"), theme.PROMISE, 1.4),
        ("budget", worded("Budget"), theme.BUDGET, 1),
        ("banked", worded("Banked"), theme.RAMP[2], 1.6),
        ("validated", worded("Validated"), theme.GOOD, 2.3),
        ("spend", worded("Spend"), theme.INK, 2.2),
    )
    for key, name, colour, width in look:
        if theme.last(lines[key]):
            data.append(
                theme.line(
                    x,
                    lines[key],
                    name=name,
                    colour=colour,
                    width=width,
                    text=said(name, lines[key]),
                )
            )
    if theme.last(ahead["forecast"]):
        data.append(
            theme.line(
                x,
                ahead["forecast"],
                name=worded("Spend forecast"),
                colour=theme.INK,
                width=2.2,
                dash="3px,3px",
                text=said(worded("Forecast"), ahead["forecast"]),
            )
        )
    shapes, notes = [], []
    as_of_at = as_of.replace(day=1).isoformat()
    if as_of_at in x:
        shape, note = theme.marker_line(as_of_at, spelling.day_short(as_of))
        shapes.append(shape)
        notes.append(note)
    room = (axis["range"][1] - axis["range"][0]) * LABEL_ROOM
    labels = _labels(lines, ahead, facts, x, as_of_at, currency, reviewed_to, room)
    where = {
        "x": x[-1],
        "low": axis["range"][0],
        "high": axis["range"][1],
        "height": theme.HEIGHTS[height] - 34,
    }
    return theme.figure(
        data=data,
        title=title(facts),
        subtitle=subtitle + _footnote(facts, reviewed_to),
        sentence=_sentence(facts, currency, as_of),
        table=_table(months, lines, ahead, currency),
        height=height,
        margin={"r": 124, "t": 4},
        xaxis=theme.month_axis(months),
        yaxis=axis,
        shapes=shapes,
        annotations=notes + theme.end_labels(labels, **where),
        narrow={
            "margin": {"l": 4, "r": 66, "t": 4, "b": 26, "pad": 4},
            "annotations": notes
            + theme.end_labels([_brief(one) for one in labels], short_words=True, **where),
        },
    )


def _brief(label: theme.Label) -> theme.Label:
    return theme.Label(
        y=label.y,
        text=label.text.split(" ")[0],
        colour=label.colour,
        strong=label.strong,
    )


def _edge(x: list[str], y: list[float | None]) -> dict[str, object]:
    return theme.line(x, y, name=worded("80% band"), colour=theme.BAND, width=0) | {
        "hoverinfo": "skip",
        "hovertemplate": None,
    }


def _continue(spend: list[float | None], frame: pd.DataFrame, column: str) -> list[float | None]:
    """Carry the spend line on with monthly forecasts, joined at the last actual month."""
    out: list[float | None] = [None] * len(spend)
    end = theme.last(spend)
    if column not in frame or end is None:
        return out
    ahead = theme.values(list(frame[column]))
    if not any(v is not None for v in ahead[end[0] + 1 :]):
        return out
    total = end[1]
    out[end[0]] = total
    for position in range(end[0] + 1, len(spend)):
        value = ahead[position]
        if value is None:
            break
        total += value
        out[position] = total
    return out


def _labels(
    lines: dict[str, list[float | None]],
    ahead: dict[str, list[float | None]],
    facts: Standing,
    x: list[str],
    as_of: str,
    currency: str,
    reviewed_to: date | None,
    room: float,
) -> list[theme.Label]:
    out = []
    beside = [*(lines[key] for key in lines), *ahead.values()]

    def place(y: float, position: int) -> str | None:
        """Give where a label stands: by its line, or at the edge when a line would cross it."""
        at = max(x[position], as_of) if as_of in x else x[position]
        start = x.index(at)
        crossed = any(
            value is not None and abs(value - y) < room
            for series in beside
            for value in series[max(start, position + 1) : start + 4]
        )
        return None if crossed else at

    def add(key: str, text: str, colour: str, second: str = "", strong: bool = True) -> None:
        end = theme.last(lines[key])
        if end:
            out.append(
                theme.Label(
                    y=end[1],
                    x=place(end[1], end[0]),
                    text=text,
                    colour=colour,
                    second=second,
                    strong=strong,
                )
            )

    def cash(value: float | None) -> str:
        return "" if value is None else spelling.money(value, currency)

    for_year = worded("{amount} for the year", amount=cash(facts.promised_year))
    add("promised", worded("Promised"), theme.MUTED, for_year)
    forecast = theme.last(ahead["forecast"])
    if forecast:
        out.append(
            theme.Label(
                y=forecast[1],
                x=x[forecast[0]],
                text=worded("Spend"),
                colour=theme.INK,
                second=worded("forecast {amount}", amount=cash(facts.forecast_year)),
            )
        )
    else:
        add("spend", f"{worded('Spend')} {cash(facts.spend)}", theme.INK)
    budget = f"{worded('Budget')} {cash(facts.budget_year)}"
    add("budget", budget, theme.MUTED, strong=False)
    seen = ""
    if reviewed_to:
        seen = worded("reviewed to {month}", month=spelling.month_name(reviewed_to))
    add("validated", f"{worded('Validated')} {cash(facts.validated)}", theme.GOOD, seen)
    add("banked", f"{worded('Banked')} {cash(facts.banked)}", theme.RAMP[2])
    return out


def _footnote(facts: Standing, reviewed_to: date | None) -> str:
    parts = []
    if facts.forecast_low is not None:
        parts.append(worded("spend forecast with its 80% band"))
    if reviewed_to:
        month = spelling.month(reviewed_to)
        parts.append(worded("validated as far as finance has reviewed, {month}", month=month))
    return "; ".join(["", *parts])


def _sentence(facts: Standing, currency: str, as_of: date) -> str:
    said = [
        (worded("promised"), facts.promised),
        (worded("spent"), facts.spend),
        (worded("validated"), facts.validated),
        (worded("banked"), facts.banked),
    ]
    parts = [
        f"{spelling.money(v, currency)} {w}" if v is not None else f"{w}: {worded('unknown')}"
        for w, v in said
    ]
    return worded("To {day}: {parts}.", day=as_of, parts=", ".join(parts))


def _table(
    months: list[date],
    lines: dict[str, list[float | None]],
    ahead: dict[str, list[float | None]],
    currency: str,
) -> tuple[list[str], list[list[object]]]:
    columns = {
        worded("Promised"): lines["promised"],
        worded("Budget"): lines["budget"],
        worded("Spend"): lines["spend"],
        worded("Spend forecast"): ahead["forecast"],
        worded("Validated"): lines["validated"],
        worded("Banked"): lines["banked"],
    }
    shown = {name: series for name, series in columns.items() if theme.last(series)}
    cumulative = [
        worded("{name}, {currency}, cumulative", name=name, currency=currency) for name in shown
    ]
    head = [worded("Month"), *cumulative]
    rows: list[list[object]] = [
        [spelling.month(m), *(series[i] for series in shown.values())] for i, m in enumerate(months)
    ]
    return head, rows
