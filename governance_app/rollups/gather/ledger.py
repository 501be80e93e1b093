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


_SHARED = (
    "m.key_id = s.key_id AND m.charge_month >= s.from_month AND m.charge_month < s.until_month"
)

_SUMS = """
    sum(m.billed * {share}), sum(m.effective * {share}),
    CASE WHEN bool_or(m.contracted IS NULL) THEN NULL ELSE sum(m.contracted * {share}) END,
    CASE WHEN bool_or(m.list IS NULL) THEN NULL ELSE sum(m.list * {share}) END,
    sum(m.lines)
"""


def spend(*, initiatives: Collection[uuid.UUID] | None) -> Iterator[Spend]:
    """Give allocated spend per initiative, charge month, load and currency; all when None."""
    chosen = "" if initiatives is None else "WHERE s.initiative_id = ANY(%(initiatives)s)"
    sums = _SUMS.format(share="s.share")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.initiative_id, m.charge_month, m.load_id, m.currency, {sums},"  # noqa: S608
            " array_agg(DISTINCT s.rule_version_id)"
            f" FROM spend_keyshare s JOIN spend_spendkeymonth m ON {_SHARED} {chosen}"
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
            f"SELECT f.node_id, m.charge_month, m.load_id, m.currency, {_SUMS.format(share=1)}"  # noqa: S608
            " FROM spend_spendkeymonth m JOIN spend_load l ON l.id = m.load_id"
            " JOIN spend_source f ON f.id = l.source_id"
            f" WHERE NOT EXISTS (SELECT FROM spend_keyshare s WHERE {_SHARED})"
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
