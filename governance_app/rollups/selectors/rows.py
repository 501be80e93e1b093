"""Figures as rows, for those who read them one by one: the API and exports."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.rollups.models import InitiativeMonth, InitiativeNow, PortfolioMonth
from governance_app.rollups.present import NOTHING
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


@dataclass(frozen=True, slots=True)
class TableTotals:
    """
    The sums under a table of initiatives; None where nothing is known.

    ``left_out``: sum -> initiatives that have something there which cannot be told.
    """

    currency: str
    count: int
    sums: dict[str, Decimal | None]
    left_out: dict[str, int]


TOTALLED = (
    "spend_year", "budget_year", "promised_year", "measured_year", "validated_year",
    "banked_year",
)  # fmt: skip


def table_totals(*, viewer: User, initiatives: QuerySet[Initiative], as_of: Moment) -> TableTotals:
    """Sum the present figures of a narrowed register, where the viewer sees money."""
    rows = (
        InitiativeNow.objects.visible_to(viewer, "money.view")
        .known_at(as_of.known_at)
        .filter(initiative__in=initiatives.order_by().values("pk"))
    )
    found = rows.order_by().aggregate(
        count=Count("pk"),
        **{f"sum_{name}": Sum(name) for name in TOTALLED},
        **{
            f"out_{name}": Count(
                "pk", filter=Q(reasons__has_key=name) & ~Q(**{f"reasons__{name}": NOTHING})
            )
            for name in TOTALLED
        },
    )
    return TableTotals(
        currency=as_of.currency,
        count=found["count"],
        sums={name: found[f"sum_{name}"] for name in TOTALLED},
        left_out={name: found[f"out_{name}"] for name in TOTALLED if found[f"out_{name}"]},
    )
