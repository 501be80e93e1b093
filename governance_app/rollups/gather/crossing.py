"""What the bridge of each initiative is made of: planned factors, and hard benefits by month."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection


@dataclass(slots=True)
class Plan:
    """The steady factors of the case in force; ``effect_in_minutes`` is the unit of its effect."""

    currency: str
    factors: dict[str, Decimal] = field(default_factory=dict)
    effect_in_minutes: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """One hard benefit in one month, as measured and as finance reviewed it."""

    initiative: uuid.UUID
    month: dt.date
    benefit: str
    currency: str
    review: str
    measured: Decimal | None
    validated: Decimal | None
    banked: Decimal | None
    inputs: dict[str, str]


def plans(*, initiatives: Collection[uuid.UUID] | None) -> dict[uuid.UUID, Plan]:
    """Give the planned factors of the cases in force that name any."""
    rows = _rows(
        "WITH c AS (SELECT DISTINCT ON (initiative_id) id, initiative_id, currency"
        " FROM value_businesscase WHERE state = 'approved' {chosen}"
        " ORDER BY initiative_id, number DESC)"
        " SELECT c.initiative_id, c.currency, a.factor, a.likely, a.unit FROM c"
        " JOIN value_caseassumption a ON a.case_id = c.id AND a.factor <> '' ORDER BY 1, a.id",
        initiatives,
        "initiative_id",
    )
    found: dict[uuid.UUID, Plan] = {}
    for initiative, currency, factor, likely, unit in rows:
        plan = found.setdefault(initiative, Plan(currency))
        plan.factors.setdefault(factor, likely)
        if factor == "unit_effect":
            plan.effect_in_minutes = unit.strip().lower() in ("min", "minute", "minutes")
    return found


def reached(*, initiatives: Collection[uuid.UUID] | None, through: dt.date) -> list[Reached]:
    """Give the months of hard benefits up to a month."""
    rows = _rows(
        "SELECT m.initiative_id, m.month, b.name, m.currency, m.review, m.measured, m.validated,"
        " m.banked, m.measured_from FROM value_benefitmonth m"
        " JOIN value_benefit b ON b.id = m.benefit_id AND b.benefit_type = 'hard'"
        " WHERE m.month <= %(through)s {chosen} ORDER BY 1, 2, m.id",
        initiatives,
        "m.initiative_id",
        through=through,
    )
    found = []
    for row in rows:
        columns: list[Any] = [*row[:8], _json(row[8])]
        found.append(Reached(*columns))
    return found


def adoption(
    *, initiatives: Collection[uuid.UUID] | None
) -> dict[tuple[uuid.UUID, dt.date], Decimal]:
    """Give the share of people who use it, by month, where a KPI of the library reads it."""
    rows = _rows(
        "SELECT k.initiative_id, date_trunc('month', p.period_on)::date, p.value, k.unit"
        " FROM value_kpi k JOIN value_kpidefinition d ON d.id = k.definition_id"
        " AND d.key = 'adoption' JOIN readings_point p ON p.series_id = k.series_id"
        " AND p.known_to IS NULL WHERE true {chosen} ORDER BY 1, p.period_on",
        initiatives,
        "k.initiative_id",
    )
    found: dict[tuple[uuid.UUID, dt.date], Decimal] = {}
    for initiative, month, value, unit in rows:
        share = value / 100 if unit == "%" else value
        if 0 < share <= 1:
            found[initiative, month] = share
    return found


def promises(
    *, initiatives: Collection[uuid.UUID] | None
) -> dict[uuid.UUID, dict[dt.date, Decimal]]:
    """Give nothing but the promise of each month, from the figures that stand."""
    rows = _rows(
        "SELECT initiative_id, month, promised FROM rollups_initiativemonth"
        " WHERE known_to IS NULL AND promised IS NOT NULL {chosen} ORDER BY 1, 2",
        initiatives,
        "initiative_id",
    )
    found: dict[uuid.UUID, dict[dt.date, Decimal]] = defaultdict(dict)
    for initiative, month, promised in rows:
        found[initiative][month] = promised
    return found


def _rows(
    query: str, initiatives: Collection[uuid.UUID] | None, column: str, **facts: Any
) -> list[Any]:
    chosen = "" if initiatives is None else f"AND {column} = ANY(%(initiatives)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(chosen=chosen), {"initiatives": list(initiatives or ()), **facts}
        )
        found: list[Any] = cursor.fetchall()
    return found


def _json(value: Any) -> dict[str, str]:
    """Read a JSON value whether or not the driver already has."""
    return json.loads(value) if isinstance(value, str) else value or {}
