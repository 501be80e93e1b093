"""How fresh what the connections bring is, in one look at all of them."""

import datetime as dt
from dataclasses import dataclass

from governance_app.connectors.models import Connection
from governance_app.connectors.selectors.standing import good_at
from governance_app.people.models import User


@dataclass(frozen=True, slots=True)
class Freshness:
    """
    The sources that bring something: how many, the freshest, and the one that is oldest.

    ``silent`` have never brought anything. Paused ones and those on trial are not counted.
    """

    sources: int
    silent: int
    newest_at: dt.datetime | None
    oldest_at: dt.datetime | None
    oldest: str


def freshness(*, viewer: User) -> Freshness:
    """Say how fresh the sources that a viewer may see are."""
    rows = Connection.objects.visible_to(viewer, "connection.view").filter(
        deleted_at=None, paused_at=None, is_on_trial=False
    )
    found = list(
        rows.annotate(good_at=good_at()).order_by("name", "pk").values_list("name", "good_at")
    )
    known = [(at, name) for name, at in found if at is not None]
    first, last = min(known, default=(None, "")), max(known, default=(None, ""))
    return Freshness(
        sources=len(found),
        silent=len(found) - len(known),
        newest_at=last[0],
        oldest_at=first[0],
        oldest=first[1],
    )
