"""Where a value stands on an axis, as a share of the plot area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

DAY_MS = 86_400_000
Layout = Mapping[str, Any]


@dataclass(frozen=True)
class Axis:
    """
    One axis: values from ``low`` to ``high`` lie on ``domain``.

    Args:
        layout: what the figure says of it.
        places: the positions of names, for an axis of names.
        domain: shares of the plot area, from the left or from the top.
    """

    layout: Layout
    low: float
    high: float
    places: Mapping[str, int]
    domain: tuple[float, float]
    is_date: bool = False

    @property
    def is_shown(self) -> bool:
        """Tell whether words and rules of the axis are drawn."""
        return bool(self.layout.get("visible", True))

    def number(self, value: Any) -> float:
        """
        Give a value as a number: a name its place, a day its count of days.

        >>> Axis({}, 0, 1, {}, (0, 1), is_date=True).number("1970-01-01")
        719163.0
        """
        if isinstance(value, str):
            return float(self.places[value]) if self.places else days(value)
        return float(value)

    def length(self, value: Any) -> float:
        """Give how long a bar of this value is; along days it is given in milliseconds."""
        return float(value) / DAY_MS if self.is_date else float(value)

    def share(self, value: Any) -> float:
        """
        Give the share of the plot area at which a value stands.

        >>> Axis({}, 0, 10, {}, (0, 0.5)).share(5)
        0.25
        """
        start, end = self.domain
        return start + (self.number(value) - self.low) / (self.high - self.low) * (end - start)

    def ticks(self) -> list[tuple[float, str]]:
        """Give the shares and words of the marks within the range."""
        if not self.is_shown:
            return []
        values = self.layout.get("tickvals") or list(self.places)
        words = self.layout.get("ticktext") or list(self.places)
        least, most = sorted((self.low, self.high))
        slack = (most - least) * 1e-6
        return [
            (self.share(value), str(word))
            for value, word in zip(values, words, strict=True)
            if least - slack <= self.number(value) <= most + slack
        ]


def days(value: str) -> float:
    """
    Count the days to a moment that is written as text.

    >>> days("1970-01-02T12:00:00") - days("1970-01-01")
    1.5
    """
    moment = datetime.fromisoformat(value)
    return moment.toordinal() + (moment.hour * 60 + moment.minute) / 1440


def read(layout: Layout, values: Sequence[Any], *, is_upright: bool) -> Axis:
    """
    Make an axis of its layout and of the values that are drawn along it.

    Args:
        is_upright: shares count from the top, where the largest value stands.
    """
    is_date = layout.get("type") == "date"
    names = [] if is_date or "range" in layout else [v for v in values if isinstance(v, str)]
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    if places:
        low, high = -0.5, len(places) - 0.5
        if layout.get("autorange") == "reversed":
            low, high = high, low
    else:
        low, high = (days(v) if isinstance(v, str) else float(v) for v in layout["range"])
    start, end = layout.get("domain", (0, 1))
    domain = (1 - start, 1 - end) if is_upright else (start, end)
    return Axis(layout, low, high if high != low else low + 1, places, domain, is_date)
