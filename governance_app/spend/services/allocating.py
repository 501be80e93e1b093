"""Sharing keys among initiatives, with the invariant stored."""

from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend import shares
from governance_app.spend.models import AllocationRun, CurrentLoad, RuleVersion


@recorded
def allocate(
    *, by: User, months: Sequence[date] | None = None, only_if_needed: bool = False
) -> AllocationRun | None:
    """
    Share every key by the rules as they are now, changing only what differs.

    Args:
        months: billing months to balance besides those that changed; None = all.
        only_if_needed: do nothing when no rule and no initiative came since the last run.

    Returns:
        The run with its balances; None when it was not needed.
    """
    access.require(by, "spend.rules")
    if only_if_needed and not _is_needed():
        return None
    with connection.cursor() as cursor:
        shares.lock_rules(cursor, alone=True)
        changed = shares.share_all_keys(cursor)
        if months is None:
            current = CurrentLoad.objects.order_by("period").values_list("period", flat=True)
            balanced = list(current.distinct())
        else:
            balanced = sorted({*months, *changed.months})
        return shares.balance(
            cursor,
            cause=AllocationRun.Cause.RULES,
            months=balanced,
            added=changed.added,
            removed=changed.removed,
        )


def _is_needed() -> bool:
    last = AllocationRun.objects.filter(cause=AllocationRun.Cause.RULES).aggregate(
        at=Max("created_at")
    )["at"]
    if last is None:
        return RuleVersion.objects.exists()
    return (
        RuleVersion.objects.filter(created_at__gt=last).exists()
        or Initiative.objects.filter(created_at__gt=last).exists()
    )
