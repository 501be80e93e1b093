"""Cases and benefits as lists; all of it is money and asks for that permission."""

import uuid
from dataclasses import dataclass

from django.db.models import Count, Min, QuerySet

from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.value.models import Benefit, BenefitMonth, BusinessCase

#: Benefit types that a budget line can hold.
BANKABLE_TYPES = ("hard", "avoided")


def cases(*, initiative: Initiative, viewer: User) -> QuerySet[BusinessCase]:
    """Give the versions of an initiative's business case, newest first."""
    found = BusinessCase.objects.visible_to(viewer, "money.view").filter(initiative=initiative)
    return found.select_related("initiative__node", "written_by", "approved_by").order_by(
        "-number", "pk"
    )


def case(*, case_id: uuid.UUID | str, viewer: User) -> BusinessCase | None:
    """Give one version, or None when it does not exist or is not the viewer's to see."""
    found = BusinessCase.objects.visible_to(viewer, "money.view").filter(pk=case_id)
    return found.select_related("initiative__node", "written_by", "approved_by").first()


def benefits(*, initiative: Initiative, viewer: User) -> QuerySet[Benefit]:
    """Give the benefits of an initiative by name."""
    found = Benefit.objects.visible_to(viewer, "money.view").filter(initiative=initiative)
    return found.select_related("initiative__node", "kpi", "owner").order_by("name", "pk")


def benefit(*, benefit_id: uuid.UUID | str, viewer: User) -> Benefit | None:
    """Give one benefit, or None when it does not exist or is not the viewer's to see."""
    found = Benefit.objects.visible_to(viewer, "money.view").filter(pk=benefit_id)
    return found.select_related("initiative__node", "kpi__series", "owner").first()


def benefit_months(*, benefit: Benefit, viewer: User) -> QuerySet[BenefitMonth]:
    """Give the months of a benefit, oldest first."""
    found = BenefitMonth.objects.visible_to(viewer, "money.view").filter(benefit=benefit)
    return found.select_related("claimant", "validator", "evidence").order_by("month", "pk")


def waiting_for_review(*, viewer: User) -> QuerySet[BenefitMonth]:
    """Give the claimed or measured months that the viewer may review, oldest first."""
    found = BenefitMonth.objects.visible_to(viewer, "value.validate").filter(review="")
    found = found.exclude(claimed=None, measured=None).exclude(claimant=viewer)
    return found.select_related("initiative__node", "benefit", "claimant").order_by(
        "month", "initiative__number", "pk"
    )


def waiting_for_bank(*, viewer: User) -> QuerySet[BenefitMonth]:
    """Give the validated months that the viewer may bank and nobody has, oldest first."""
    found = BenefitMonth.objects.visible_to(viewer, "value.validate")
    found = found.filter(
        review="validated",
        validated__gt=0,
        banked=None,
        benefit__benefit_type__in=BANKABLE_TYPES,
    )
    return found.select_related("initiative__node", "benefit", "claimant", "validator").order_by(
        "month", "initiative__number", "pk"
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits: all months of the benefits that waited longest, and how much waits in all."""

    months: tuple[BenefitMonth, ...]
    month_count: int
    benefit_count: int


def queue(*, waiting: QuerySet[BenefitMonth], limit: int) -> Queue:
    """Give the months of the benefits that have waited longest, and count the whole."""
    rows = waiting.order_by()
    counted = rows.aggregate(months=Count("pk"), benefits=Count("benefit", distinct=True))
    oldest = (
        rows.values("benefit")
        .annotate(since=Min("month"), number=Min("initiative__number"))
        .order_by("since", "number", "benefit")
        .values_list("benefit", flat=True)[:limit]
    )
    found = waiting.filter(benefit__in=list(oldest)) if counted["months"] else ()
    return Queue(tuple(found), counted["months"], counted["benefits"])
