"""What a passport is: the formula, the inputs and where each came from."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.money import exact_sum
from governance_app.domain.phrases import Phrase, phrase
from governance_app.domain.texts import read_back

Value = Decimal | float | int | str | None


@dataclass(frozen=True, slots=True)
class Line:
    """
    One input, or one part of a total.

    ``where`` says where it came from: a load and its file, a rule, a rate, a case, a reading.
    ``figure`` and ``subject`` open its own passport where it has one. ``is_part``: it counts
    into the sum.
    """

    label: str
    value: Value
    kind: str = "money"
    currency: str = ""
    where: str = ""
    figure: str = ""
    subject: str = ""
    is_part: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Passport:
    """
    Where one figure on a page comes from.

    ``kind``: money, percent, number, months, level. ``left_out``: what it does not hold and
    why. ``stale`` is empty while every input is fresh enough. ``adds_up``: it is a sum although it
    is no money.
    """

    figure: str
    subject: str
    title: str
    about: str
    formula: str
    value: Value
    kind: str
    currency: str = ""
    reason: str = ""
    lines: tuple[Line, ...] = ()
    left_out: tuple[str, ...] = ()
    completeness: str = ""
    confidence: str = ""
    stale: str = ""
    warnings: tuple[str, ...] = ()
    known_from: dt.datetime | None = None
    note: str = ""
    adds_up: bool = False

    @property
    def is_total(self) -> bool:
        """Whether the value is the sum of its parts."""
        is_sum = self.kind == "money" or self.adds_up
        return is_sum and any(line.is_part for line in self.lines)

    @property
    def parts_sum(self) -> Decimal:
        """The sum of the parts that are known."""
        return exact_sum(
            line.value for line in self.lines if line.is_part and isinstance(line.value, Decimal)
        )


def sentence_list(items: Sequence[str], *, most: int = 5) -> str:
    """
    Join names, saying how many more there are.

    >>> sentence_list(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    if len(items) <= most:
        return ", ".join(items)
    return phrase(
        "{names} and {count} more", names=", ".join(items[:most]), count=len(items) - most
    )


def inside(kept: str) -> Phrase:
    """
    Have a sentence that was kept as a text said anew, where it stands inside another.

    >>> phrase("{what}: {reason}", what="AI-7", reason=inside("No baseline."))
    'AI-7: No baseline.'
    """
    read = kept if isinstance(kept, Phrase) else read_back(kept)
    return read if isinstance(read, Phrase) else Phrase(read)
