"""What of the close needs a second person: the setting ``close_four_eyes`` names it."""

from datetime import date

from django.utils import timezone

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.people.models import User

FOUR_EYES = "close_four_eyes"
COSTS, CODING, REOPENING = "costs", "coding", "reopening"
KINDS = {
    COSTS: "costs somebody types in",
    CODING: "rules of coding",
    REOPENING: "reopening a closed month",
}


def needs_two(kind: str, *, on: date | None = None) -> bool:
    """Tell whether a second person approves something of a kind, on a day or today."""
    return kind in books.setting(key=FOUR_EYES, on=on or timezone.localdate())


def refuse_alone(kind: str, by: User) -> None:
    """
    Refuse to do directly what a second person has to approve.

    Who commands the server is no colleague: the shell may, and the trail says so.

    Raises:
        Sentence: says what to do instead.
    """
    if not by.is_system and needs_two(kind):
        raise Sentence(
            f"A second person approves {KINDS[kind]} here: ask for it, and somebody else decides."
        )
