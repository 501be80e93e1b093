"""Guards over benefits: nothing is claimed twice, and no more hours are freed than are paid for."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from governance_app.books.selectors import setting
from governance_app.domain import benefits as sums
from governance_app.domain.kpis import Claim, overlaps
from governance_app.domain.phrases import month as month_words
from governance_app.domain.phrases import phrase
from governance_app.value.models import Benefit, BenefitMonth, PopulationHours


@dataclass(frozen=True, slots=True)
class Conflict:
    """
    Claims that cannot all be true; it blocks validation and is shown to every owner.

    ``initiatives``: keys of all that take part.
    """

    kind: str
    month: dt.date
    population: str
    sentence: str
    remedy: str
    initiatives: tuple[str, ...]


def conflicts_of(*, benefit: Benefit, months: Iterable[dt.date]) -> list[Conflict]:
    """Give the conflicts in which a benefit takes part in some months, over all initiatives."""
    wanted = sorted(set(months))
    return [*_shares(benefit, wanted), *_hours(benefit, wanted)]


def valid_until(*, benefit: Benefit, on: dt.date) -> dt.date:
    """Give the last day of a validation made on a day, by the setting in force."""
    months = int(setting(key="validation_months", on=on, node=benefit.initiative.node))
    return sums.valid_until(on, months=months)


def _shares(benefit: Benefit, months: Collection[dt.date]) -> list[Conflict]:
    """Shares of one KPI and population may not sum to more than the whole."""
    if benefit.kpi is None or not benefit.population:
        return []
    rivals = Benefit.objects.filter(
        kpi__name=benefit.kpi.name, population=benefit.population
    ).select_related("initiative")
    claims = [
        Claim(rival.initiative.key, benefit.kpi.name, rival.population, month, rival.attribution)
        for rival in rivals.order_by("initiative__number", "pk")
        for month in months
        if rival.starts_month <= month <= sums.counts_until(rival.ends_month, rival.rebased_month)
    ]
    found = []
    for (kpi, population, month), group in overlaps(claims).items():
        keys = tuple(sorted({each.initiative for each in group}))
        found.append(
            Conflict(
                "share", month, population,
                phrase(
                    "{month}: {keys} together claim more than the whole of {kpi} for {population}.",
                    month=month_words(month), keys=", ".join(keys), kpi=kpi, population=population,
                ),
                phrase("Agree on shares that sum to at most 1."), keys,
            )
        )  # fmt: skip
    return found


def _hours(benefit: Benefit, months: Collection[dt.date]) -> list[Conflict]:
    """Hours freed in one population, whatever the KPI, stay within a share of its paid hours."""
    if not benefit.population or not months:
        return []
    paid = paid_hours(population=benefit.population, months=months)
    if not paid:
        return []
    rows = BenefitMonth.objects.filter(
        benefit__population=benefit.population, month__in=list(paid), hours__isnull=False
    ).select_related("benefit", "initiative")
    freed: dict[dt.date, list[sums.Freed]] = defaultdict(list)
    for row in rows.order_by("initiative__number", "pk"):
        freed[row.month].append(
            sums.Freed(
                row.initiative.key, row.benefit.name, benefit.population, row.month,
                row.hours or Decimal(0),
            )
        )  # fmt: skip
    found = []
    for month in sorted(freed):
        share = Decimal(str(setting(key="freed_hours_ratio", on=month)))
        here = {(benefit.population, month): paid[month]}
        for each in sums.too_many_hours(freed[month], paid=here, share=share):
            keys = tuple(sorted({claim.initiative for claim in each.by}))
            found.append(
                Conflict(
                    "hours", month, benefit.population, each.in_words(),
                    "Agree on whose hours they are, or correct the paid hours.", keys,
                )
            )  # fmt: skip
    return found


def paid_hours(*, population: str, months: Collection[dt.date]) -> Mapping[dt.date, Decimal]:
    """Give the hours paid for in each month, where the population is known by then."""
    rows = list(
        PopulationHours.objects.filter(population=population)
        .order_by("from_month")
        .values_list("from_month", "paid_hours")
    )
    starts = [start for start, _ in rows]
    places = {month: bisect_right(starts, month) - 1 for month in months}
    return {month: rows[place][1] for month, place in places.items() if place >= 0}
