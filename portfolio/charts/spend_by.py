"""Spend by unit, provider, service or category: sorted bars."""

import pandas as pd

from portfolio.charts import spelling, theme
from portfolio.charts.wording import called, worded

SHOWN = 12


def ranked(frame: pd.DataFrame, *, shown: int = SHOWN) -> list[tuple[str, float]]:
    """
    Sort the amounts downwards; the tail becomes one line, "Unallocated" stays last.

    Args:
        frame: label, amount.
    """
    pairs = [(str(a), float(b)) for a, b in zip(frame["label"], frame["amount"], strict=True)]
    outside = [p for p in pairs if p[0] == "Unallocated"]
    inside = sorted((p for p in pairs if p[0] != "Unallocated"), key=lambda p: (-p[1], p[0]))
    if len(inside) > shown:
        tail = inside[shown:]
        inside = [
            *inside[:shown],
            (worded("{count} others", count=len(tail)), sum(p[1] for p in tail)),
        ]
    return inside + outside


def title(bars: list[tuple[str, float]], *, what: str) -> str:
    """Name the largest part when it is more than a third of all, otherwise stay plain."""
    total = sum(v for _, v in bars)
    tail = worded("{count} others", count="").strip()
    named = [b for b in bars if not b[0].endswith(tail)]
    if total > 0 and named and len(bars) > 1:
        name, value = max(named, key=lambda b: b[1])
        if value / total > 1 / 3:
            return worded(
                "{name} is {share} of spend",
                name=called(name),
                share=spelling.percent(value / total),
            )
    return worded("Spend by {what}", what=what)


def build(frame: pd.DataFrame, *, what: str, currency: str, period: str) -> theme.Figure:
    """
    Draw one bar per label, zero-based, the amount written at its end.

    Args:
        frame: label, amount; any order.
        what: the dimension in words, such as "provider".
        currency: code of the amounts.
        period: words for the subtitle.
    """
    subtitle = f"{currency}, {period}"
    bars = ranked(frame) if not frame.empty else []
    if not bars:
        return theme.empty(
            title=worded("Spend by {what}", what=what),
            subtitle=subtitle,
            reason=worded("No spend in this period"),
        )
    total = sum(v for _, v in bars)
    names = [called(name) for name, _ in bars]
    amounts = [value for _, value in bars]
    text = [spelling.money(v, currency) for v in amounts]
    low, high = min(0.0, *amounts), max(0.0, *amounts)
    height = "m" if len(bars) <= 8 else "l" if len(bars) <= 11 else "xl"
    return theme.figure(
        data=[
            {
                "type": "bar",
                "orientation": "h",
                "name": worded("Spend"),
                "x": amounts,
                "y": names,
                "text": text,
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": theme.INK, "size": theme.TEXT_PX},
                "marker": {
                    "color": [
                        theme.BUDGET if name == "Unallocated" else theme.RAMP[1] for name, _ in bars
                    ]
                },
                "width": [0.55] * len(bars),
                "hovertemplate": "%{y}: %{text}<extra></extra>",
            }
        ],
        title=title(bars, what=what),
        subtitle=subtitle,
        sentence=_sentence(names, amounts, total, currency),
        table=(
            [
                what[:1].upper() + what[1:],
                worded("Amount, {currency}", currency=currency),
                worded("Share"),
            ],
            [[n, v, v / total if total else None] for n, v in zip(names, amounts, strict=True)],
        ),
        height=height,
        margin={"r": 56, "b": 8, "t": 2},
        hovermode="closest",
        xaxis={
            "visible": False,
            "fixedrange": True,
            "range": [low * 1.05, high * 1.05 or 1],
            "zeroline": True,
        },
        yaxis={
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
            "ticks": "",
            "showgrid": False,
            "tickfont": {"color": theme.INK, "size": 12},
        },
    )


def _sentence(names: list[str], amounts: list[float], total: float, currency: str) -> str:
    first = [f"{n} {spelling.money(v, currency)}" for n, v in zip(names, amounts, strict=True)]
    return worded(
        "{total} in all: {parts}.",
        total=spelling.money(total, currency),
        parts=spelling.listed(first, 4),
    )
