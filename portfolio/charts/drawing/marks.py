"""The traces of a figure as elements of SVG."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from portfolio.charts import theme
from portfolio.charts.drawing import pen
from portfolio.charts.drawing.axes import Axis

Trace = Mapping[str, Any]
Run = list[tuple[float, float]]
#: Pixels between a bar and the words at its end.
TEXT_PAD = 3
#: Upright bars whose words still stand beside each other on a narrow screen.
MOST_NARROW = 5


def of_bars(
    traces: Sequence[Trace], x: Axis, y: Axis, layout: Mapping[str, Any], *, is_narrow: bool
) -> tuple[list[str], list[str]]:
    """
    Draw every bar.

    Args:
        is_narrow: words over many bars read upwards, or they would touch.

    Returns:
        what is cut off at the edge of the plot area, and the words that are not.
    """
    boxes, said = [], []
    ends: dict[tuple[float, bool], float] = {}
    is_stacked = layout.get("barmode") == "relative"
    width = _usual_width(traces, x, y) * (1 - layout.get("bargap", 0.2))
    for trace in traces:
        is_lying = trace.get("orientation") == "h"
        across, along = (y, x) if is_lying else (x, y)
        places, sizes = (trace["y"], trace["x"]) if is_lying else (trace["x"], trace["y"])
        for number, (place, size) in enumerate(zip(places, sizes, strict=True)):
            if size is None:
                continue
            at, long = across.number(place), along.length(size)
            start = along.number(trace["base"][number]) if trace.get("base") else 0.0
            if is_stacked:
                start = ends.get((at, long < 0), 0.0)
                ends[at, long < 0] = start + long
            half = (across.length(trace["width"][number]) if trace.get("width") else width) / 2
            sides = across.share(at - half), across.share(at + half)
            reach = along.share(start), along.share(start + long)
            boxes.append(_box(reach, sides, is_lying=is_lying, look=_bar_look(trace, number)))
            if trace.get("textposition") == "outside":
                words = trace["text"][number]
                middle = sum(sides) / 2
                if is_lying:
                    said.append(_words_beside(words, reach[1], middle, is_left=long < 0))
                else:
                    turn = -90 if is_narrow and len(places) > MOST_NARROW else 0
                    said.append(_words_over(words, middle, reach[1], is_below=long < 0, turn=turn))
    return boxes, said


def _usual_width(traces: Sequence[Trace], x: Axis, y: Axis) -> float:
    """Give the least distance of two bars; a month for a lone one of days, else one."""
    across = [
        (y, trace["y"]) if trace.get("orientation") == "h" else (x, trace["x"]) for trace in traces
    ]
    found = sorted({axis.number(value) for axis, values in across for value in values})
    alone = 28.0 if any(axis.is_date for axis, _values in across) else 1.0
    return min((after - before for before, after in pairwise(found)), default=alone)


def _bar_look(trace: Trace, number: int) -> str:
    marker = trace.get("marker", {})
    ink = _nth(marker.get("color", theme.SERIES[0]), number)
    edge = marker.get("line")
    return f'fill="{pen.colour(ink)}"' + (
        f" {pen.stroke(edge['color'], edge['width'])}" if edge else ""
    )


def _box(
    reach: tuple[float, float], sides: tuple[float, float], *, is_lying: bool, look: str
) -> str:
    (left, right), (top, bottom) = (reach, sides) if is_lying else (sides, reach)
    return (
        f'<rect x="{pen.percent(min(left, right))}" y="{pen.percent(min(top, bottom))}" '
        f'width="{pen.percent(abs(right - left))}" height="{pen.percent(abs(bottom - top))}" '
        f"{look}/>"
    )


def _words_beside(words: str, end: float, middle: float, *, is_left: bool) -> str:
    return pen.text(
        words, x=end, y=middle, shift=(-TEXT_PAD if is_left else TEXT_PAD, 0),
        anchor="end" if is_left else "start", ink=theme.INK,
    )  # fmt: skip


def _words_over(words: str, middle: float, end: float, *, is_below: bool, turn: float) -> str:
    shift = (0.0, TEXT_PAD if is_below else -TEXT_PAD)
    if turn:
        return pen.text(
            words, x=middle, y=end, shift=shift, anchor="end" if is_below else "start",
            ink=theme.INK, turn=turn,
        )  # fmt: skip
    return pen.text(
        words, x=middle, y=end, shift=shift, anchor="middle",
        baseline="top" if is_below else "bottom", ink=theme.INK,
    )  # fmt: skip


def of_scatter(trace: Trace, before: Trace | None, x: Axis, y: Axis) -> tuple[str, str]:
    """
    Draw one trace of places.

    Args:
        before: the trace to whose line a fill reaches.

    Returns:
        what stands in the stretched box, and the marks that keep their shape.
    """
    mode = trace.get("mode", "lines+markers")
    runs = _runs(trace, x, y)
    stretched = _fill(trace, runs, _runs(before, x, y) if before else [])
    look = trace.get("line", {})
    if "lines" in mode and look.get("width", 2):
        ink = look.get("color", theme.SERIES[0])
        drawn = pen.path(runs)
        stretched += (
            f'<path d="{drawn}" fill="none" '
            f"{pen.stroke(ink, look.get('width', 2), look.get('dash', 'solid'))}/>"
            if drawn
            else ""
        )
    marks = "".join(_whiskers(trace, x, y))
    if "markers" in mode:
        marks += "".join(_symbols(trace, x, y))
    return stretched, marks


def _runs(trace: Trace, x: Axis, y: Axis) -> list[Run]:
    """Give the places of a trace; one that is unknown starts a new run."""
    runs: list[Run] = [[]]
    for across, up in zip(trace["x"], trace["y"], strict=True):
        if up is None or across is None:
            runs.append([])
        else:
            runs[-1].append((x.share(across), y.share(up)))
    known = [run for run in runs if run]
    if trace.get("line", {}).get("shape") == "hvh":
        return [_steps(run) for run in known]
    return known


def _steps(run: Run) -> Run:
    """
    Change the height half way between two places.

    >>> _steps([(0.0, 0.0), (1.0, 1.0)])
    [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (1.0, 1.0)]
    """
    out = run[:1]
    for (left, before), (right, after) in pairwise(run):
        middle = (left + right) / 2
        out += [(middle, before), (middle, after), (right, after)]
    return out


def _fill(trace: Trace, runs: list[Run], before: list[Run]) -> str:
    kind = trace.get("fill", "none")
    if kind == "none":
        return ""
    if kind == "tonexty":
        areas = [run + below[::-1] for run, below in zip(runs, before, strict=True)]
    else:
        areas = runs
    ink = pen.colour(trace["fillcolor"])
    clear = f' fill-opacity="{trace["opacity"]:g}"' if "opacity" in trace else ""
    return f'<path d="{pen.path(areas, is_closed=True)}" fill="{ink}"{clear} stroke="none"/>'


def _known(trace: Trace) -> Iterator[tuple[int, Any, Any]]:
    for number, (across, up) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if across is not None and up is not None:
            yield number, across, up


def _symbols(trace: Trace, x: Axis, y: Axis) -> Iterator[str]:
    marker = trace.get("marker", {})
    usual = trace.get("line", {}).get("color", theme.SERIES[0])
    for number, across, up in _known(trace):
        yield pen.symbol(
            x.share(across),
            y.share(up),
            kind=_nth(marker.get("symbol", "circle"), number),
            size=_nth(marker.get("size", 6), number),
            ink=_nth(marker.get("color", usual), number),
        )


def _whiskers(trace: Trace, x: Axis, y: Axis) -> Iterator[str]:
    """Draw the interval of each place, with a cap at both ends."""
    spread = trace.get("error_x")
    if not spread:
        return
    look = pen.stroke(spread["color"], spread["thickness"])
    cap = spread["width"]
    for number, across, up in _known(trace):
        height = y.share(up)
        left = x.share(across - spread["arrayminus"][number])
        right = x.share(across + spread["array"][number])
        yield pen.straight((left, right), (height, height), look)
        for end in (left, right):
            yield f'{pen.at(end, height)}<line y1="-{cap:g}" y2="{cap:g}" {look}/></svg>'


def _nth(value: Any, number: int) -> Any:
    """Give the entry of one mark; a single value is that of all."""
    return value if isinstance(value, str | int | float) else value[number]
