"""What is unusual, what a unit of work costs, and spend by day."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Q, QuerySet

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.domain.periods import add_months
from governance_app.domain.phrases import Phrase, phrase
from governance_app.people.models import User
from governance_app.spend.drivers import UNITS
from governance_app.spend.models import Anomaly
from governance_app.spend.selectors.explore import (
    _FROM_SUMS,
    DIMENSIONS,
    SpendFilter,
    loose_where,
    where,
)
from governance_app.spend.selectors.line_frames import line_frames

#: Dimensions that days are kept by.
OF_DAYS = tuple(
    name
    for name, one in DIMENSIONS.items()
    if name != "month" and (one.code.startswith("k.") or name == "source")
)
#: What counts as an accepted outcome: the unit of a series that says so.
OUTCOMES = ("accepted outcomes", "accepted outputs", "outcomes", "accepted")


def anomalies(*, viewer: User, state: str = "") -> QuerySet[Anomaly]:
    """Give the anomalies of sources whose money the viewer may see, newest and largest first."""
    found = Anomaly.objects.visible_to(viewer, "money.view").select_related(
        "source", "source__node", "owner", "decided_by"
    )
    return (found.filter(state=state) if state else found).order_by("-on", "-score", "pk")


def anomaly(*, viewer: User, anomaly_id: uuid.UUID | str) -> Anomaly | None:
    """Give one anomaly, or None when it is not the viewer's to see."""
    return anomalies(viewer=viewer).filter(Q(pk=anomaly_id)).first()


@dataclass(frozen=True, slots=True)
class Day:
    """What a group cost on a day, in one currency."""

    code: str
    label: str
    day: dt.date
    currency: str
    billed: Decimal
    effective: Decimal
    lines: int


def days(*, viewer: User, by: str, chosen: SpendFilter) -> list[Day]:
    """
    Give spend by day and a dimension of ``OF_DAYS``, allocated or not.

    Only what the viewer may see of whole sources; filters that ask who bears it do not apply.
    Loads whose lines are still being archived are missing.
    """
    dimension = DIMENSIONS[by]
    chosen = replace(chosen, dated="charge")
    since, until = chosen.since, chosen.until
    condition, values = loose_where(viewer, replace(chosen, since=None, until=None))
    condition = condition.replace("km.currency", "d.currency")
    if since:
        condition += " AND d.day >= %(first)s"
        values["first"] = since
    if until:
        condition += " AND d.day < %(after)s"
        values["after"] = add_months(until, 1)
    code, label = dimension.code, dimension.label
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {code}, {label}, d.day, d.currency, sum(d.billed), sum(d.effective),"
            " sum(d.lines) FROM spend_spendday d"
            " JOIN spend_currentload c ON c.load_id = d.load_id"
            " JOIN spend_load l ON l.id = d.load_id JOIN spend_source f ON f.id = l.source_id"
            " JOIN people_scopenode fn ON fn.id = f.node_id"
            f" JOIN spend_spendfacet k ON k.id = d.facet_id WHERE {condition}"
            f" GROUP BY {code}, {label}, d.day, d.currency ORDER BY 3, 2, 4",
            values,
        )
        return [
            Day(code, label, day, currency, billed, effective, int(lines))
            for code, label, day, currency, billed, effective, lines in cursor.fetchall()
        ]


def borne_days(*, viewer: User, by: str, chosen: SpendFilter) -> list[Day]:
    """
    Give spend by day and who bears it (``initiative`` or ``unit``), out of the archived lines.

    The days of an initiative sum to its month to the last digit: its lines split its month
    total again. METHOD section 6.

    Raises:
        LinesWaiting: lines are still being archived.
    """
    sums: dict[tuple[str, str, dt.date, str], list[Any]] = {}
    chosen = replace(chosen, dated="charge")
    columns = ("ChargePeriodStart", "BillingCurrency", "BilledCost", "EffectiveCost")
    for load in line_frames(viewer=viewer, chosen=chosen, columns=columns):
        for frame in load.frames:
            grouped = (
                frame.with_columns(
                    pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().alias("day")
                )
                .group_by("initiative", "name", "unit", "day", "BillingCurrency")
                .agg(pl.col("BilledCost", "EffectiveCost").sum(), pl.len().alias("lines"))
            )
            for key, name, unit, day, currency, billed, effective, count in grouped.iter_rows():
                if by == "unit":
                    code, label = unit, unit or "Unallocated"
                else:
                    code, label = key, f"{key} {name}" if key else "Unallocated"
                at = sums.setdefault((code, label, day, currency), [Decimal(0), Decimal(0), 0])
                at[0], at[1] = EXACT.add(at[0], billed), EXACT.add(at[1], effective)
                at[2] += count
    return [
        Day(*place, billed, effective, count)
        for place, (billed, effective, count) in sorted(sums.items(), key=lambda one: one[0][2])
    ]


