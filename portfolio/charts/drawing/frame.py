"""What stands around the marks: the grid, the line of zero, and the words of both axes."""

from collections.abc import Mapping

from portfolio.charts import theme
from portfolio.charts.drawing import pen, words
from portfolio.charts.drawing.axes import Axis

#: Pixels between the plot area and the words of an axis, beside the margin's own.
GAP = 3
#: Plot areas on narrow screens are about so wide; words that would touch are left out.
NARROW_PX = 270


def rules(x: Axis, uprights: Mapping[str, Axis]) -> list[str]:
    """Draw the grid, and the line of zero over it."""
    grid, zeros = [], []
    for axis, is_upright in ((x, False), *((axis, True) for axis in uprights.values())):
        layout = axis.layout
        if not axis.is_shown:
            continue
        if layout.get("showgrid", True) and "gridcolor" in layout:
            look = pen.stroke(layout["gridcolor"], layout.get("gridwidth", 1))
            for share, _word in axis.ticks():
                grid.append(_rule(share, look, is_upright=is_upright))
        least, most = sorted((axis.low, axis.high))
        if layout.get("zeroline") and "zerolinecolor" in layout and least <= 0 <= most:
            look = pen.stroke(layout["zerolinecolor"], round(layout.get("zerolinewidth", 1)))
            zeros.append(_rule(axis.share(0), look, is_upright=is_upright))
    return grid + zeros


def _rule(share: float, look: str, *, is_upright: bool) -> str:
    look = f'{look} class="crisp"'
    if is_upright:
        return pen.straight((0, 1), (share, share), look)
    return pen.straight((share, share), (0, 1), look)


def words_beside(axis: Axis, pad: float) -> list[str]:
    """Write the marks of an upright axis, left of the plot area."""
    font = axis.layout.get("tickfont", {})
    return [
        pen.text(
            word,
            x=0,
            y=share,
            shift=(-pad - GAP, 0),
            anchor="end",
            size=font.get("size", theme.TEXT_PX),
            ink=font.get("color", theme.INK),
        )
        for share, word in axis.ticks()
    ]


def words_below(axis: Axis, pad: float, *, is_narrow: bool) -> list[str]:
    """Write the marks of the lying axis; where they would touch, only every so many."""
    font = axis.layout.get("tickfont", {})
    size = font.get("size", theme.TEXT_PX)
    turn = axis.layout.get("tickangle", 0)
    ticks = axis.ticks()
    if is_narrow and not turn and not axis.places:
        room = sum(words.width_px(word, size) + 8 for _share, word in ticks)
        ticks = ticks[:: int(room // NARROW_PX) + 1]
    return [
        pen.text(
            word,
            x=share,
            y=1,
            shift=(0, pad + GAP),
            anchor="end" if turn else "middle",
            baseline="middle" if turn else "top",
            size=size,
            ink=font.get("color", theme.INK),
            turn=turn,
        )
        for share, word in ticks
    ]
