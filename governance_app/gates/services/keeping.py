"""What the services of this noun share: the actor as they are now, the principal, the clock."""

import datetime as dt

from django.db import connection
from django.utils import timezone

from governance_app.gates.refusing import GateRefused
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.people.services import system_user


def as_now(by: User) -> User:
    """
    Read who acts again: what they might when the page was opened does not count.

    Raises:
        Refused: they can no longer sign in.
    """
    fresh = User.objects.get(pk=by.pk)
    if not fresh.is_active:
        raise access.Refused(f"{fresh} can no longer sign in.")
    return fresh


def principal() -> User:
    """Give the principal that carries out what gates decide."""
    return system_user("gates")


def locked(initiative: Initiative) -> Initiative:
    """Lock an initiative: edits of it and decisions about it come one after the other."""
    return (
        Initiative.objects.select_for_update(of=("self",))
        .select_related("node", "unit", "stage")
        .get(pk=initiative.pk)
    )


def one_at_a_time(name: str) -> None:
    """Let one transaction after the other go on from here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def next_number(table: str) -> int:
    """Give the next number of a table, one caller at a time until the transaction ends."""
    one_at_a_time(table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(number), 0) + 1 FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


def today() -> dt.date:
    """Give the day."""
    return timezone.localdate()


def sentence_of(text: str, what: str) -> str:
    """
    Give a text without its blanks.

    Raises:
        GateRefused: it is blank.
    """
    if not text.strip():
        raise GateRefused(what)
    return text.strip()


def working_days_after(day: dt.date, count: int) -> dt.date:
    """
    Give the day some working days later; Saturdays and Sundays are none.

    >>> working_days_after(dt.date(2026, 11, 20), 5)
    datetime.date(2026, 11, 27)
    """
    while count > 0:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day
