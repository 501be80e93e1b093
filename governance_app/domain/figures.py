"""A figure, or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Figure(Generic[T]):
    """
    A number that was computed, or null with the reason.

    Exactly one of ``value`` and ``reason`` is given: a figure that cannot be computed is
    never 0, never infinity and never a default. ``warnings`` are sentences to show beside it.

    >>> Figure(4.5).value
    4.5
    >>> Null("No cost is recorded yet.").known
    False
    """

    value: T | None
    reason: str = ""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.value is None) != bool(self.reason):
            raise ValueError("A figure has either a value or the reason why it has none.")

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.value is not None

    def need(self) -> T:
        """Give the value, where the caller has made sure that there is one."""
        if self.value is None:
            raise ValueError(self.reason)
        return self.value

    def map(self, function: "Callable[[T], U]") -> "Figure[U]":
        """
        Turn the value into another; null stays null with its reason.

        >>> Figure(0.5).map(lambda share: share * 100).value
        50.0
        """
        if self.value is None:
            return Figure(None, self.reason, self.warnings)
        return Figure(function(self.value), "", self.warnings)

    def as_json(self) -> dict[str, Any]:
        """
        Give the figure as JSON: a Decimal as a string, so that nothing is lost.

        >>> from decimal import Decimal
        >>> Figure(Decimal("1.10")).as_json()
        {'value': '1.10', 'reason': '', 'warnings': []}
        """
        value = self.value
        plain = value if value is None or isinstance(value, (int, float, bool)) else str(value)
        return {"value": plain, "reason": self.reason, "warnings": list(self.warnings)}


def Null(reason: str, *warnings: str) -> Figure[Any]:  # noqa: N802 (reads as a value)
    """Make the figure that has no value, with the sentence that says why."""
    return Figure(None, reason, warnings)
