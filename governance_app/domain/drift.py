"""
When a drift alarm stands: one window in alarm raises it, several clean ones in a row clear it.

An alarm has a memory, so that one quiet window between two loud ones is not taken for the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    An alarm that stands.

    ``since``: place of the window that raised it. ``last``: place of its newest window in alarm.
    ``longest``: most windows in alarm in a row since. ``clean``: clean windows after ``last``.
    """

    since: int
    last: int
    longest: int
    clean: int


def standing(windows: Sequence[bool], *, clears_after: int) -> Alarm | None:
    """
    Say whether an alarm stands after the newest window.

    Args:
        windows: whether each window is in alarm, oldest first.
        clears_after: clean windows in a row that clear an alarm; one at the least.

    Returns:
        The alarm, or None when there was none or it is cleared.

    >>> standing([False, True, True, False], clears_after=2)
    Alarm(since=1, last=2, longest=2, clean=1)
    >>> standing([False, True, True, False, False], clears_after=2) is None
    True
    """
    alarm: Alarm | None = None
    run = 0
    for place, is_over in enumerate(windows):
        run = run + 1 if is_over else 0
        if is_over:
            since, longest = (place, 0) if alarm is None else (alarm.since, alarm.longest)
            alarm = Alarm(since, place, max(longest, run), 0)
        elif alarm is not None:
            clean = place - alarm.last
            is_cleared = clean >= clears_after
            alarm = None if is_cleared else Alarm(alarm.since, alarm.last, alarm.longest, clean)
    return alarm
