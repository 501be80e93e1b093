"""
What a closed month refuses, and where its late changes go.

A closed month is never edited: a bill that comes for it is parked and posted as an adjustment in
the next open month; a rule cannot begin in it.
"""

import uuid
from datetime import date

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.spend.models import LateAdjustment


class MonthClosed(Sentence):
    """Something reaches into a month that finance has closed."""


def is_closed(*, month: date) -> bool:
    """Tell whether a month of the books is closed, so that nothing in it may change."""
    return books.is_closed(month=month)


def is_frozen(*, source_id: uuid.UUID, scope: str, month: date) -> bool:
    """
    Tell whether a bill for a scope and month must be parked.

    So it is while the month is closed, and also after it was reopened when adjustments of that
    very bill are booked elsewhere: they say what changed, and would count twice otherwise.
    """
    return (
        is_closed(month=month)
        or LateAdjustment.objects.filter(
            source_id=source_id,
            scope=scope,
            original_month=month,
            state=LateAdjustment.State.POSTED,
        ).exists()
    )


def refuse_closed(*, month: date, what: str) -> None:
    """
    Refuse to change something in a closed month.

    Raises:
        MonthClosed: names the month and the first one that is open.
    """
    if is_closed(month=month):
        other = books.next_open_month(after=month)
        raise MonthClosed(
            f"{month:%B %Y} is closed: {what} cannot change in it. "
            f"Book it in {other:%B %Y}, or reopen the month under Close."
        )


def first_open_month() -> date | None:
    """Give the month after the last closed one; None while nothing was ever closed."""
    last = books.last_closed_month()
    return None if last is None else books.next_open_month(after=last)
