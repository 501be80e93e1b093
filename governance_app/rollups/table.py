"""The present figures beside the rows of the register: joined for order, read for one page."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

import pandas as pd
from django.db.models import Case, F, FilteredRelation, Q, QuerySet, When

from governance_app.domain.frames import conform
from governance_app.initiatives.models import Initiative
from governance_app.people.access import scope_paths
from governance_app.people.models import User
from governance_app.rollups.models import InitiativeMonth, InitiativeNow
from governance_app.rollups.selectors import scope

#: Names a table may sort by, and the column behind each; a leading minus turns them round.
MONEY_SORTS = {
    "spend": "spend_year",
    "budget": "budget_year",
    "promised": "promised_year",
    "validated": "validated_year",
    "banked": "banked_year",
    "roi": "roi_validated",
    "to_go": "to_go",
}
PLAIN_SORTS = {"risk": "risk_known_level", "gain": "efficiency_gain"}
_LIFE = ("budget", "promised_cost", "promised", "claimed", "measured", "validated", "banked")
SORTS = {**MONEY_SORTS, **PLAIN_SORTS}


def ordered(rows: QuerySet[Initiative], *, viewer: User, sort: str) -> QuerySet[Initiative]:
    """
    Order the rows of a register by a present figure, unknown ones last.

    Args:
        rows: as ``initiatives.selectors.register`` gives them.
        sort: a key of ``SORTS``, with ``-`` in front for downwards; another one changes nothing.

    What the viewer may not see does not order the rows either.
    """
    name = sort.removeprefix("-")
    if name not in SORTS:
        return rows
    permission = "money.view" if name in MONEY_SORTS else "view"
    seen = scope.roots(viewer=viewer, permission=permission).holds("node__path")
    own: Any = F(f"now__{SORTS[name]}")
    by = F("figure")
    first = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    # Joined, not looked up for each row: all rows are put in order to show a page of them.
    return rows.annotate(
        now=FilteredRelation("figures_now", condition=Q(figures_now__known_to=None)),
        figure=Case(When(seen, then=own)) if seen else own,
    ).order_by(first, "number", "pk")


def present(
    *,
    viewer: User,
    initiatives: Collection[uuid.UUID],
    permission: str = "view",
    as_of: dt.datetime | None = None,
) -> dict[uuid.UUID, InitiativeNow]:
    """
    Give the present figures of some initiatives, in one query; not what they were made from.

    Args:
        permission: "money.view" keeps those whose money the viewer may see.
        as_of: as they were known at that moment; now when None.
    """
    found = InitiativeNow.objects.visible_to(viewer, permission).known_at(as_of)
    rows = found.filter(initiative__in=initiatives).defer("made_from", "digest")
    return {row.initiative_id: row for row in rows}


def present_and_money(
    *, viewer: User, initiatives: Collection[uuid.UUID]
) -> tuple[dict[uuid.UUID, InitiativeNow], dict[uuid.UUID, InitiativeNow]]:
    """Give the present figures of what the viewer may see, and of those whose money they may."""
    now = present(viewer=viewer, initiatives=initiatives)
    paths = scope_paths(viewer, "money.view")
    if paths == scope_paths(viewer, "view"):
        return now, now
    money = InitiativeNow.objects.visible_to(viewer, "money.view")
    money = money.filter(pk__in=[row.pk for row in now.values()])
    told = set(money.values_list("initiative", flat=True))
    return now, {pk: row for pk, row in now.items() if pk in told}


def life(*, viewer: User, initiative: Initiative, as_of: dt.datetime | None = None) -> pd.DataFrame:
    """
    Give the months of one initiative as the frame ``initiative_life``, oldest first.

    Args:
        as_of: as they were known at that moment; now when None.
    """
    found = InitiativeMonth.objects.visible_to(viewer, "money.view").known_at(as_of)
    rows = found.filter(initiative=initiative).order_by("month", "pk")
    return conform("initiative_life", list(rows.values("month", "cost", *_LIFE)))
