"""What stands in the way of a validation, what speaks for a benefit, what has run out."""

import datetime as dt

from django.db.models import QuerySet

from governance_app.domain import benefits as sums
from governance_app.domain.periods import month_of, month_range
from governance_app.people.models import User
from governance_app.value import guarding
from governance_app.value.models import Benefit, BenefitEvidence, BenefitMonth


def conflicts(*, benefit: Benefit, viewer: User, on: dt.date) -> list[guarding.Conflict]:
    """
    Give the conflicts of a benefit in its months up to a day, oldest first.

    Every owner sees them all: the sentence names the other initiatives by key and nothing else.
    """
    if not Benefit.objects.visible_to(viewer, "money.view").filter(pk=benefit.pk).exists():
        return []
    last = min(counts_until(benefit=benefit), month_of(on))
    found = guarding.conflicts_of(benefit=benefit, months=month_range(benefit.starts_month, last))
    return sorted(found, key=lambda each: (each.month, each.kind))


def counts_until(*, benefit: Benefit) -> dt.date:
    """Give the last month in which a benefit counts as new."""
    return sums.counts_until(benefit.ends_month, benefit.rebased_month)


def evidence(*, benefit: Benefit, viewer: User) -> QuerySet[BenefitEvidence]:
    """Give the files that speak for a benefit, newest first."""
    found = BenefitEvidence.objects.visible_to(viewer, "money.view").filter(benefit=benefit)
    return found.select_related("file", "added_by").order_by("-created_at", "pk")


def expired(*, viewer: User, on: dt.date) -> QuerySet[BenefitMonth]:
    """Give the months whose validation has run out by a day, for those who may renew it."""
    found = BenefitMonth.objects.visible_to(viewer, "value.validate").filter(
        review="validated", valid_until_on__lt=on
    )
    return found.select_related("initiative__node", "benefit", "claimant").order_by(
        "month", "initiative__number", "pk"
    )
