"""Pass after pass until nothing waits."""

import datetime as dt
import time
from collections.abc import Callable

from governance_app.audit.models import Change
from governance_app.people.models import User
from governance_app.rollups import services
from governance_app.rollups.services import Absorbed


def absorb_all(
    *, by: User, clock: Callable[[], dt.datetime], no_longer_than_seconds: float = float("inf")
) -> Absorbed:
    """
    Absorb until nothing waits, each pass in a transaction of its own; gives the sums of all.

    Who finds another pass at work leaves: that one looks once more after it has committed, so
    a change that arrived meanwhile is not left lying.

    Args:
        clock: gives the moment of knowing of each pass.
        no_longer_than_seconds: begin no further pass after that, for who comes round again:
            where changes keep streaming in, nothing waiting may never come.
    """
    total, began = Absorbed(), time.monotonic()
    while True:
        done = services.absorb(by=by, now=clock())
        total = total.plus(done)
        if done.is_busy or not Change.objects.exists():
            return total
        if time.monotonic() - began > no_longer_than_seconds:
            return total
