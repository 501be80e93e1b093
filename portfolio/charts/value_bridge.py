"""The value bridge: from what was promised to what is banked, step by step."""

import textwrap
from collections.abc import Sequence

from portfolio.charts import spelling, theme
from portfolio.charts.wording import worded


def _words_below(labels: Sequence[str], *, broken: bool) -> dict[str, object]:
    """Give the axis of steps; broken words stand beside each other where there is room."""
    texts = ["<br>".join(textwrap.wrap(words, 13)) if broken else words for words in labels]
    return {
        "type": "category", "tickangle": 0, "automargin": True, "tickmode": "array",
        "tickvals": list(labels), "ticktext": texts, "fixedrange": True,
        "tickfont": {"color": theme.MUTED, "size": theme.TEXT_PX},
    }  # fmt: skip


def build(
    *,
    promised: float,
    steps: Sequence[tuple[str, float, float]],
    currency: str,
    title: str,
    subtitle: str,
) -> theme.Figure:
    """
    Draw a waterfall whose steps sum exactly to its last bar.

    Args:
        promised: the first bar.
        steps: (words, change, sum after it) in order; the last sum is the last bar.
        currency: of all amounts.
        title: the finding.
    """
    labels = [worded("Promised"), *(words for words, _, _ in steps), worded("In the bank")]
    banked = steps[-1][2] if steps else promised
    bases, heights, colours, said = [0.0], [promised], [theme.INK], [promised]
    for _, change, after in steps:
        bases.append(min(after, after - change))
        heights.append(abs(change))
        colours.append(theme.GOOD if change >= 0 else theme.BAD)
        said.append(change)
    bases.append(0.0)
    heights.append(banked)
    colours.append(theme.INK)
    said.append(banked)
    low = min(0.0, *bases, banked, promised)
    high = max(base + height for base, height in zip(bases, heights, strict=True))
    texts = [
        spelling.money(value, currency)
        if place in (0, len(said) - 1)
        else spelling.money(value, currency, plus=True)
        for place, value in enumerate(said)
    ]
    return theme.figure(
        data=[
            {
                "type": "bar", "x": labels, "y": heights, "base": bases,
                "marker": {"color": colours}, "text": texts, "textposition": "outside",
                "cliponaxis": False, "name": worded("Bridge"),
                "hovertemplate": "%{x}: %{text}<extra></extra>",
            }
        ],
        title=title,
        subtitle=subtitle,
        sentence=f"{title}. " + ", ".join(
            f"{label} {text}" for label, text in zip(labels, texts, strict=True)
        ),
        table=(
            [worded("Step"), worded("Change, {currency}", currency=currency)],
            [list(row) for row in zip(labels, said, strict=True)],
        ),
        height="m",
        margin={"r": 14, "t": 24, "b": 60},
        xaxis=_words_below(labels, broken=True),
        yaxis=theme.money_axis(low, high * 1.1 or 1.0, currency),
        narrow={
            "xaxis": {**_words_below(labels, broken=False), "tickangle": -90},
            "margin": {"l": 4, "r": 4, "t": 44, "b": 120, "pad": 4},
        },
    )  # fmt: skip
