"""Initiative x month: lay what was gathered into cells, with what each amount was made of."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from governance_app.domain.money import EXACT
from governance_app.initiatives.models import Initiative
from governance_app.rollups.gather import ledger, value
from governance_app.rollups.gather.rates import ACTUAL, PLAN, Converted, Converter
from governance_app.rollups.models import InitiativeMonth
from governance_app.spend import beside

RUNGS = ("claimed", "measured", "validated", "banked")
#: Type of benefit -> what its columns end in; qualitative benefits have no amount in any sum.
ENDINGS = {"hard": "", "avoided": "_avoided", "soft": "_soft"}
BASES = ("billed", "effective", "contracted", "list")


@dataclass(slots=True)
class Cell:
    """
    The figures of one subject and month while they are added up.

    ``amounts``: column -> sum so far. ``reasons``: column -> why it can no longer be told; such
    a column stays null whatever else arrives. ``inputs``: what each amount was made of.
    """

    amounts: dict[str, Decimal] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, list[Any]] = field(default_factory=dict)
    is_reviewed: bool = False

    def add(self, column: str, converted: Converted) -> None:
        """Add a converted amount, or note why the column cannot be told."""
        if converted.amount is None:
            self.unknown(column, converted.reason)
        else:
            self.amounts[column] = EXACT.add(self.amounts.get(column, Decimal(0)), converted.amount)

    def unknown(self, column: str, reason: str) -> None:
        """Say that a column has something which cannot be told."""
        self.reasons.setdefault(column, reason)

    def made_of(self, kind: str, **facts: Any) -> None:
        """Keep one input for the passport."""
        self.inputs.setdefault(kind, []).append(facts)

    def value(self, column: str) -> Decimal | None:
        """Give the sum of a column, or None when there is nothing or it cannot be told."""
        return None if column in self.reasons else self.amounts.get(column)


Cells = dict[tuple[uuid.UUID, dt.date], Cell]


def cells(*, initiatives: Collection[uuid.UUID] | None, converter: Converter) -> Cells:
    """
    Make every month of some initiatives anew, or of all when None.

    Returns:
        (initiative, month) -> its cell; a month without anything has none.
    """
    found: Cells = {}
    _add_spend(found, initiatives, converter)
    _add_beside(found, initiatives, converter)
    _add_budgets(found, initiatives, converter)
    _add_promises(found, initiatives, converter)
    _add_benefits(found, initiatives, converter)
    return found


def add_costs(cell: Cell, row: ledger.Spend | ledger.Unallocated, converter: Converter) -> None:
    """Add the four costs of one load to a cell; the effective one is what it actually costs."""
    found: dict[str, Converted] = {}
    for basis in BASES:
        amount: Decimal | None = getattr(row, basis)
        if amount is None:
            cell.unknown(basis, f"A bill does not state the {basis} cost of every line.")
        else:
            found[basis] = converter.convert(amount, row.currency, row.month, ACTUAL)
            cell.add(basis, found[basis])
    cell.add("cost", found["effective"])
    cell.made_of(
        "spend",
        load=str(row.load),
        **({"rules": [str(rule) for rule in row.rules]} if isinstance(row, ledger.Spend) else {}),
        lines=int(row.lines),
        currency=row.currency,
        billed=plain(row.billed),
        as_billed=plain(found["billed"].amount),
        effective=plain(row.effective),
        as_effective=plain(found["effective"].amount),
        **rate_facts(found["billed"]),
    )


def add_beside(cell: Cell, item: beside.Item, converter: Converter) -> None:
    """Add a cost that no bill states: to its own part and to what the month actually costs."""
    if item.amount is None:
        converted = Converted(None, reason=item.reason)
    else:
        converted = converter.convert(item.amount, item.currency, item.month, ACTUAL)
    cell.add(item.part, converted)
    cell.add("cost", converted)
    cell.made_of(
        "beside",
        part=item.part,
        **({"row": str(item.row)} if item.row else {}),
        text=item.text,
        currency=item.currency,
        amount=plain(item.amount),
        converted=plain(converted.amount),
        **({"reason": converted.reason} if converted.reason else {}),
        **rate_facts(converted),
    )


def rate_facts(converted: Converted) -> dict[str, Any]:
    """Give which rate an amount was converted by; empty when none was needed."""
    if converted.rate_id is None:
        return {}
    return {"rate": str(converted.rate_id), "at": f"{converted.rate:f}"}


def column_of(rung: str, benefit_type: str) -> str | None:
    """
    Name the column in which a type of benefit stands on a rung; None where it has none.

    >>> column_of("validated", "hard"), column_of("validated", "avoided")
    ('validated', 'validated_avoided')
    >>> column_of("banked", "soft") is None, column_of("claimed", "qualitative") is None
    (True, True)
    """
    if benefit_type not in ENDINGS:
        return None
    column = f"{rung}{ENDINGS[benefit_type]}"
    return column if column in InitiativeMonth.MONEY else None


def plain(amount: Decimal | None) -> str | None:
    """Write an amount for JSON, exactly and without the zeros behind it."""
    if amount is None:
        return None
    return "0" if not amount else f"{amount.normalize(EXACT):f}"


def digest_of(values: Collection[Any], reasons: Any, made_from: Any) -> bytes:
    """Give the digest by which a new result is compared with the standing one."""
    facts = [plain(v) if isinstance(v, Decimal) else v for v in values]
    text = json.dumps([facts, reasons, made_from], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def row_of(initiative: uuid.UUID, month: dt.date, cell: Cell, currency: str) -> dict[str, Any]:
    """Give the columns of an InitiativeMonth without its times."""
    amounts = {column: cell.value(column) for column in InitiativeMonth.MONEY}
    return {
        "initiative_id": initiative,
        "month": month,
        **amounts,
        "is_reviewed": cell.is_reviewed,
        "currency": currency,
        "reasons": cell.reasons,
        "made_from": cell.inputs,
        "digest": digest_of(
            [currency, cell.is_reviewed, *amounts.values()], cell.reasons, cell.inputs
        ),
    }


def _add_spend(found: Cells, chosen: Collection[uuid.UUID] | None, converter: Converter) -> None:
    for row in ledger.spend(initiatives=chosen):
        cell = found.setdefault((row.initiative, row.month), Cell())
        add_costs(cell, row, converter)


def _add_beside(found: Cells, chosen: Collection[uuid.UUID] | None, converter: Converter) -> None:
    for item in beside.items(initiatives=chosen, is_borne=True):
        if item.initiative is not None:
            add_beside(found.setdefault((item.initiative, item.month), Cell()), item, converter)


def _add_budgets(found: Cells, chosen: Collection[uuid.UUID] | None, converter: Converter) -> None:
    initiatives = Initiative.objects.all()
    if chosen is not None:
        initiatives = initiatives.filter(pk__in=chosen)
    by_node = dict(initiatives.values_list("node_id", "pk"))
    nodes = None if chosen is None else list(by_node)
    for line in ledger.budgets(nodes=nodes, kinds=["initiative"]):
        if line.node not in by_node:
            continue
        cell = found.setdefault((by_node[line.node], line.month), Cell())
        add_budget(cell, line, converter)


def add_budget(cell: Cell, line: ledger.BudgetLine, converter: Converter) -> None:
    """Add a budget line to a cell."""
    converted = converter.convert(line.amount, line.currency, line.month, PLAN)
    cell.add("budget", converted)
    cell.made_of(
        "budget",
        plan=str(line.plan),
        currency=line.currency,
        amount=plain(line.amount),
        as_budget=plain(converted.amount),
        **rate_facts(converted),
    )


def _add_promises(found: Cells, chosen: Collection[uuid.UUID] | None, converter: Converter) -> None:
    for row in value.promises(initiatives=chosen):
        column = column_of("promised", row.category) if row.side == "benefit" else "promised_cost"
        if column is None:
            continue
        converted = converter.convert(row.amount, row.currency, row.month, PLAN)
        cell = found.setdefault((row.initiative, row.month), Cell())
        cell.add(column, converted)
        cell.made_of(
            "case",
            case=str(row.case),
            number=row.number,
            column=column,
            category=row.category,
            currency=row.currency,
            amount=plain(row.amount),
            converted=plain(converted.amount),
            **rate_facts(converted),
        )


def _add_benefits(found: Cells, chosen: Collection[uuid.UUID] | None, converter: Converter) -> None:
    for row in value.benefit_months(initiatives=chosen):
        cell = found.setdefault((row.initiative, row.month), Cell())
        cell.is_reviewed = cell.is_reviewed or bool(row.review)
        facts: dict[str, Any] = {}
        for rung in RUNGS:
            amount: Decimal | None = getattr(row, rung)
            if amount is None:
                continue
            converted = converter.convert(amount, row.currency, row.month, ACTUAL)
            column = column_of(rung, row.benefit_type)
            if column is not None:
                cell.add(column, converted)
            facts[rung] = plain(amount)
            facts[f"as_{rung}"] = plain(converted.amount)
            facts.update(rate_facts(converted))
        unmeasured = column_of("measured", row.benefit_type)
        if row.reason and unmeasured is not None:
            cell.unknown(unmeasured, row.reason)
        cell.made_of(
            "benefits",
            month=str(row.id),
            version=row.version,
            benefit=str(row.benefit),
            type=row.benefit_type,
            review=row.review,
            currency=row.currency,
            **facts,
            **({"reason": row.reason} if row.reason else {}),
        )
