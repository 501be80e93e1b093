"""What the colours of a drawing stand for."""

from collections.abc import Mapping, Sequence
from typing import Any

from portfolio.charts.drawing import pen, words


def legend_of(traces: Sequence[Mapping[str, Any]]) -> str:
    entries = []
    for trace in traces:
        ink = trace.get("marker", {}).get("color") or trace.get("line", {}).get("color")
        if trace["type"] == "bar":
            swatch = f'<rect width="12" height="12" fill="{pen.colour(ink)}"/>'
        elif "markers" in trace["mode"]:
            kind = trace["marker"].get("symbol", "circle")
            swatch = pen.symbol(0.5, 0.5, kind=kind, size=trace["marker"]["size"], ink=ink)
        else:
            look = trace["line"]
            swatch = pen.straight((0, 1), (0.5, 0.5), pen.stroke(ink, look["width"]))
        entries.append(
            f'<span><svg width="12" height="12">{swatch}</svg>{words.markup(trace["name"])}</span>'
        )
    return f'<div class="legend">{"".join(entries)}</div>'
