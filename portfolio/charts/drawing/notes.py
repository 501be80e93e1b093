"""Lines, words and arrows that a figure sets beside its traces."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

from portfolio.charts import theme
from portfolio.charts.drawing import pen
from portfolio.charts.drawing.axes import Axis
from portfolio.charts.drawing.errors import Unknown


def shape_of(shape: Mapping[str, Any], x: Axis, uprights: Mapping[str, Axis]) -> str:
    if shape["type"] != "line":
        raise Unknown(f"No drawing is known for a shape of the kind {shape['type']}.")
    across, up = shape.get("xref", "x"), shape.get("yref", "y")
    look = shape["line"]
    return pen.straight(
        (
            _place(shape["x0"], across, x, uprights, "x"),
            _place(shape["x1"], across, x, uprights, "x"),
        ),
        (_place(shape["y0"], up, x, uprights, "y"), _place(shape["y1"], up, x, uprights, "y")),
        pen.stroke(look["color"], look["width"], look.get("dash", "solid")),
    )


def notes_of(
    notes: Sequence[Mapping[str, Any]], x: Axis, uprights: Mapping[str, Axis], key: str
) -> list[str]:
    out = []
    for note in notes:
        left = _place(note["x"], note.get("xref", "x"), x, uprights, "x")
        top = _place(note["y"], note.get("yref", "y"), x, uprights, "y")
        if note.get("showarrow"):
            start = (
                _place(note["ax"], note["axref"], x, uprights, "x"),
                _place(note["ay"], note["ayref"], x, uprights, "y"),
            )
            look = pen.stroke(note["arrowcolor"], note["arrowwidth"])
            out.append(
                pen.straight(
                    (start[0], left), (start[1], top), f'{look} marker-end="url(#{key}-head)"'
                )
            )
        if note["text"]:
            font = note.get("font", {})
            out.append(
                pen.text(
                    note["text"],
                    x=left,
                    y=top,
                    shift=(note.get("xshift", 0), -note.get("yshift", 0)),
                    anchor={"left": "start", "right": "end"}.get(note.get("xanchor", ""), "middle"),
                    baseline=note.get("yanchor", "middle"),
                    size=font.get("size", theme.TEXT_PX),
                    ink=font.get("color", theme.INK),
                    weight=font.get("weight", 400),
                    has_ground="bgcolor" in note,
                )
            )
    return out


def arrow_head(layout: Mapping[str, Any], key: str) -> str:
    inks = [n["arrowcolor"] for n in layout.get("annotations", ()) if n.get("showarrow")]
    if not inks:
        return ""
    return (
        f'<marker id="{html.escape(key)}-head" viewBox="0 0 6 6" refX="5" refY="3" '
        'markerWidth="6" markerHeight="6" orient="auto">'
        f'<path d="M0 0L6 3L0 6Z" fill="{pen.colour(inks[0])}"/></marker>'
    )


def _place(value: Any, ref: str, x: Axis, uprights: Mapping[str, Axis], usual: str) -> float:
    """Give the share of a coordinate; a paper's counts from the left or from the bottom."""
    if ref == "paper":
        return float(value) if usual == "x" else 1 - float(value)
    return x.share(value) if usual == "x" else uprights[ref].share(value)
