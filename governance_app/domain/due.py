"""What a person is to do by a day: the shape in which every room says it."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


def _nobody() -> Sequence[Any]:
    return ()


@dataclass(frozen=True, slots=True)
class Due:
    """
    Something of a person's that is due on a day. ``uid`` stays the same when the day moves.

    ``after`` gives who is asked next when it stays undone, nearest first; it is asked only of what
    is late, and of nobody where nothing else waits for it.
    """

    uid: str
    on: dt.date
    title: str
    text: str
    page: str
    after: Callable[[], Sequence[Any]] = _nobody
