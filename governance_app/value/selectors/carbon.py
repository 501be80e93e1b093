"""Carbon by initiative and month: reported where a provider says so, else the estimate."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum

from governance_app.books import selectors as books
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.value.models import CarbonMonth, CarbonReport, GridIntensity


@dataclass(frozen=True, slots=True)
class Carbon:
    """
    What an initiative emitted in some months.

    ``estimated_kg`` is the part that rests on energy and a coefficient; where a month has a
    reported figure, its estimate is not in it.
    """

    initiative: Initiative
    kg: Decimal
    estimated_kg: Decimal
    months: int

    @property
    def is_estimate(self) -> bool:
        """Whether any of it is an estimate."""
        return self.estimated_kg > 0


def carbon_months(
    *, viewer: User, first: dt.date, last: dt.date, initiatives: Collection[uuid.UUID] | None = None
) -> list[CarbonMonth]:
    """Give one row an initiative and month, the reported one where both stand."""
    rows = CarbonMonth.objects.visible_to(viewer).filter(month__range=(first, last))
    if initiatives is not None:
        rows = rows.filter(initiative__in=initiatives)
    rows = rows.select_related("initiative", "intensity").order_by(
        "initiative__number", "month", "-basis", "pk"
    )
    kept: dict[tuple[uuid.UUID, dt.date], CarbonMonth] = {}
    for row in rows:  # "reported" stands before "estimate"
        kept.setdefault((row.initiative_id, row.month), row)
    return list(kept.values())


def carbon(*, viewer: User, first: dt.date, last: dt.date) -> list[Carbon]:
    """Sum what each initiative emitted, most first."""
    sums: dict[uuid.UUID, list[CarbonMonth]] = {}
    for row in carbon_months(viewer=viewer, first=first, last=last):
        sums.setdefault(row.initiative_id, []).append(row)
    found = [
        Carbon(
            rows[0].initiative,
            sum((row.kg for row in rows), Decimal(0)),
            sum((row.kg for row in rows if row.basis == "estimate"), Decimal(0)),
            len(rows),
        )
        for rows in sums.values()
    ]
    return sorted(found, key=lambda each: (-each.kg, each.initiative.number))


def carbon_of_nobody(*, viewer: User, first: dt.date, last: dt.date) -> Decimal:
    """Sum what was reported and no rule gives to anybody."""
    rows = CarbonReport.objects.visible_to(viewer, "money.view").filter(month__range=(first, last))
    return rows.aggregate(total=Sum("unallocated_kg"))["total"] or Decimal(0)


def intensities(*, viewer: User) -> QuerySet[GridIntensity]:
    """Give the coefficients of grids by region, newest first."""
    return GridIntensity.objects.visible_to(viewer).order_by("region", "-year", "pk")


def shadow_cost(*, kg: Decimal, on: dt.date) -> tuple[Figure[Decimal], str]:
    """Give what some carbon costs at the shadow price in force, and its currency."""
    price = books.setting(key="carbon_price", on=on)
    if not price:
        return Null("No shadow price of carbon is set."), ""
    tonnes = EXACT.divide(kg, Decimal(1000))
    return Figure(EXACT.multiply(tonnes, Decimal(str(price["amount"])))), str(price["currency"])
