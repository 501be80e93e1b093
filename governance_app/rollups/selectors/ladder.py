"""The ladder of evidence over a viewer's part of the tree, and who stands where on it."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from governance_app.domain.periods import add_months, month_range
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeMonth, InitiativeNow
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.home import WHOLE, Shown
from governance_app.rollups.selectors.moments import Moment

#: From what was said to what is in the bank.
RUNGS = ("promised", "claimed", "measured", "validated", "banked")

#: What the league may be ordered by -> its column; a leading minus turns it round.
LEAGUE_SORTS = {
    "name": "initiative__name",
    **{rung: f"{rung}_to_date" for rung in RUNGS},
    "roi": "roi_validated",
    "npv": "npv_promised",
    "payback": "payback_promised",
}


@dataclass(frozen=True, slots=True)
class Ladder:
    """
    What stands on each rung, in ``RUNGS`` order; ``is_year`` tells which window.

    ``rungs`` are hard benefits. ``avoided`` and ``soft`` stand beside them and are never added;
    soft ones reach no budget, so they have no rung "banked".
    """

    currency: str
    is_year: bool
    year_label: str
    through: dt.date
    rungs: dict[str, Shown]
    avoided: dict[str, Shown]
    soft: dict[str, Shown]
    spend: Shown


def ladder(
    *, viewer: User, as_of: Moment, is_year: bool = True, node: ScopeNode | None = None
) -> Ladder | None:
    """
    Sum every rung to the end of the last complete month.

    Args:
        is_year: over the fiscal year; since the start otherwise.
        node: only this part of the tree; everything the viewer sees when None.

    Returns:
        None for those who see no money anywhere there.
    """
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    if within.is_empty:
        return None
    rows = scope.months(within=within, at=as_of)
    first = as_of.window.year_first if is_year else None
    last = as_of.window.through
    subject = str(node.pk) if node is not None else WHOLE
    span = "year" if is_year else "to_date"

    def shown(name: str) -> Shown:
        total = scope.total(rows, name, first, last)
        column = "cost" if name == "spend" else name
        out = 0
        if any(row.left_out.get(column) for row in rows if row.month <= last):
            out = scope.left_out(within=within, at=as_of, column=column, first=first, last=last)
        return Shown(f"{name}_{span}", subject, total.value, None, total.reason, out)

    return Ladder(
        currency=as_of.currency,
        is_year=is_year,
        year_label=as_of.year_label,
        through=last,
        rungs={rung: shown(rung) for rung in RUNGS},
        avoided={rung: shown(f"{rung}_avoided") for rung in RUNGS},
        soft={rung: shown(f"{rung}_soft") for rung in RUNGS if rung != "banked"},
        spend=shown("spend"),
    )


def league(*, viewer: User, sort: str = "-validated") -> QuerySet[InitiativeNow]:
    """
    Give the present figures of every initiative with something on any rung, best first.

    Args:
        sort: a key of ``LEAGUE_SORTS``, with ``-`` in front for downwards; unknown figures last.
    """
    reached = Q(npv_promised__isnull=False)
    for rung in RUNGS:
        reached |= Q(**{f"{rung}_to_date__isnull": False})
        reached |= Q(**{f"{rung}_avoided_to_date__isnull": False})
    found = InitiativeNow.objects.visible_to(viewer, "money.view").known_at(None).filter(reached)
    name = sort.removeprefix("-")
    by = F(LEAGUE_SORTS[name if name in LEAGUE_SORTS else "validated"])
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    shown = found.select_related("initiative__stage").defer(
        "made_from", "returns", "digest", "initiative__purpose", "initiative__extra"
    )
    return shown.order_by(
        order, F("promised_to_date").desc(nulls_last=True), "initiative__number", "pk"
    )


def validated_runs(
    *, viewer: User, initiatives: Collection[uuid.UUID], through: dt.date, months: int = 12
) -> dict[uuid.UUID, list[Decimal | None]]:
    """Give the validated benefit of the last months of some initiatives, oldest first."""
    first = add_months(through, 1 - months)
    place = {month: at for at, month in enumerate(month_range(first, through))}
    rows = InitiativeMonth.objects.visible_to(viewer, "money.view").known_at(None)
    rows = rows.filter(initiative__in=initiatives, month__range=(first, through))
    found: dict[uuid.UUID, list[Decimal | None]] = {}
    for pk, month, amount in rows.values_list("initiative_id", "month", "validated"):
        found.setdefault(pk, [None] * len(place))[place[month]] = amount
    return found
