"""How a drawing writes places, colours and elements."""

import html
from collections.abc import Sequence

from portfolio.charts import theme
from portfolio.charts.drawing import words

#: Side of the box in which paths are written; it is stretched over the plot area.
BOX = 10_000
_NAMES = {value: name for name, value in theme.TOKENS.items()}


def colour(value: str) -> str:
    """
    Give a colour as the style sheet knows it.

    >>> colour(theme.INK), colour("none")
    ('var(--ink)', 'none')
    """
    return f"var(--{_NAMES[value]})" if value in _NAMES else html.escape(value)


def percent(share: float) -> str:
    """
    Write a share of the plot area.

    >>> percent(0.5), percent(1 / 3)
    ('50%', '33.33%')
    """
    return f"{round(share * 100, 2):g}%"


def point(x: float, y: float) -> str:
    """Write a place inside a path."""
    return f"{round(x * BOX)} {round(y * BOX)}"


def dashes(kind: str, width: float) -> str:
    """
    Give the lengths of a dashed line, as Plotly draws them; blank for a solid one.

    >>> dashes("dash", 2), dashes("3px,3px", 2.2), dashes("solid", 2)
    ('9 9', '3 3', '')
    """
    unit = max(width, 3.0)
    named = {"solid": "", "dot": f"{unit:g} {unit:g}", "dash": f"{unit * 3:g} {unit * 3:g}"}
    return named[kind] if kind in named else kind.replace("px", "").replace(",", " ")


def stroke(ink: str, width: float, dash: str = "solid") -> str:
    """Give the attributes of a line."""
    lengths = dashes(dash, width)
    tail = f' stroke-dasharray="{lengths}"' if lengths else ""
    return f'stroke="{colour(ink)}" stroke-width="{width:g}"{tail}'


def straight(x: tuple[float, float], y: tuple[float, float], attributes: str) -> str:
    """Give a straight line between two places, shares of the plot area."""
    return (
        f'<line x1="{percent(x[0])}" x2="{percent(x[1])}" '
        f'y1="{percent(y[0])}" y2="{percent(y[1])}" {attributes}/>'
    )


def text(
    said: str,
    *,
    x: float,
    y: float,
    shift: tuple[float, float] = (0.0, 0.0),
    anchor: str = "start",
    baseline: str = "middle",
    size: float = theme.TEXT_PX,
    ink: str = theme.MUTED,
    weight: int = 400,
    turn: float = 0,
    has_ground: bool = False,
) -> str:
    """
    Give words at a place.

    Args:
        said: marked up as figures are; a break starts a new line.
        x, y: shares of the plot area.
        shift: pixels to the right and down.
        anchor: which end of the words stands there: start, middle or end.
        baseline: which part of the block of lines stands there: top, middle or bottom.
        turn: degrees; -90 reads upwards.
        has_ground: cover what passes behind.
    """
    rows = words.lines(said)
    pitch = size * 1.3
    first = {
        "top": size,
        "middle": size * 0.36 - pitch * (len(rows) - 1) / 2,
        "bottom": -size * 0.3 - pitch * (len(rows) - 1),
    }[baseline]
    dx, dy = shift
    moved = f"translate({dx:g} {round(dy, 1):g})" + (f" rotate({turn:g})" if turn else "")
    attributes = [f'text-anchor="{anchor}"', f'fill="{colour(ink)}"', f'transform="{moved}"']
    if size != theme.TEXT_PX:
        attributes.append(f'font-size="{size:g}"')
    if weight != 400:
        attributes.append(f'font-weight="{weight}"')
    spans = "".join(
        f'<tspan x="0" y="{round(first + pitch * number, 1):g}">{words.markup(row)}</tspan>'
        for number, row in enumerate(rows)
    )
    ground = ""
    if has_ground:
        wide = round(words.width_px(said, size))
        left = {"start": -2, "middle": -wide / 2, "end": -wide}[anchor]
        ground = (
            f'<rect x="{left:g}" y="{round(first - size, 1):g}" width="{wide + 2}" '
            f'height="{round(pitch * len(rows), 1):g}" fill="{colour(theme.TOKENS["page"])}" '
            f'transform="{moved}"/>'
        )
    told = f"<text {' '.join(attributes)}>{spans}</text>"
    return f"{at(x, y)}{ground}{told}</svg>"


def at(x: float, y: float) -> str:
    """Open an element whose zero is at a place and whose inside counts in pixels."""
    return f'<svg x="{percent(x)}" y="{percent(y)}">'


def symbol(x: float, y: float, *, kind: str, size: float, ink: str) -> str:
    """
    Give the mark of one value.

    Raises:
        KeyError: a figure uses a mark that drawings do not know.
    """
    half = size / 2
    if kind == "circle":
        return f'<circle cx="{percent(x)}" cy="{percent(y)}" r="{half:g}" fill="{colour(ink)}"/>'
    wide = round(half * 1.3, 2)
    look = {
        "diamond": f'fill="{colour(ink)}"',
        "diamond-open": f'fill="none" stroke="{colour(ink)}" stroke-width="1"',
    }[kind]
    path = f"M{wide:g} 0L0 {wide:g}L-{wide:g} 0L0 -{wide:g}Z"
    return f'{at(x, y)}<path d="{path}" {look}/></svg>'


def path(parts: Sequence[Sequence[tuple[float, float]]], *, is_closed: bool = False) -> str:
    """Write runs of places as the data of a path."""
    end = "Z" if is_closed else ""
    return "".join("M" + "L".join(point(x, y) for x, y in run) + end for run in parts if run)
