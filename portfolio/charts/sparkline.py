"""A line small enough for a table cell, drawn by the server as SVG."""

from collections.abc import Sequence
from html import escape


def svg(
    values: Sequence[float | None],
    *,
    width: int = 88,
    height: int = 20,
    label: str = "",
) -> str:
    """
    Draw values left to right; unknown ones leave a gap; the last one gets a dot.

    Args:
        values: in order of time, any unit.
        label: what a screen reader says; without one the picture is decoration.

    Returns:
        SVG text, or "" when fewer than two values are known.

    >>> svg([1.0])
    ''
    """
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    step = width / (len(values) - 1)
    path, pen_down, end = [], False, (0.0, 0.0)
    for position, value in enumerate(values):
        if value is None:
            pen_down = False
            continue
        share = 0.5 if high == low else (value - low) / span
        end = (round(position * step, 1), round((height - 4) * (1 - share) + 2, 1))
        path.append(f"{'L' if pen_down else 'M'}{end[0]:g} {end[1]:g}")
        pen_down = True
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="spark" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'{said}><path d="{"".join(path)}"/>'
        f'<circle cx="{end[0]:g}" cy="{end[1]:g}" r="1.9"/></svg>'
    )
