"""
How a language writes numbers, money and days; pure. The site shows them in the viewer's manner,
the program, its files and its trail always write English.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Manner:
    """
    One language's manner.

    Args:
        signs: English decimal and grouping sign -> this language's.
        steps: the letters k, M and B -> what stands behind a shortened figure.
        is_money_behind: whether the currency follows its amount.
        percent: what follows a percentage.
        day: how a day is put together of ``{day}``, ``{month}`` and ``{year}``.
        ago: how long ago, by unit: ``now``, ``min``, ``h``, ``d``; ``{n}`` is the count.
        units: the signs of minutes, hours and seconds of a duration.
    """

    code: str
    months: tuple[str, ...]
    signs: Mapping[int, str] = field(default_factory=dict)
    steps: Mapping[str, str] = field(default_factory=dict)
    is_money_behind: bool = False
    percent: str = "%"
    day: str = "{day} {month} {year}"
    day_short: str = "{day} {month}"
    ago: Mapping[str, str] = field(default_factory=dict)
    last: str = "and"
    more: str = "{n} more"

    @property
    def decimal_sign(self) -> str:
        """Give what parts the whole from the decimals."""
        return self.signs.get(ord("."), ".")


ENGLISH = Manner(
    code="en",
    months=(
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ),
    ago={"now": "just now", "min": "{n} min ago", "h": "{n} h ago", "d": "{n} d ago"},
)  # fmt: skip
GERMAN = Manner(
    code="de",
    months=(
        "Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez",
    ),
    signs={ord("."): ",", ord(","): "."},
    steps={"k": "\u00a0Tsd.", "M": "\u00a0Mio.", "B": "\u00a0Mrd."},
    is_money_behind=True,
    percent="\u00a0%",
    day="{day}. {month} {year}",
    day_short="{day}. {month}",
    ago={"now": "gerade eben", "min": "vor {n} Min.", "h": "vor {n} Std.", "d": "vor {n} T."},
    last="und",
    more="{n} weitere",
)  # fmt: skip
MANNERS = {manner.code: manner for manner in (ENGLISH, GERMAN)}

_present: ContextVar[Manner] = ContextVar("manner", default=ENGLISH)


def present() -> Manner:
    """Give the manner in which this request is answered."""
    return _present.get()


@contextmanager
def using(code: str) -> Iterator[Manner]:
    """Write in a language's manner; an unknown language means English."""
    manner = MANNERS.get(code.partition("-")[0].lower(), ENGLISH)
    token = _present.set(manner)
    try:
        yield manner
    finally:
        _present.reset(token)
