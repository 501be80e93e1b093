"""Carbon: what providers report, shared out as their bills are, else estimated from energy."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.allocation import split_exact
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.domain.periods import month_of
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.models import Source, SpendAllotment
from governance_app.value.models import CarbonMonth, CarbonReport, GridIntensity

MILLIGRAMS = Decimal(1_000_000)
_NOBODY = ""


class BadCarbon(Sentence):
    """A carbon figure that cannot be taken; says what to mend."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """What one account of a source emitted in a month; a blank account is the whole source."""

    account: str
    month: dt.date
    kg: Decimal


@recorded
def report_carbon(
    *, source: Source, rows: Sequence[Emitted], by: User, file: StoredFile | None = None
) -> int:
    """
    Take what a provider reports and share it over initiatives as the bills of those months are.

    A later report of the same account and month takes the place of the former.

    Returns:
        How many accounts and months were taken.

    Raises:
        BadCarbon: a figure below 0, a month to come, or one that stands twice.
        Refused: the actor may not load bills there.
    """
    access.require(by, "spend.import", source)
    seen: set[tuple[str, dt.date]] = set()
    for row in rows:
        place = (row.account, month_of(row.month))
        if place in seen:
            raise BadCarbon(f"{row.account or source}, {row.month:%B %Y}, stands twice.")
        seen.add(place)
        if not row.kg.is_finite() or row.kg < 0:
            raise BadCarbon(f"{row.month:%B %Y}: kilograms of CO2e are not below 0.")
        if place[1] > timezone.localdate():
            raise BadCarbon(f"{row.month:%B %Y} has not come yet.")
    Source.objects.select_for_update(of=("self",)).get(pk=source.pk)
    for row in rows:
        month = month_of(row.month)
        kg = row.kg.quantize(1 / MILLIGRAMS)
        report = CarbonReport.objects.filter(
            spend_source=source, account=row.account, month=month
        ).first()
        if report is None:
            report = CarbonReport.objects.create(
                spend_source=source, account=row.account, month=month, kg=kg, file=file
            )
        else:
            save_changes(report, kg=kg, file=file)
    for month in sorted({month for _, month in seen}):
        _share(source, month)
    return len(seen)


@recorded
def share_carbon_again(*, by: User) -> int:
    """
    Share every report as the bills of its month are shared now; what stays the same stays.

    Called when a bill or a rule changed who bears what.

    Returns:
        How many sources and months were looked at.
    """
    access.require(by, "value.edit")
    places = CarbonReport.objects.order_by("spend_source_id", "month").values_list(
        "spend_source_id", "month"
    )
    pairs = list(dict.fromkeys(places))
    sources = {
        source.pk: source
        for source in Source.objects.select_for_update(of=("self",))
        .filter(pk__in={pk for pk, _ in pairs})
        .order_by("pk")
    }
    for pk, month in pairs:
        _share(sources[pk], month)
    return len(pairs)


@recorded
def set_intensity(
    *, region: str, year: int, kg_per_kwh: Decimal, source: str, by: User
) -> GridIntensity:
    """
    Say how much CO2e a kilowatt hour of a grid stands for in a year, with where that is from.

    Raises:
        BadCarbon: no region or source, or a figure below 0.
    """
    access.require(by, "settings.edit")
    region, source = region.strip(), source.strip()
    if not region or not source:
        raise BadCarbon("Name the region and where the figure is from.")
    if not kg_per_kwh.is_finite() or not 0 <= kg_per_kwh < 10:
        raise BadCarbon(f"{region}: kilograms of CO2e per kWh lie between 0 and 10.")
    if not 1990 <= year <= 2100:
        raise BadCarbon(f"{region}: {year} is no year of a grid.")
    row = GridIntensity.objects.filter(region=region, year=year).first()
    if row is None:
        return GridIntensity.objects.create(
            region=region, year=year, kg_per_kwh=kg_per_kwh, source=source[:300]
        )
    save_changes(row, kg_per_kwh=kg_per_kwh, source=source[:300])
    return row


@recorded
def estimate_carbon(
    *, initiative: Initiative, month: dt.date, kwh: Decimal, region: str, by: User
) -> CarbonMonth:
    """
    Estimate what an initiative emitted from the energy it used; labelled an estimate.

    Raises:
        BadCarbon: energy below 0, or no coefficient for the region by that year.
    """
    access.require(by, "value.edit", initiative)
    first = month_of(month)
    if first > timezone.localdate():
        raise BadCarbon(f"{first:%B %Y} has not come yet.")
    if not kwh.is_finite() or kwh < 0:
        raise BadCarbon(f"{initiative.key}: energy is not below 0.")
    used = (
        GridIntensity.objects.filter(region=region, year__lte=first.year).order_by("-year").first()
    )
    if used is None:
        raise BadCarbon(f"No coefficient is set for {region or 'that region'} by {first.year}.")
    fields: dict[str, Any] = {
        "kg": EXACT.multiply(kwh, used.kg_per_kwh).quantize(1 / MILLIGRAMS),
        "kwh": kwh.quantize(1 / MILLIGRAMS),
        "intensity": used,
        "made_from": {
            "kwh": f"{kwh.normalize():f}", "kg_per_kwh": f"{used.kg_per_kwh.normalize():f}",
            "year": used.year, "region": used.region, "source": used.source,
        },
    }  # fmt: skip
    row = CarbonMonth.objects.filter(initiative=initiative, month=first, basis="estimate").first()
    if row is None:
        return CarbonMonth.objects.create(
            initiative=initiative, month=first, basis="estimate", **fields
        )
    save_changes(row, **fields)
    return row


def _share(source: Source, month: dt.date) -> None:
    """Share every report of a source in a month; what no rule gives to anybody stays with it."""
    sums: dict[str, dict[str, Any]] = defaultdict(lambda: {"kg": Decimal(0), "parts": []})
    reports = list(CarbonReport.objects.filter(spend_source=source, month=month).order_by("pk"))
    borne = _borne(source, month)
    for report in reports:
        parts = split_exact(int(report.kg * MILLIGRAMS), _weights(report, borne))
        nobody = Decimal(parts.pop(_NOBODY, 0)) / MILLIGRAMS
        save_changes(report, unallocated_kg=nobody)
        for pk, part in parts.items():
            kg = Decimal(part) / MILLIGRAMS
            sums[pk]["kg"] += kg
            sums[pk]["parts"].append([str(report.pk), f"{kg:f}"])
    standing = {
        str(row.initiative_id): row
        for row in CarbonMonth.objects.filter(month=month, basis="reported")
    }
    own = str(source.pk)
    for pk in {*sums, *standing}:
        row = standing.get(pk)
        kept = {} if row is None else dict(row.made_from)
        if pk in sums:
            kept[own] = {
                "source": source.name, "kg": f"{sums[pk]['kg']:f}", "reports": sums[pk]["parts"],
            }  # fmt: skip
        else:
            kept.pop(own, None)
        total = sum((Decimal(each["kg"]) for each in kept.values()), Decimal(0))
        if row is None:
            CarbonMonth.objects.create(
                initiative_id=pk, month=month, basis="reported", kg=total, made_from=kept
            )
        elif kept:
            save_changes(row, kg=total, made_from=kept)
        else:
            row.delete()


def _borne(source: Source, month: dt.date) -> list[tuple[str, str, Decimal]]:
    """Give the account, who bears it and the effective cost, of a source and month."""
    rows = SpendAllotment.objects.filter(load__source=source.pk, charge_month=month).order_by()
    return [
        (account or "", str(pk) if pk else _NOBODY, cost)
        for account, pk, cost in rows.values("facet__account", "initiative")
        .annotate(cost=Sum("effective"))
        .values_list("facet__account", "initiative", "cost")
        if cost is not None
    ]


def _weights(report: CarbonReport, borne: Sequence[tuple[str, str, Decimal]]) -> dict[str, int]:
    """Weigh by the effective cost that each bears of the report's account, or of all of them."""
    costs: dict[str, Decimal] = defaultdict(Decimal)
    for account, pk, cost in borne:
        if report.account in ("", account):
            costs[pk] += cost
    weights = {pk: int(cost * MILLIGRAMS) for pk, cost in sorted(costs.items()) if cost > 0}
    return weights if any(weights.values()) else {_NOBODY: 1}
