"""What was promised and what came of it, by month, in the reporting currency."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pandas as pd
from django.db.models import Count, Max, Q, Sum

from governance_app.books.selectors import MissingRate, rates_of, reporting_currency
from governance_app.domain.frames import conform
from governance_app.domain.money import EXACT, convert
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from governance_app.value.models import BenefitMonth, BusinessCase, CaseLine

#: What a headline counts: avoided and soft benefits stand beside it, never inside.
MONEY_TYPES = ("hard",)

PLANNED = ("cost_planned", "promised")
RUNGS = ("claimed", "measured", "validated", "banked")


@dataclass(frozen=True, slots=True)
class ValueMonth:
    """
    One month in the reporting currency; None where a rung was not reached.

    ``promised_reviewed`` is the promise of the month when finance has reviewed all that is
    claimed or measured in it, for realisation; ``is_reviewed`` says so.
    """

    month: dt.date
    cost_planned: Decimal | None = None
    promised: Decimal | None = None
    claimed: Decimal | None = None
    measured: Decimal | None = None
    validated: Decimal | None = None
    banked: Decimal | None = None
    is_reviewed: bool = False

    @property
    def promised_reviewed(self) -> Decimal | None:
        return self.promised if self.is_reviewed else None


@dataclass(frozen=True, slots=True)
class InitiativeValue:
    """
    The months of one initiative, oldest first, and what they were made from.

    ``problems`` are sentences about amounts left out: a currency without a rate.
    """

    currency: str
    case: BusinessCase | None = None
    months: tuple[ValueMonth, ...] = ()
    problems: tuple[str, ...] = ()
    made_from: dict[str, Any] = field(default_factory=dict)


def case_in_force(*, initiative: Initiative, viewer: User) -> BusinessCase | None:
    """Give the newest approved version, or None."""
    found = BusinessCase.objects.visible_to(viewer, "money.view")
    approved = found.filter(initiative=initiative, state="approved")
    return approved.order_by("-number", "pk").first()


def values_of(
    *,
    viewer: User,
    initiatives: Collection[uuid.UUID],
    on: dt.date,
    types: Collection[str] = MONEY_TYPES,
) -> dict[uuid.UUID, InitiativeValue]:
    """
    Give the months of many initiatives in a handful of queries.

    Args:
        initiatives: ids; one whose money the viewer may not see comes out empty.
        on: the day that decides the reporting currency.
        types: benefit types that count; costs always do.

    Returns:
        Plans converted at the budget rate of their month, the rest at the average rate.
    """
    quote = reporting_currency(on=on)
    cases = _cases_in_force(viewer, initiatives)
    planned = list(_planned_amounts(cases.values(), types))
    reached = list(_reached_amounts(viewer, initiatives, types))
    converter = _Converter(
        quote,
        budget={(row.currency, row.month) for row in planned},
        average={(row.currency, row.month) for row in reached},
    )
    grids: dict[uuid.UUID, dict[dt.date, dict[str, Any]]] = {each: {} for each in initiatives}
    problems: dict[uuid.UUID, set[str]] = {each: set() for each in initiatives}
    for row in (*planned, *reached):
        cell = grids[row.initiative_id].setdefault(row.month, {"is_reviewed": True})
        rate, problem = converter.rate(row)
        if rate is None:
            problems[row.initiative_id].add(problem)
            continue
        for name, amount in row.amounts.items():
            if amount is not None:
                before = cell.get(name, Decimal(0))
                cell[name] = EXACT.add(before, convert(amount, rate))
        if row.kind == "average":
            cell["has_claims"] = True
            cell["is_reviewed"] = cell["is_reviewed"] and row.is_reviewed
    newest = _newest_changes(viewer, initiatives)
    return {
        each: InitiativeValue(
            currency=quote,
            case=cases.get(each),
            months=tuple(_month(month, grids[each][month]) for month in sorted(grids[each])),
            problems=tuple(sorted(problems[each])),
            made_from={
                "case": str(cases[each].pk) if each in cases else None,
                "case_number": cases[each].number if each in cases else None,
                "types": sorted(types),
                "rates": "budget for plans, average for the rest",
                "benefit_months": newest.get(each, {}),
            },
        )
        for each in initiatives
    }


def value_frame(
    *,
    initiative: Initiative,
    viewer: User,
    on: dt.date,
    types: Collection[str] = MONEY_TYPES,
) -> pd.DataFrame:
    """Give the months of one initiative as the frame ``value_months``."""
    found = values_of(viewer=viewer, initiatives=[initiative.pk], on=on, types=types)
    columns = ("month", *PLANNED, *RUNGS)
    return conform(
        "value_months",
        [{name: getattr(month, name) for name in columns} for month in found[initiative.pk].months],
    )


@dataclass(frozen=True, slots=True)
class _Amounts:
    """Sums of one initiative, month and currency, before conversion."""

    initiative_id: uuid.UUID
    month: dt.date
    currency: str
    kind: str
    amounts: dict[str, Decimal | None]
    is_reviewed: bool = False


class _Converter:
    """Rates of the pairs at hand; a missing one is remembered with its sentence."""

    def __init__(
        self, quote: str, *, budget: set[tuple[str, dt.date]], average: set[tuple[str, dt.date]]
    ) -> None:
        self._quote = quote
        self._rates: dict[tuple[str, str, dt.date], Decimal] = {}
        self._missing: dict[tuple[str, str, dt.date], str] = {}
        for kind, pairs in (("budget", budget), ("average", average)):
            self._read(kind, pairs)

    def _read(self, kind: str, pairs: set[tuple[str, dt.date]]) -> None:
        wanted = {(base, self._quote, month) for base, month in pairs if base != self._quote}
        try:
            found = rates_of(pairs=wanted, kind=kind) if wanted else {}
        except MissingRate:
            found = {}
            for pair in wanted:
                try:
                    found |= rates_of(pairs={pair}, kind=kind)
                except MissingRate as missing:
                    self._missing[kind, pair[0], pair[2]] = str(missing)
        for (base, _, month), value in found.items():
            self._rates[kind, base, month] = value

    def rate(self, row: _Amounts) -> tuple[Decimal | None, str]:
        """Give the rate of a row, or None and the sentence about the missing one."""
        if row.currency == self._quote:
            return Decimal(1), ""
        place = (row.kind, row.currency, row.month)
        return self._rates.get(place), self._missing.get(place, "")


def _cases_in_force(
    viewer: User, initiatives: Collection[uuid.UUID]
) -> dict[uuid.UUID, BusinessCase]:
    found = BusinessCase.objects.visible_to(viewer, "money.view")
    approved = found.filter(initiative__in=initiatives, state="approved")
    rows = approved.order_by("initiative_id", "-number").distinct("initiative_id")
    return {row.initiative_id: row for row in rows}


def _planned_amounts(cases: Iterable[BusinessCase], types: Collection[str]) -> Iterable[_Amounts]:
    owners = {case.pk: case.initiative_id for case in cases}
    rows = (
        CaseLine.objects.filter(case__in=owners)
        .values("case_id", "month", "currency")
        .annotate(
            cost=Sum("amount", filter=Q(side="cost")),
            benefit=Sum("amount", filter=Q(side="benefit", category__in=list(types))),
        )
        .order_by("case_id", "month", "currency")
    )
    for row in rows:
        yield _Amounts(
            owners[row["case_id"]],
            row["month"],
            row["currency"],
            "budget",
            {"cost_planned": row["cost"], "promised": row["benefit"]},
        )


def _reached_amounts(
    viewer: User, initiatives: Collection[uuid.UUID], types: Collection[str]
) -> Iterable[_Amounts]:
    found = BenefitMonth.objects.visible_to(viewer, "money.view").filter(
        initiative__in=initiatives, benefit__benefit_type__in=list(types)
    )
    rows = (
        found.values("initiative_id", "month", "currency")
        .annotate(
            **{f"{rung}_sum": Sum(rung) for rung in RUNGS},
            unreviewed=Count("pk", filter=Q(review="")),
        )
        .order_by("initiative_id", "month", "currency")
    )
    for each in rows:
        row: dict[str, Any] = dict(each)
        yield _Amounts(
            row["initiative_id"],
            row["month"],
            row["currency"],
            "average",
            {rung: row[f"{rung}_sum"] for rung in RUNGS},
            is_reviewed=row["unreviewed"] == 0,
        )


def _newest_changes(
    viewer: User, initiatives: Collection[uuid.UUID]
) -> dict[uuid.UUID, dict[str, Any]]:
    """Give how many benefit months there are and when finance last reviewed one."""
    found = BenefitMonth.objects.visible_to(viewer, "money.view")
    rows = (
        found.filter(initiative__in=initiatives)
        .values("initiative_id")
        .annotate(count=Count("pk"), versions=Sum("version"), reviewed_at=Max("reviewed_at"))
        .order_by("initiative_id")
    )
    return {
        row["initiative_id"]: {
            "count": row["count"],
            "versions": row["versions"],
            "reviewed_at": row["reviewed_at"].isoformat() if row["reviewed_at"] else None,
        }
        for row in rows
    }


def _month(month: dt.date, cell: dict[str, Any]) -> ValueMonth:
    amounts = {name: cell[name] for name in (*PLANNED, *RUNGS) if name in cell}
    found = ValueMonth(month, **amounts)
    return replace(found, is_reviewed=bool(cell.get("has_claims")) and cell["is_reviewed"])
