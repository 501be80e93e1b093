"""Present figures of everything an explorer shows: subtotals of groups, and points of the map."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, QuerySet, Sum
from django.db.models.functions import Coalesce

from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.table import MONEY_SORTS


@dataclass(frozen=True)
class Subtotal:
    """
    One group of a table: how many rows, and the sum of each money column over those known.

    ``unknown`` says of each column how many rows have no such figure the viewer may see.
    """

    value: Any
    count: int
    sums: dict[str, Decimal | None]
    unknown: dict[str, int]


@dataclass(frozen=True)
class Point:
    """An initiative on the map; level 0 is a risk that nobody assessed."""

    key: str
    name: str
    stage: str
    level: int
    is_above: bool
    to_go: Decimal
    spend: Decimal | None


@dataclass(frozen=True)
class Points:
    """The map: its points, what is left out for want of a to-go value, and in which currency."""

    points: Sequence[Point]
    left_out: int
    currency: str
    through: dt.date | None


def subtotals(
    *, rows: QuerySet[Initiative], viewer: User, column: str, names: Sequence[str]
) -> list[Subtotal]:
    """
    Sum present figures by a column of the register, the fullest group first.

    Args:
        rows: what the table shows, unordered or not; all of it counts, not one page.
        column: a column of the register, such as ``unit``.
        names: keys of ``table.MONEY_SORTS``.
    """
    plain = rows.order_by()
    counts = dict(plain.values_list(column).annotate(n=Count("pk")).values_list(column, "n"))
    seen = InitiativeNow.objects.visible_to(viewer, "money.view").known_at(None)
    seen = seen.filter(initiative__in=plain.values("pk")).order_by()
    wanted: dict[str, Any] = {}
    for name in names:
        wanted[f"sum_{name}"] = Sum(MONEY_SORTS[name])
        wanted[f"known_{name}"] = Count(MONEY_SORTS[name])
    by = f"initiative__{column}"
    figures = {row[by]: row for row in seen.values(by).annotate(**wanted)} if wanted else {}
    found = []
    for value, count in counts.items():
        known = figures.get(value, {})
        found.append(
            Subtotal(
                value, count,
                {name: known.get(f"sum_{name}") for name in names},
                {name: count - known.get(f"known_{name}", 0) for name in names},
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (-each.count, str(each.value)))


def map_points(*, rows: QuerySet[Initiative], viewer: User) -> Points:
    """
    Place initiatives by residual risk and to-go value, in one query.

    Args:
        rows: what the explorer is narrowed to.

    Returns:
        A point for each whose to-go value is known and whose money the viewer may see.
    """
    plain = rows.order_by()
    seen = InitiativeNow.objects.visible_to(viewer, "money.view").known_at(None)
    seen = seen.filter(initiative__in=plain.values("pk"), to_go__isnull=False)
    known = seen.annotate(
        level=Coalesce("risk_level", "risk_known_level", 0), key=F("initiative__key"),
        title=F("initiative__name"),
    ).order_by("initiative__number")  # fmt: skip
    columns = (
        "key", "title", "stage", "level", "risk_above_appetite", "to_go", "spend_to_date",
        "currency",
    )  # fmt: skip
    points, currency = [], ""
    for key, title, stage, level, above, to_go, spend, code in known.values_list(*columns):
        currency = code
        points.append(Point(key, title, stage, level, bool(above), to_go, spend))
    through = seen.aggregate(last=Max("through"))["last"]
    return Points(points, plain.count() - len(points), currency, through)
