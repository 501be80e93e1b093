"""Budgets: a version is written whole and never edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.spend.ledger import announce
from governance_app.spend.models import Budget, BudgetPlan


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What a unit's or initiative's node may spend in a month."""

    node: ScopeNode
    month: date
    amount: Decimal
    currency: str
    category: str = "run"


@recorded
def set_budget(*, name: str, fiscal_year: int, lines: Sequence[BudgetLine], by: User) -> BudgetPlan:
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
    )
    Budget.objects.bulk_create(
        (
            Budget(
                plan=plan, node=line.node, month=line.month, category=line.category,
                amount=line.amount, currency=line.currency,
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
    return plan
