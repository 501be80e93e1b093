"""Naming where bills come from."""

from typing import Any

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.people.services import system_user
from governance_app.spend.models import Source

REALLOCATE = "governance_app.spend.tasks.reallocate"
REALLOCATE_SECONDS = 900
WATCH = "governance_app.spend.tasks.watch"
WATCH_SECONDS = 6 * 3600


@recorded
def add_source(
    *,
    name: str,
    by: User,
    node: ScopeNode | None = None,
    owner: User | None = None,
    scope_by: str = Source.ScopeBy.BILLING_ACCOUNT,
    delivery: str = Source.Delivery.OVERWRITE,
    correction: str = Source.Correction.REPLACEMENT,
    is_strict: bool = True,
    is_day_first: bool = False,
    host_is_provider: bool = False,
) -> Source:
    """
    Add a source of bills.

    Args:
        node: whose bills they are; the organisation when not given.
        owner: who answers for what no rule allocates.
        delivery: whether a delivery is the whole month or adds to it.
        correction: how the issuer mends what it delivered before.

    Raises:
        Sentence: the name is taken or empty, or there is no organisation yet.
    """
    place = node or organisation()
    if place is None:
        raise Sentence("Found the organisation first; bills belong to it.")
    access.require(by, "spend.import", place)
    name = name.strip()
    if not name:
        raise Sentence("A source needs a name, such as the export or account it reads.")
    if Source.objects.filter(name__iexact=name).exists():
        raise Sentence(f"There is already a source called {name}.")
    _check_handling(delivery, correction)
    # A tag may name an initiative that is added later: look now and then whether one came.
    jobs.schedule(
        name="spend.reallocate",
        title="Allocate what new rules and initiatives explain",
        kind=REALLOCATE,
        payload={"only_if_needed": True},
        every_seconds=REALLOCATE_SECONDS,
        by=system_user("jobs"),
    )
    jobs.schedule(
        name="spend.watch",
        title="Look for unusual spend",
        kind=WATCH,
        payload={},
        every_seconds=WATCH_SECONDS,
        by=system_user("jobs"),
    )
    return Source.objects.create(
        name=name,
        node=place,
        owner=owner,
        scope_by=scope_by,
        delivery=delivery,
        correction=correction,
        is_strict=is_strict,
        is_day_first=is_day_first,
        host_is_provider=host_is_provider,
    )


@recorded
def change_source(
    *, source: Source, by: User, version: int | None = None, **changes: Any
) -> Source:
    """
    Change how a source is read or who owns what stays unallocated.

    Raises:
        StaleWrite: somebody changed it meanwhile.
        Sentence: a field cannot be changed here; bills already loaded depend on the scope.
    """
    access.require(by, "spend.import", source)
    source = Source.objects.select_for_update().get(pk=source.pk)
    check_version(source, version)
    changeable = {
        "name", "owner", "delivery", "correction", "is_strict", "is_day_first", "host_is_provider",
    }  # fmt: skip
    if unknown := sorted(set(changes) - changeable):
        raise Sentence(
            f"{', '.join(unknown)} of a source cannot be changed: loaded bills depend on it."
        )
    delivery = changes.get("delivery", source.delivery)
    _check_handling(delivery, changes.get("correction", source.correction))
    if delivery != source.delivery and source.loads.exists():
        raise Sentence(
            f"{source} has bills that were loaded as "
            f"{Source.Delivery(source.delivery).label.lower()}; name a new source for the others."
        )
    save_changes(source, **changes)
    return source


def _check_handling(delivery: str, correction: str) -> None:
    if delivery not in Source.Delivery.values or correction not in Source.Correction.values:
        raise Sentence(
            f"A source delivers by {' or '.join(Source.Delivery.values)} and corrects by "
            f"{', '.join(Source.Correction.values)}."
        )
    if delivery == Source.Delivery.APPEND and correction == Source.Correction.REPLACEMENT:
        raise Sentence(
            "Where deliveries add up, a replaced line would count twice: choose delta or ledger "
            "corrections, or let each delivery be the whole month."
        )
