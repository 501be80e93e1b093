"""Figures as rows, for those who read them one by one: the API and exports."""

from django.db.models import QuerySet

from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeMonth, PortfolioMonth
from governance_app.rollups.selectors import scope
from governance_app.rollups.selectors.moments import Moment
from governance_app.rollups.selectors.scope import MonthSums


def initiative_rows(*, viewer: User, as_of: Moment) -> QuerySet[InitiativeMonth]:
    """Give initiative x month where the viewer sees money, newest month first."""
    rows = InitiativeMonth.objects.visible_to(viewer, "money.view").known_at(as_of.known_at)
    return rows.select_related("initiative__unit").order_by("-month", "-pk")


def unit_rows(*, viewer: User, as_of: Moment) -> QuerySet[PortfolioMonth]:
    """
    Give unit x month where the viewer sees money, newest month first.

    A sum holds everything below its unit, so it is told only where all of that may be seen.
    """
    rows = PortfolioMonth.objects.visible_to(viewer, "money.view").known_at(as_of.known_at)
    return rows.select_related("node").order_by("-month", "-pk")


def scope_rows(*, viewer: User, as_of: Moment, node: ScopeNode | None = None) -> list[MonthSums]:
    """
    Give the totals of all that the viewer may see, or of a part of it, oldest month first.

    Raises:
        Refused: the viewer may not see money there.
    """
    within = scope.roots(viewer=viewer, permission="money.view", node=node)
    if within.is_empty:
        access.require(viewer, "money.view", node)
    return scope.months(within=within, at=as_of)