@dataclass(frozen=True, slots=True)
class UnitCost:
    """
    What a unit of work cost in a month: cost / quantity * ``per``, or null with a reason.
    """

    subject: str
    what: str
    month: dt.date
    currency: str
    cost: Decimal
    quantity: Decimal
    per: int

    @property
    def unit_cost(self) -> Decimal | None:
        """Null when nothing was done."""
        if not self.quantity:
            return None
        return EXACT.divide(EXACT.multiply(self.cost, Decimal(self.per)), self.quantity)

    @property
    def reason(self) -> str:
        """Why there is no unit cost."""
        return "" if self.quantity else phrase("No {what} were counted.", what=Phrase(self.what))


def unit_costs(*, viewer: User, chosen: SpendFilter, by: str = "model") -> list[UnitCost]:
    """
    Give cost per million tokens and per request by model, month and currency.

    Cost is effective and only of lines counted in that unit, so that cost and quantity are of
    the same lines.
    """
    condition, values = where(viewer, replace(chosen, search=""))
    units = {unit: (what, size) for what in ("tokens", "requests") for unit, size in
             UNITS[what].items()}  # fmt: skip
    label = DIMENSIONS[by].label
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {label}, m.charge_month, m.currency, lower(btrim(k.consumed_unit)),"
            f" sum(m.effective), sum(m.consumed) {_FROM_SUMS} WHERE {condition}"
            " AND lower(btrim(k.consumed_unit)) = ANY(%(units)s)"
            f" GROUP BY {label}, 2, 3, 4 ORDER BY 2, 1, 3, 4",
            {**values, "units": sorted(units)},
        )
        rows = cursor.fetchall()
    sums: dict[tuple[str, str, dt.date, str], list[Decimal]] = defaultdict(
        lambda: [Decimal(0), Decimal(0)]
    )
    for subject, month, currency, unit, cost, quantity in rows:
        what, size = units[unit]
        at = sums[subject, what, month, currency]
        at[0] = EXACT.add(at[0], cost)
        at[1] = EXACT.add(at[1], EXACT.multiply(quantity, size))
    return [
        UnitCost(subject, what, month, currency, cost, quantity,
                 1_000_000 if what == "tokens" else 1)
        for (subject, what, month, currency), (cost, quantity) in sums.items()
    ]  # fmt: skip


def outcome_costs(*, viewer: User, chosen: SpendFilter) -> list[UnitCost]:
    """
    Give allocated cost per accepted outcome, by initiative and month in the reporting currency.

    Outcomes are what a series counts in one of the units ``OUTCOMES``; only initiatives that
    have such a series are in the answer. A month without a rate is left out.
    """
    condition, values = where(viewer, replace(chosen, search="", is_unallocated=False))
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH counted AS (SELECT s.initiative_id, date_trunc('month', p.period_on)::date AS"
            " month, sum(p.value) AS quantity FROM readings_series s JOIN readings_point p"
            " ON p.series_id = s.id AND p.known_to IS NULL"
            " WHERE lower(btrim(s.unit)) = ANY(%(outcomes)s) GROUP BY 1, 2)"
            " SELECT i.key || ' ' || i.name, m.charge_month, m.currency, sum(m.effective),"
            f" coalesce(max(q.quantity), 0) {_FROM_SUMS}"
            " LEFT JOIN counted q ON q.initiative_id = m.initiative_id AND q.month ="
            f" m.charge_month WHERE {condition} AND EXISTS (SELECT FROM counted c"
            " WHERE c.initiative_id = m.initiative_id) GROUP BY 1, 2, 3 ORDER BY 2, 1, 3",
            {**values, "outcomes": list(OUTCOMES)},
        )
        rows = cursor.fetchall()
    if not rows:
        return []
    quote = books.reporting_currency(on=max(row[1] for row in rows))
    known = books.rates_into(quote=quote)
    sums: dict[tuple[str, dt.date], list[Decimal]] = {}
    for subject, month, currency, cost, quantity in rows:
        rate = _rate(known, currency, month, quote)
        if rate is None:
            continue
        at = sums.setdefault((subject, month), [Decimal(0), quantity])
        at[0] = EXACT.add(at[0], EXACT.multiply(cost, rate))
    return [
        UnitCost(subject, "accepted outcomes", month, quote, cost, quantity, 1)
        for (subject, month), (cost, quantity) in sums.items()
    ]


def _rate(
    known: Mapping[tuple[str, dt.date, str], Any], currency: str, month: dt.date, quote: str
) -> Decimal | None:
    if currency == quote:
        return Decimal(1)
    found = known.get((currency, month, "average"))
    return found.value if found else None
