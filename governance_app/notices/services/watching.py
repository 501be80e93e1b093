"""Subscribing to saved views, and telling what changed in them."""

import datetime as dt
from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import SavedView
from governance_app.notices.kinds import KINDS
from governance_app.notices.models import ViewWatch
from governance_app.notices.services.telling import tell
from governance_app.notices.watching import compare, members
from governance_app.people import access
from governance_app.people.models import User

DAYS = {"daily": 1, "weekly": 7}
#: Changes that one notice lists; more are counted.
MOST_LINES = 30


@recorded
def watch_view(*, view: SavedView, every: str, by: User) -> ViewWatch | None:
    """
    Hear daily or weekly what changed in a saved view; an empty ``every`` ends that.

    What the view shows now is kept to compare with.

    Raises:
        Sentence: another rhythm, or a view that is not shared.
    """
    if not SavedView.objects.visible_to(by).filter(pk=view.pk).exists():
        raise Sentence("This view is not shared.")
    if not every:
        ViewWatch.objects.filter(view=view, person=by).delete()
        return None
    if every not in DAYS:
        raise Sentence(f"Hear of it {' or '.join(DAYS)}.", column="every")
    found, _currency = members(viewer=by, query=view.query, on=timezone.localdate())
    row, made = ViewWatch.objects.select_for_update().get_or_create(
        view=view, person=by,
        defaults={"every": every, "seen": found, "seen_at": timezone.now()},
    )  # fmt: skip
    if not made:
        save_changes(row, every=every)
    return row


@recorded
def look_at_views(
    *, now: dt.datetime, by: User, progress: Callable[[int], None] | None = None
) -> int:
    """
    Tell everybody what changed in the views they subscribed to, each when its time has come.

    A view that somebody stopped sharing is no longer told to others, and its watch ends.

    Returns:
        how many notices were written.
    """
    told = 0
    today = timezone.localdate(now)
    rows = ViewWatch.objects.select_for_update(of=("self",), skip_locked=True)
    for count, row in enumerate(rows.select_related("view", "person").order_by("pk"), start=1):
        if (today - timezone.localdate(row.seen_at)).days >= DAYS[row.every]:
            told += _look(row, now, by)
        if progress is not None:
            progress(count)
    return told


def _look(row: ViewWatch, now: dt.datetime, by: User) -> int:
    person, view = row.person, row.view
    is_theirs = SavedView.objects.visible_to(person).filter(pk=view.pk).exists()
    if not (person.is_active and is_theirs and access.can_anywhere(person, "view")):
        row.delete()
        return 0
    found, currency = members(viewer=person, query=view.query, on=timezone.localdate(now))
    changed = compare(row.seen, found, currency)
    save_changes(row, seen=found, seen_at=now)
    if changed.is_nothing:
        return 0
    page = f"{reverse('portfolio')}?{view.query}".removesuffix("?")
    listed = "\n".join(f"- {line}" for line in changed.lines[:MOST_LINES])
    rest = len(changed.lines) - MOST_LINES
    more = f"\nand {rest} more." if rest > 0 else ""
    tell(
        person=person, kind=KINDS["view"], now=now, by=by, page=page,
        title=f"“{view.name}”: {changed.words}", dedupe=f"view:{row.pk}:{now:%Y-%m-%d}",
        body=f"{listed}{more}\n\n{settings.SITE_URL}{page}",
    )  # fmt: skip
    return 1
