"""Sharing keys among initiatives, with the invariant stored."""

from collections.abc import Sequence
from datetime import date

from django.db import connection

from governance_app.audit.acting import recorded
from governance_app.books.models import Rate
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.readings.models import Series
from governance_app.spend import shares
from governance_app.spend.models import AllocationRun, CurrentLoad, RuleVersion, TagSynonym


@recorded
def allocate(
    *,
    by: User,
    months: Sequence[date] | None = None,
    only_if_needed: bool = False,
    is_full: bool = True,
) -> AllocationRun | None:
    """
    Share keys by the rules as they are now, changing only what differs.

    Args:
        months: billing months to balance besides those that changed; None = all.
        only_if_needed: do nothing when nothing that allocation asks came since the last run.
        is_full: ask every key; otherwise only those a change since the last run may touch, and
            balance only the months where something moved.

    Returns:
        The run with its balances; None when it was not needed.
    """
    access.require(by, "spend.rules")
    last = (
        AllocationRun.objects.filter(cause=AllocationRun.Cause.RULES)
        .order_by("-created_at", "-pk")
        .first()
    )
    if only_if_needed and not _is_needed(last):
        return None
    with connection.cursor() as cursor:
        shares.lock_rules(cursor, alone=True)
        changed = shares.share_all_keys(cursor, last=None if is_full else last)
        balanced = set(changed.months)
        if months is not None:
            balanced |= set(months)
        elif is_full or last is None:
            balanced |= set(CurrentLoad.objects.values_list("period", flat=True))
        return shares.balance(
            cursor,
            cause=AllocationRun.Cause.RULES,
            months=sorted(balanced),
            added=changed.added,
            removed=changed.removed,
            asked=changed.asked,
            keys=changed.keys,
        )


def _is_needed(last: AllocationRun | None) -> bool:
    if last is None:
        return RuleVersion.objects.exists()
    at = last.created_at
    if (
        RuleVersion.objects.filter(created_at__gt=at).exists()
        or TagSynonym.objects.filter(created_at__gt=at).exists()
        or Initiative.objects.filter(created_at__gt=at).exists()
    ):
        return True
    if not RuleVersion.objects.exclude(driver="").exists():
        return False
    return (
        Rate.objects.filter(created_at__gt=at).exists()
        or Series.objects.filter(recorded_at__gt=at).exists()
    )
