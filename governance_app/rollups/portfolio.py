"""Units and the organisation by month: sums of what stands below, and what nobody bears."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from governance_app.people.models import ScopeNode
from governance_app.rollups.gather import ledger
from governance_app.rollups.gather.rates import Converter
from governance_app.rollups.models import PortfolioMonth
from governance_app.rollups.months import Cell, add_beside, add_budget, add_costs, digest_of
from governance_app.spend import beside

Key = tuple[uuid.UUID, dt.date, str]


@dataclass(slots=True)
class Tree:
    """The organisation and its units, without initiatives."""

    paths: dict[uuid.UUID, str] = field(default_factory=dict)
    parents: dict[uuid.UUID, uuid.UUID | None] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Tree":
        tree = cls()
        rows = ScopeNode.objects.exclude(kind=ScopeNode.Kind.INITIATIVE)
        for pk, path, parent in rows.values_list("pk", "path", "parent_id"):
            tree.paths[pk], tree.parents[pk] = path, parent
        return tree

    def above(self, path: str) -> list[uuid.UUID]:
        """Give the nodes of the tree that hold a path, the organisation first."""
        ids = [uuid.UUID(hex=part) for part in path.split("/") if part]
        return [node for node in ids if node in self.paths]

    def children(self) -> dict[uuid.UUID | None, list[uuid.UUID]]:
        found: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
        for node, parent in self.parents.items():
            found[parent].append(node)
        return found


def allocated(
    *,
    nodes: Collection[uuid.UUID],
    months: Collection[dt.date] | None,
    tree: Tree,
    converter: Converter,
) -> dict[Key, dict[str, Any]]:
    """Sum the current figures of the initiatives below some nodes; every month when None."""
    own = _own_budgets(converter)
    budgets = _budgets(nodes, months, own, tree) if own else {}
    found: dict[Key, dict[str, Any]] = {}
    for node, month, count, reviewed, left_out, *amounts in _sums(nodes, months):
        values = dict(zip(PortfolioMonth.MONEY, amounts, strict=True))
        found[node, month, "allocated"] = _row(
            node, month, "allocated", values, converter.currency,
            initiatives=count, reviewed=reviewed,
            left_out={name: number for name, number in left_out.items() if number},
        )  # fmt: skip
    for (node, month), amount in budgets.items():
        key = (node, month, "allocated")
        standing = found.get(key)
        values = {name: (standing or {}).get(name) for name in PortfolioMonth.MONEY}
        facts = {
            name: (standing or {}).get(name, default)
            for name, default in (("initiatives", 0), ("reviewed", 0), ("left_out", {}))
        }
        values["budget"] = amount
        plans = own[node, month].inputs if (node, month) in own else {}
        found[key] = _row(
            node, month, "allocated", values, converter.currency, made_from=plans, **facts
        )
    return found


def unallocated(*, tree: Tree, converter: Converter) -> dict[Key, dict[str, Any]]:
    """
    Give what no initiative bears, at its place and everywhere above: of bills, what no rule gave
    to anybody; accruals of it, and costs typed in that name no initiative.
    """
    cells: dict[tuple[uuid.UUID, dt.date], Cell] = {}
    for row in ledger.unallocated():
        if row.node not in tree.paths:
            continue
        for node in tree.above(tree.paths[row.node]):
            cell = cells.setdefault((node, row.month), Cell())
            add_costs(cell, row, converter)
    for item in beside.items(is_borne=False):
        for node in tree.above(tree.paths.get(item.node, "")):
            add_beside(cells.setdefault((node, item.month), Cell()), item, converter)
    found: dict[Key, dict[str, Any]] = {}
    for (node, month), cell in cells.items():
        values = {name: cell.value(name) for name in PortfolioMonth.MONEY}
        found[node, month, "unallocated"] = _row(
            node, month, "unallocated", values, converter.currency,
            reasons=cell.reasons, made_from=cell.inputs,
        )  # fmt: skip
    return found


def _row(
    node: uuid.UUID,
    month: dt.date,
    part: str,
    values: Mapping[str, Decimal | None],
    currency: str,
    *,
    initiatives: int = 0,
    reviewed: int = 0,
    left_out: Mapping[str, int] | None = None,
    reasons: Mapping[str, str] | None = None,
    made_from: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    facts = [currency, initiatives, reviewed, dict(left_out or {}), *values.values()]
    return {
        "node_id": node,
        "month": month,
        "part": part,
        **values,
        "initiatives": initiatives,
        "reviewed": reviewed,
        "left_out": dict(left_out or {}),
        "currency": currency,
        "reasons": dict(reasons or {}),
        "made_from": dict(made_from or {}),
        "digest": digest_of(facts, reasons or {}, made_from or {}),
    }


def _sums(
    nodes: Collection[uuid.UUID], months: Collection[dt.date] | None
) -> list[tuple[Any, ...]]:
    amounts = ", ".join(f'sum(m."{name}")' for name in PortfolioMonth.MONEY)
    left_out = ", ".join(
        f"'{name}', count(*) FILTER (WHERE m.reasons ? '{name}')" for name in PortfolioMonth.MONEY
    )
    chosen = "" if months is None else "AND m.month = ANY(%(months)s)"
    with connection.cursor() as cursor:
        # Right after a large load the planner knows no sizes and would compare row by row.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        cursor.execute(
            # Who stands below what is settled first: a join by prefix would be asked per month.
            "WITH inside AS MATERIALIZED ("  # noqa: S608
            " SELECT n.id AS node_id, i.id AS initiative_id FROM people_scopenode n"
            " JOIN people_scopenode c ON c.kind = 'initiative' AND starts_with(c.path, n.path)"
            " JOIN initiatives_initiative i ON i.node_id = c.id WHERE n.id = ANY(%(nodes)s))"
            " SELECT b.node_id, m.month, count(*), count(*) FILTER (WHERE m.is_reviewed),"
            f" jsonb_build_object({left_out}), {amounts}"
            " FROM rollups_initiativemonth m JOIN inside b ON b.initiative_id = m.initiative_id"
            f" WHERE m.known_to IS NULL {chosen} GROUP BY 1, 2",
            {"nodes": list(nodes), "months": list(months or ())},
        )
        found = cursor.fetchall()
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
    return [(*row[:4], _json(row[4]), *row[5:]) for row in found]


def _json(value: Any) -> dict[str, int]:
    """Read a JSON value whether or not the driver already has."""
    return json.loads(value) if isinstance(value, str) else value


def _own_budgets(converter: Converter) -> dict[tuple[uuid.UUID, dt.date], Cell]:
    """Give the budgets that were set for units themselves."""
    found: dict[tuple[uuid.UUID, dt.date], Cell] = {}
    for line in ledger.budgets(kinds=["organisation", "unit"]):
        add_budget(found.setdefault((line.node, line.month), Cell()), line, converter)
    return found


def _budgets(
    nodes: Collection[uuid.UUID],
    months: Collection[dt.date] | None,
    own: Mapping[tuple[uuid.UUID, dt.date], Cell],
    tree: Tree,
) -> dict[tuple[uuid.UUID, dt.date], Decimal | None]:
    """
    Give the budget of nodes where units have budgets of their own.

    A unit's own budget holds for everything below it; without one the budgets below add up.
    """
    children = tree.children()
    direct: dict[tuple[uuid.UUID, dt.date], Decimal] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.parent_id, m.month, sum(m.budget) FROM rollups_initiativemonth m"
            " JOIN initiatives_initiative i ON i.id = m.initiative_id"
            " JOIN people_scopenode c ON c.id = i.node_id"
            " WHERE m.known_to IS NULL AND m.budget IS NOT NULL GROUP BY 1, 2"
        )
        for parent, month, amount in cursor.fetchall():
            direct[parent, month] = amount

    def budget(node: uuid.UUID, month: dt.date) -> Decimal | None:
        if (node, month) in own:
            return own[node, month].value("budget")
        parts = [budget(child, month) for child in children[node]] + [direct.get((node, month))]
        known = [part for part in parts if part is not None]
        return sum(known, Decimal(0)) if known else None

    asked = {month for _, month in own} | {month for _, month in direct}
    if months is not None:
        asked &= set(months)
    return {(node, month): budget(node, month) for node in nodes for month in sorted(asked)}
