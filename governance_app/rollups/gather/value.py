"""What was promised and what came of it: approved cases, benefit months, KPIs."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from governance_app.domain.kpis import Direction


@dataclass(frozen=True, slots=True)
class Case:
    """The approved case in force of an initiative: the highest approved number."""

    id: uuid.UUID
    initiative: uuid.UUID
    number: int
    annual_rate: Decimal
    valuation_month: dt.date
    go_live_month: dt.date | None


@dataclass(frozen=True, slots=True)
class Promise:
    """A sum of lines of a case in force: one month, side and category."""

    initiative: uuid.UUID
    month: dt.date
    case: uuid.UUID
    number: int
    side: str
    category: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BenefitMonth:
    """One month of one benefit on every rung it reached; ``reason`` says why it is not measured."""

    initiative: uuid.UUID
    month: dt.date
    id: uuid.UUID
    version: int
    benefit: uuid.UUID
    benefit_type: str
    currency: str
    claimed: Decimal | None
    measured: Decimal | None
    validated: Decimal | None
    banked: Decimal | None
    review: str
    reason: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI with its newest reading."""

    initiative: uuid.UUID
    id: uuid.UUID
    version: int
    name: str
    direction: Direction
    baseline: Decimal | None
    series: uuid.UUID
    series_version: int
    cadence_days: int | None
    latest_on: dt.date | None
    value: Decimal | None


_IN_FORCE = """
    SELECT DISTINCT ON (initiative_id) id, initiative_id, number, annual_rate, valuation_month,
           go_live_month
    FROM value_businesscase
    WHERE state = 'approved' {chosen} ORDER BY initiative_id, number DESC
"""


def _rows(query: str, initiatives: Collection[uuid.UUID] | None, column: str) -> list[Any]:
    chosen = "" if initiatives is None else f"AND {column} = ANY(%(initiatives)s)"
    with connection.cursor() as cursor:
        cursor.execute(query.format(chosen=chosen), {"initiatives": list(initiatives or ())})
        found: list[Any] = cursor.fetchall()
    return found


def cases(*, initiatives: Collection[uuid.UUID] | None) -> dict[uuid.UUID, Case]:
    """Give the case in force by initiative."""
    found = (Case(*row) for row in _rows(_IN_FORCE, initiatives, "initiative_id"))
    return {case.initiative: case for case in found}


def promises(*, initiatives: Collection[uuid.UUID] | None) -> list[Promise]:
    """Give what the cases in force promise and plan to cost, by month and category."""
    query = (
        f"WITH c AS ({_IN_FORCE})"  # noqa: S608
        " SELECT c.initiative_id, l.month, c.id, c.number, l.side, l.category, l.currency,"
        " sum(l.amount) FROM value_caseline l JOIN c ON c.id = l.case_id"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 5, 6"
    )
    return [Promise(*row) for row in _rows(query, initiatives, "initiative_id")]


def benefit_months(*, initiatives: Collection[uuid.UUID] | None) -> list[BenefitMonth]:
    """Give the benefit months by initiative and month."""
    query = (
        "SELECT m.initiative_id, m.month, m.id, m.version, m.benefit_id, b.benefit_type,"
        " m.currency, m.claimed, m.measured, m.validated, m.banked, m.review,"
        " CASE WHEN m.measured IS NULL THEN coalesce(m.measured_from ->> 'reason', '') ELSE '' END"
        " FROM value_benefitmonth m JOIN value_benefit b ON b.id = m.benefit_id"
        " WHERE true {chosen} ORDER BY m.initiative_id, m.month, m.id"
    )
    return [BenefitMonth(*row) for row in _rows(query, initiatives, "m.initiative_id")]


def kpis(*, initiatives: Collection[uuid.UUID] | None) -> dict[uuid.UUID, list[Kpi]]:
    """Give the KPIs of each initiative with the newest value of their series."""
    query = (
        "SELECT k.initiative_id, k.id, k.version, k.name, k.direction, k.baseline, s.id, s.version,"
        " s.cadence_days, s.latest_on, p.value"
        " FROM value_kpi k JOIN readings_series s ON s.id = k.series_id"
        " LEFT JOIN readings_point p ON p.series_id = s.id AND p.period_on = s.latest_on"
        " AND p.known_to IS NULL"
        " WHERE true {chosen} ORDER BY k.initiative_id, k.created_at, k.id"
    )
    found: dict[uuid.UUID, list[Kpi]] = defaultdict(list)
    for row in _rows(query, initiatives, "k.initiative_id"):
        columns: list[Any] = list(row)
        columns[4] = Direction(columns[4])
        kpi = Kpi(*columns)
        found[kpi.initiative].append(kpi)
    return found
