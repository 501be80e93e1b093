"""Budgets: a version is written whole and never edited."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.files.models import StoredFile
from governance_app.files.selectors import open_file
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.services import system_user
from governance_app.spend.budget_sheet import read_budget
from governance_app.spend.ledger import announce
from governance_app.spend.models import Budget, BudgetPlan

#: The job that compares budgets with what was spent and what is forecast.
WATCH = "governance_app.spend.tasks.watch_budgets"


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What a unit's or initiative's node may spend in a month."""

    node: ScopeNode
    month: date
    amount: Decimal
    currency: str
    category: str = "run"
    quantity: Decimal | None = None
    quantity_unit: str = ""


@recorded
def set_budget(
    *,
    name: str,
    fiscal_year: int,
    lines: Sequence[BudgetLine],
    by: User,
    file: StoredFile | None = None,
) -> BudgetPlan:
    """
    Write a version of a fiscal year's budget: the original, or a revision that replaces it.

    Raises:
        Sentence: a line stands twice, is negative, or its month is not a first day.
    """
    access.require(by, "spend.rules")
    seen: set[tuple[object, date, str]] = set()
    totals: dict[str, Decimal] = {}
    for line in lines:
        place = f"{line.node} in {line.month:%B %Y}"
        if line.month.day != 1:
            raise Sentence(f"A budget is by month: {line.month} is not the first of one.")
        if line.amount < 0:
            raise Sentence(f"The budget of {place} is negative.")
        if (key := (line.node.pk, line.month, line.category)) in seen:
            raise Sentence(f"The budget of {place} ({line.category}) stands twice.")
        seen.add(key)
        totals[line.currency] = EXACT.add(totals.get(line.currency, Decimal(0)), line.amount)
    last = BudgetPlan.objects.filter(fiscal_year=fiscal_year).aggregate(last=Max("number"))["last"]
    plan = BudgetPlan.objects.create(
        name=name,
        fiscal_year=fiscal_year,
        number=(last or 0) + 1,
        lines=len(lines),
        totals={currency: f"{total:f}" for currency, total in sorted(totals.items())},
        digest=digest_of(lines),
        file=file,
    )
    Budget.objects.bulk_create(
        (
            Budget(
                plan=plan, node=line.node, month=line.month, category=line.category,
                amount=line.amount, currency=line.currency, quantity=line.quantity,
                quantity_unit=line.quantity_unit,
            )
            for line in lines
        ),
        batch_size=2_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        announce(
            cursor,
            "SELECT i.id FROM initiatives_initiative i JOIN spend_budget b ON b.node_id = i.node_id"
            " JOIN spend_budgetplan p ON p.id = b.plan_id WHERE p.fiscal_year = %s",
            [fiscal_year],
        )
    jobs.receive(
        kind=WATCH, title="Compare budgets with spend", payload={}, by=system_user("jobs"),
        key=WATCH,
    )  # fmt: skip
    return plan


@dataclass(frozen=True, slots=True)
class BudgetImported:
    """
    What a sheet of budget lines is or would be: its version, and how it moves what is in force.

    ``plan`` is None when nothing was written: a dry run, or the very budget that is in force.
    """

    plan: BudgetPlan | None
    is_unchanged: bool
    lines: int
    totals: Mapping[str, Decimal]
    before: Mapping[str, Decimal]

    def as_json(self) -> dict[str, Any]:
        """Give the answer of the command and the API."""
        return {
            "plan": str(self.plan.pk) if self.plan else None,
            "number": self.plan.number if self.plan else None,
            "unchanged": self.is_unchanged,
            "lines": self.lines,
            "totals": {currency: f"{total:f}" for currency, total in self.totals.items()},
            "before": {currency: f"{total:f}" for currency, total in self.before.items()},
        }


@recorded
def import_budget(
    *,
    file: StoredFile,
    file_name: str,
    name: str,
    fiscal_year: int,
    by: User,
    on: date,
    dry_run: bool = False,
) -> BudgetImported:
    """
    Write a version of a year's budget from a sheet; the budget that is in force is no version.

    Raises:
        BudgetRefused: cells cannot be counted; names rows and columns, nothing is written.
    """
    access.require(by, "spend.rules")
    with open_file(file=file) as stream:
        content = stream.read()
    read = read_budget(
        content,
        name=file_name,
        fiscal_year=fiscal_year,
        start_month=books.fiscal_start_month(on=on),
        places=_places(by),
        currency=books.reporting_currency(on=on),
    )
    lines = [
        BudgetLine(
            one.node, one.month, one.amount, one.currency, one.category, one.quantity,
            one.quantity_unit,
        )
        for one in read
    ]  # fmt: skip
    totals: dict[str, Decimal] = {}
    for line in lines:
        totals[line.currency] = EXACT.add(totals.get(line.currency, Decimal(0)), line.amount)
    standing = BudgetPlan.objects.filter(fiscal_year=fiscal_year).order_by("-number").first()
    before = {c: Decimal(t) for c, t in standing.totals.items()} if standing else {}
    is_unchanged = standing is not None and standing.digest == digest_of(lines)
    plan = None
    if not dry_run and not is_unchanged:
        plan = set_budget(
            name=" ".join(name.split())[:200] or file_name[:200],
            fiscal_year=fiscal_year,
            lines=lines,
            file=file,
            by=by,
        )
    return BudgetImported(plan, is_unchanged, len(lines), dict(sorted(totals.items())), before)


def _places(by: User) -> dict[str, ScopeNode]:
    """Give what a sheet may call a place: key, code or name; a name that two have is none."""
    found: dict[str, ScopeNode | None] = {}
    nodes = ScopeNode.objects.visible_to(by).exclude(kind=ScopeNode.Kind.INITIATIVE)
    for node in nodes:
        for said in {node.name.casefold(), node.code.casefold()} - {""}:
            found[said] = None if said in found else node
    rows = Initiative.objects.visible_to(by).select_related("node")
    for initiative in rows:
        found[initiative.key.casefold()] = initiative.node
        if initiative.reference:
            found.setdefault(initiative.reference.casefold(), initiative.node)
    return {said: node for said, node in found.items() if node is not None}


def digest_of(lines: Sequence[BudgetLine]) -> str:
    """Give a digest that equal budgets share, whatever order they are written in."""
    told = sorted(
        "|".join(
            (
                str(one.node.pk), one.month.isoformat(), one.category, one.currency,
                f"{one.amount.normalize():f}",
                "" if one.quantity is None else f"{one.quantity.normalize():f}",
                one.quantity_unit,
            )
        )
        for one in lines
    )  # fmt: skip
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
