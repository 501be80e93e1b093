"""When a notice leaves: at once, with the next letter of the day or of the week, never at night."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

When = Literal["now", "daily", "weekly", "never"]

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Hours:
    """
    When somebody reads letters, in their own time zone.

    ``letter_at``: the hour of the daily letter. ``weekday``: of the weekly one, 0 = Monday.
    ``quiet_from`` to ``quiet_until``: nothing leaves then; over midnight when from is later.
    """

    zone: str = "UTC"
    letter_at: int = 7
    weekday: int = 0
    quiet_from: dt.time | None = None
    quiet_until: dt.time | None = None


def leaves_at(when: When, *, hours: Hours, now: dt.datetime) -> dt.datetime | None:
    """
    Tell when a notice of this moment leaves; None = it stays in the inbox.

    >>> at = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)  # a Saturday
    >>> leaves_at("weekly", hours=Hours(), now=at)
    datetime.datetime(2026, 11, 23, 7, 0, tzinfo=datetime.timezone.utc)
    >>> night = Hours(quiet_from=dt.time(22), quiet_until=dt.time(6))
    >>> leaves_at("now", hours=night, now=at)
    datetime.datetime(2026, 11, 22, 6, 0, tzinfo=datetime.timezone.utc)
    """
    if when == "never":
        return None
    there = now.astimezone(ZoneInfo(hours.zone))
    if when == "now":
        return _after_quiet(there, hours).astimezone(dt.UTC)
    letter = there.replace(hour=hours.letter_at, minute=0, second=0, microsecond=0)
    if when == "weekly":
        letter += dt.timedelta(days=(hours.weekday - there.weekday()) % 7)
    if letter <= there:
        letter += DAY if when == "daily" else WEEK
    return _after_quiet(letter, hours).astimezone(dt.UTC)


def _after_quiet(at: dt.datetime, hours: Hours) -> dt.datetime:
    """Move a moment that lies in the quiet hours to their end."""
    begin, end = hours.quiet_from, hours.quiet_until
    if begin is None or end is None or begin == end:
        return at
    clock = at.time()
    is_over_midnight = begin > end
    is_quiet = (clock >= begin or clock < end) if is_over_midnight else begin <= clock < end
    if not is_quiet:
        return at
    over = at.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return over + DAY if over <= at else over
