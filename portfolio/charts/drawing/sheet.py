"""A whole figure as HTML and SVG: legend, rules, traces, words, for wide and for narrow places."""

from collections.abc import Mapping, Sequence
from typing import Any

from portfolio.charts import theme
from portfolio.charts.drawing import frame, legend, marks, notes, pen, words
from portfolio.charts.drawing.axes import Axis, read
from portfolio.charts.drawing.errors import Unknown


def html(figure: Mapping[str, Any], key: str) -> str:
    """
    Draw a figure twice, for wide and for narrow places; the style sheet shows the one that fits.

    Args:
        figure: of one of the builders.
        key: the name of the chart on its page.

    Raises:
        Unknown: a trace is of a kind that no builder has used yet.
    """
    layout = figure["layout"]
    narrow = {**layout, **layout["meta"]["narrow"]}
    return (
        _one(figure["data"], layout, f"{key}-wide", "wide")
        + _one(figure["data"], narrow, f"{key}-narrow", "narrow")
    )  # fmt: skip


def _one(traces: Sequence[Mapping[str, Any]], layout: Mapping[str, Any], key: str, fit: str) -> str:
    for trace in traces:
        if trace["type"] not in ("bar", "scatter"):
            raise Unknown(f"No drawing is known for a trace of the kind {trace['type']}.")
    x = read(layout["xaxis"], _along(traces, "x"), is_upright=False)
    uprights = {
        name: read(
            layout[f"yaxis{name[1:]}"],
            _along([t for t in traces if t.get("yaxis", "y") == name], "y"),
            is_upright=True,
        )
        for name in ("y", "y2")
        if f"yaxis{name[1:]}" in layout
    }
    is_narrow = fit == "narrow"
    pad = layout["margin"].get("pad", 0)
    below = [s for s in layout.get("shapes", ()) if s.get("layer") == "below"]
    above = [s for s in layout.get("shapes", ()) if s.get("layer") != "below"]
    boxes, said = marks.of_bars(
        [t for t in traces if t["type"] == "bar"], x, uprights["y"], layout, is_narrow=is_narrow
    )
    stretched, kept = _scatter(traces, x, uprights)
    inside = "".join(
        (
            *(notes.shape_of(shape, x, uprights) for shape in below),
            *frame.rules(x, uprights),
            '<svg width="100%" height="100%" class="cut">',
            *boxes,
            f'<svg width="100%" height="100%" viewBox="0 0 {pen.BOX} {pen.BOX}" '
            f'preserveAspectRatio="none" class="stretched">{stretched}</svg>',
            "</svg>",
            kept,
            *said,
            *(notes.shape_of(shape, x, uprights) for shape in above),
            *frame.words_below(x, pad, is_narrow=is_narrow),
            *(word for axis in uprights.values() for word in frame.words_beside(axis, pad)),
            *notes.notes_of(layout.get("annotations", ()), x, uprights, key),
        )
    )
    keys = legend.legend_of(traces) if layout.get("showlegend") else ""
    edges = _margins(layout, uprights, has_legend=bool(keys))
    return (
        f'<div class="drawing {fit}" aria-hidden="true">{keys}'
        f'<div class="area" style="margin:{edges}">'
        f'<svg width="100%" height="100%">{notes.arrow_head(layout, key)}{inside}</svg></div></div>'
    )


def _along(traces: Sequence[Mapping[str, Any]], name: str) -> list[Any]:
    return [value for trace in traces for value in trace[name]]


def _scatter(
    traces: Sequence[Mapping[str, Any]], x: Axis, uprights: Mapping[str, Axis]
) -> tuple[str, str]:
    stretched, kept, before = "", "", None
    for trace in traces:
        if trace["type"] != "scatter":
            continue
        box, loose = marks.of_scatter(trace, before, x, uprights[trace.get("yaxis", "y")])
        stretched, kept, before = stretched + box, kept + loose, trace
    return stretched, kept


def _margins(layout: Mapping[str, Any], uprights: Mapping[str, Axis], *, has_legend: bool) -> str:
    """Give the edges of the plot area: those of the layout, wider where words need it."""
    edges = layout["margin"]
    least = min(12, *(edges[side] for side in "lrtb"))
    widest = [
        words.width_px(word, axis.layout.get("tickfont", {}).get("size", theme.TEXT_PX))
        for axis in uprights.values()
        if axis.layout.get("automargin")
        for _share, word in axis.ticks()
    ]
    room = max(widest, default=0.0)
    left = max(edges["l"], round(room + edges.get("pad", 0) + frame.GAP + least) if room else 0)
    top = 4 if has_legend else edges["t"]
    return f"{top}px {edges['r']}px {edges['b']}px {left}px"
