"""What people type into forms, read into values; what cannot be read is said so by its label."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from governance_app.domain.errors import Sentence
from portfolio.charts.wording import worded


def number(text: str, label: str) -> Decimal | None:
    """
    Read a number; blank is None.

    >>> number(" 1,200.50 ", "Amount"), number("", "Amount")
    (Decimal('1200.50'), None)
    """
    said = text.replace("\u00a0", "").replace(" ", "").replace(",", "").replace("\u2212", "-")
    if not said:
        return None
    try:
        value = Decimal(said)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > 20:
        raise Sentence(
            worded(
                "{label}: “{text}” is no number. Write figures, such as 1200.",
                label=label,
                text=text.strip()[:40],
            )
        )
    return value


def needed_number(text: str, label: str) -> Decimal:
    """Read a number that must be there."""
    value = number(text, label)
    if value is None:
        raise Sentence(worded("{label}: write a number.", label=label))
    return value


def share(text: str, label: str) -> Decimal | None:
    """
    Read a percentage into a share; blank is None.

    >>> share("80 %", "Attribution")
    Decimal('0.8')
    """
    value = number(text.replace("%", ""), label)
    return None if value is None else value / 100


def whole(text: str, label: str) -> int | None:
    """Read a whole number; blank is None."""
    value = number(text, label)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise Sentence(
            worded("{label}: “{text}” is no whole number.", label=label, text=text.strip()[:40])
        )
    return int(value)


def day(text: str, label: str) -> dt.date | None:
    """Read a day; blank is None."""
    if not text.strip():
        return None
    try:
        found = dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise Sentence(
            worded(
                "{label}: “{text}” is no day. Write it as 2026-11-21.",
                label=label,
                text=text.strip()[:40],
            )
        ) from error
    return _plausible(found, text, label)


def needed_day(text: str, label: str) -> dt.date:
    """Read a day that must be there."""
    found = day(text, label)
    if found is None:
        raise Sentence(worded("{label}: choose a day.", label=label))
    return found


def month(text: str, label: str) -> dt.date | None:
    """
    Read a month as its first day; blank is None.

    >>> month("2026-04", "From")
    datetime.date(2026, 4, 1)
    """
    said = text.strip()
    if not said:
        return None
    try:
        found = dt.date.fromisoformat(f"{said[:7]}-01")
    except ValueError as error:
        raise Sentence(
            worded(
                "{label}: “{text}” is no month. Write it as 2026-04.", label=label, text=said[:40]
            )
        ) from error
    return _plausible(found, text, label)


def needed_month(text: str, label: str) -> dt.date:
    """Read a month that must be there."""
    found = month(text, label)
    if found is None:
        raise Sentence(worded("{label}: choose a month.", label=label))
    return found


def _plausible(found: dt.date, text: str, label: str) -> dt.date:
    if not 1990 <= found.year <= 2100:
        raise Sentence(
            worded(
                "{label}: {text} lies outside 1990 to 2100.", label=label, text=text.strip()[:40]
            )
        )
    return found


def version(data: QueryDict) -> int | None:
    """Read which version of a row the form was made from."""
    text = data.get("version", "")
    return int(text) if text.isdigit() else None


@dataclass(slots=True)
class Attempt:
    """A form that was refused: which one, the sentence beside it, and what was typed."""

    form: str = ""
    error: str = ""
    typed: Mapping[str, Any] = field(default_factory=dict)
    is_placed: bool = False

    def of(self, form: str) -> dict[str, Any]:
        """Give error and typed values to the form they belong to, nothing to any other."""
        if form != self.form:
            return {"error": "", "typed": {}}
        self.is_placed = True
        return {"error": self.error, "typed": self.typed}

    @property
    def stray(self) -> str:
        """The sentence of a form that is no longer there, because things moved on meanwhile."""
        return "" if self.is_placed else self.error


def refused(form: str, error: Sentence, data: QueryDict) -> Attempt:
    """Keep what was typed into a refused form beside the reason."""
    said = f"{error.where}: {error}" if error.where else str(error)
    return Attempt(form, said, {**data.dict(), "months": data.getlist("month")})
