"""What boards asked for, as something that is due: reminders, calendars and escalation take it."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from django.urls import reverse

from governance_app.domain.due import Due
from governance_app.exports import selectors
from governance_app.exports.models import PackAction
from governance_app.people import access
from governance_app.people.models import User


def of_packs(*, viewer: User, until: dt.date) -> Iterator[Due]:
    """Give the open actions of board packs that are a person's to do up to a day."""
    for row in selectors.own_actions(viewer=viewer).filter(done_on=None, due_on__lte=until):
        yield Due(
            f"pack-action-{row.pk}", row.due_on, row.text, f"Asked for by the board: {row.pack}.",
            reverse("pack-action", args=[row.pk]), _after(row),
        )  # fmt: skip


def _after(row: PackAction) -> Callable[[], Sequence[User]]:
    """Who wrote the pack is asked next, then who signed it, where they see it still."""

    def asked() -> Sequence[User]:
        others = [row.pack.written_by, row.pack.signed_by]
        return [
            other
            for other in others
            if other is not None
            and other.is_active
            and other.pk != row.owner_id
            and access.can(other, "money.view", row.pack)
        ]

    return asked
