"""Spend and budgets: what the ledger allocates to initiatives, and what it gives to nobody."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

#: The highest version of each fiscal year's budget counts.
CURRENT_PLANS = """
    SELECT DISTINCT ON (fiscal_year) id, name, number FROM spend_budgetplan
    ORDER BY fiscal_year, number DESC
"""


@dataclass(frozen=True, slots=True)
class Spend:
    """What one load allocates to an initiative in a charge month; None = a bill does not say."""

    initiative: uuid.UUID
    month: dt.date
    load: uuid.UUID
    currency: str
    billed: Decimal
    effective: Decimal
    contracted: Decimal | None
    list: Decimal | None
    lines: int
    rules: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class Unallocated:
    """What no rule gave to anybody: by place of the source, charge month and load."""

    node: uuid.UUID
    month: dt.date
    load: uuid.UUID
    currency: str
    billed: Decimal
    effective: Decimal
    contracted: Decimal | None
    list: Decimal | None
    lines: int


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A budget of a node for a month, from the plan in force."""

    node: uuid.UUID
    month: dt.date
    plan: uuid.UUID
    currency: str
    amount: Decimal


_SUMS = """
    sum(m.billed), sum(m.effective),
    CASE WHEN sum(m.contracted_gaps) > 0 THEN NULL ELSE sum(m.contracted) END,
    CASE WHEN sum(m.list_gaps) > 0 THEN NULL ELSE sum(m.list) END,
    sum(m.{lines})
"""


def spend(*, initiatives: Collection[uuid.UUID] | None) -> Iterator[Spend]:
    """Give allocated spend per initiative, charge month, load and currency; all when None."""
    chosen = (
        "m.initiative_id IS NOT NULL"
        if initiatives is None
        else "m.initiative_id = ANY(%(initiatives)s)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.initiative_id, m.charge_month, m.load_id, m.currency,"  # noqa: S608
            f" {_SUMS.format(lines='lines')}, array_agg(DISTINCT m.rule_version_id)"
            f" FROM spend_spendallotment m WHERE {chosen}"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            {"initiatives": list(initiatives or ())},
        )
        for row in cursor.fetchall():
            columns: list[Any] = list(row)
            columns[-1] = tuple(sorted(columns[-1]))
            yield Spend(*columns)


def unallocated() -> Iterator[Unallocated]:
    """Give what the ledger holds beside every share, by the node of its source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.node_id, m.charge_month, m.load_id, m.currency,"  # noqa: S608
            f" {_SUMS.format(lines='first_lines')}"
            " FROM spend_spendallotment m JOIN spend_load l ON l.id = m.load_id"
            " JOIN spend_source f ON f.id = l.source_id WHERE m.initiative_id IS NULL"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
        )
        for row in cursor.fetchall():
            yield Unallocated(*row)


def budgets(
    *, nodes: Collection[uuid.UUID] | None = None, kinds: Collection[str]
) -> list[BudgetLine]:
    """Give the budget lines in force of some nodes, or of every node of some kinds."""
    chosen = "" if nodes is None else "AND b.node_id = ANY(%(nodes)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH plan AS ({CURRENT_PLANS})"  # noqa: S608
            " SELECT b.node_id, b.month, b.plan_id, b.currency, sum(b.amount)"
            " FROM spend_budget b JOIN plan p ON p.id = b.plan_id"
            " JOIN people_scopenode n ON n.id = b.node_id"
            f" WHERE n.kind = ANY(%(kinds)s) {chosen}"
            " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
            {"nodes": list(nodes or ()), "kinds": list(kinds)},
        )
        return [BudgetLine(*row) for row in cursor.fetchall()]
