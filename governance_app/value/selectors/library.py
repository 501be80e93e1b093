"""The library of ready KPIs, and the paid hours of the people that benefits touch."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from governance_app.people.models import User
from governance_app.value.library import LIBRARY
from governance_app.value.models import Benefit, KpiDefinition, PopulationHours


@dataclass(frozen=True, slots=True)
class ReadyKpi:
    """A KPI that can be taken from the library."""

    key: str
    name: str
    unit: str
    meaning: str
    personas: tuple[str, ...]


def ready_kpis(*, viewer: User) -> list[ReadyKpi]:
    """Give what the library holds: what ships with the product, and what was added; by name."""
    rows = {row.key: row for row in KpiDefinition.objects.visible_to(viewer)}
    found = [
        ReadyKpi(each.key, each.name, each.unit, each.meaning, each.personas)
        for each in LIBRARY
        if each.key not in rows
    ]
    found += [
        ReadyKpi(row.key, row.name, row.unit, row.meaning, tuple(row.personas))
        for row in rows.values()
        if not row.is_retired
    ]
    return sorted(found, key=lambda each: each.name)


def paid_hours(*, viewer: User) -> QuerySet[PopulationHours]:
    """Give the paid hours of every population, newest first within each."""
    return PopulationHours.objects.visible_to(viewer).order_by("population", "-from_month", "pk")


def populations_without_hours(*, viewer: User, on: dt.date) -> list[str]:
    """Name the populations of labour benefits whose paid hours nobody set, so nothing guards."""
    known = PopulationHours.objects.filter(from_month__lte=on).values_list("population", flat=True)
    rows = Benefit.objects.visible_to(viewer).filter(formula="labour").exclude(population="")
    named = rows.exclude(population__in=list(known)).order_by("population")
    return list(dict.fromkeys(named.values_list("population", flat=True)))
