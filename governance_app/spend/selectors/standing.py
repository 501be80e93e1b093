"""Sources, loads and rules as they stand."""

import uuid

from django.db.models import Count, Prefetch, QuerySet

from governance_app.people.models import User
from governance_app.spend.models import (
    AllocationBalance,
    AllocationRun,
    CurrentLoad,
    Delivery,
    Load,
    Rule,
    RuleVersion,
    Source,
)

#: How a source delivers and corrects, with what each means.
DELIVERIES = Source.Delivery.choices
CORRECTIONS = Source.Correction.choices


def sources(*, viewer: User) -> QuerySet[Source]:
    """Give the sources whose money the viewer may see, by name."""
    found = Source.objects.visible_to(viewer, "money.view").select_related("node", "owner")
    return found.order_by("name", "pk")


def source(
    *, viewer: User, source_id: uuid.UUID | str | None = None, name: str = ""
) -> Source | None:
    """Give one source by id or name, or None when it is not the viewer's to see."""
    found = sources(viewer=viewer)
    found = found.filter(pk=source_id) if source_id is not None else found.filter(name__iexact=name)
    return found.first()


def deliveries(*, viewer: User) -> QuerySet[Delivery]:
    """Give the bills received, newest first, with their files and loads."""
    loads = Load.objects.select_related("archive").prefetch_related("totals")
    return (
        Delivery.objects.visible_to(viewer, "money.view")
        .select_related("source", "received_by")
        .prefetch_related("files", Prefetch("loads", loads.order_by("period", "scope", "pk")))
        .order_by("-created_at", "-pk")
    )


def delivery(*, viewer: User, delivery_id: uuid.UUID | str) -> Delivery | None:
    """Give one received bill, or None when it is not the viewer's to see."""
    return deliveries(viewer=viewer).filter(pk=delivery_id).first()


def current_loads(*, viewer: User) -> QuerySet[CurrentLoad]:
    """Give what counts now, newest month first."""
    return (
        CurrentLoad.objects.visible_to(viewer, "money.view")
        .select_related("source", "load__delivery")
        .prefetch_related("load__totals")
        .order_by("-period", "source__name", "scope", "pk")
    )


def rules(*, viewer: User) -> QuerySet[RuleVersion]:
    """Give every version of every rule in the order they are asked."""
    return (
        RuleVersion.objects.visible_to(viewer, "money.view")
        .select_related("rule", "initiative")
        .order_by("position", "from_month", "pk")
    )


def rule(*, viewer: User, rule_id: uuid.UUID | str) -> Rule | None:
    """Give one rule, or None when it is not the viewer's to see."""
    return Rule.objects.visible_to(viewer, "money.view").filter(pk=rule_id).first()


def last_run(*, viewer: User) -> AllocationRun | None:
    """Give the newest allocation run with its balances."""
    return (
        AllocationRun.objects.visible_to(viewer)
        .annotate(balance_count=Count("balances"))
        .order_by("-created_at", "-pk")
        .first()
    )


def balances_of(*, run: AllocationRun, basis: str) -> QuerySet[AllocationBalance]:
    """Give the balances of a run on one cost basis, by source, month and currency."""
    found = AllocationBalance.objects.filter(run=run, basis=basis).select_related("source")
    return found.order_by("source__name", "billing_month", "currency", "pk")
