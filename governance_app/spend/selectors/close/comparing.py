"""What a month is compared with before it closes: budgets and the general ledger."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from governance_app.books import selectors as books
from governance_app.domain.money import EXACT
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User
from governance_app.spend.models import CodingRule, Explanation, TrialBalance
from governance_app.spend.selectors.close.invoicing import prepaid
from governance_app.spend.selectors.close.lines import BookLine, book_lines


@dataclass(frozen=True, slots=True)
class Explained:
    """A difference and what is said about it; ``state`` is "" while nobody said anything."""

    explanation_id: uuid.UUID | None
    sentence: str
    author: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class Variance:
    """What a unit spent against its budget in a month, in the reporting currency."""

    node: ScopeNode
    currency: str
    budget: Decimal
    actual: Decimal
    difference: Decimal
    ratio: float | None
    must_explain: bool
    said: Explained

    @property
    def is_settled(self) -> bool:
        """Tell whether the month may close with it."""
        return not self.must_explain or self.said.state == Explanation.State.ACCEPTED


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """The ledger against the general ledger: an entity's account, cost centre and currency."""

    entity: str
    account: str
    cost_centre: str
    currency: str
    ledger: Decimal
    general: Decimal
    difference: Decimal
    said: Explained

    @property
    def subject(self) -> str:
        """Name it as its explanation does."""
        return "|".join((self.entity, self.account, self.cost_centre, self.currency))

    @property
    def is_settled(self) -> bool:
        """Tell whether the month may close with it."""
        return not self.difference or self.said.state == Explanation.State.ACCEPTED


def in_reporting(amounts: Mapping[str, Decimal], *, month: date, currency: str) -> Decimal:
    """
    Sum amounts by currency in one of them, at the average rates of a month.

    Raises:
        MissingRate: names the pair, the month and the kind.
    """
    if not amounts:
        return Decimal(0)
    pairs = {(one, currency, month) for one in amounts}
    rates = books.rates_of(pairs=pairs, kind="average")
    total = Decimal(0)
    for one, amount in amounts.items():
        total = EXACT.add(total, EXACT.multiply(amount, rates[one, currency, month]))
    return total


def variances(
    *, viewer: User, month: date, lines: Sequence[BookLine] | None = None
) -> list[Variance]:
    """
    Compare each unit that has a budget with what it bore, largest difference first.

    What is spent below a unit without a budget of its own counts for the nearest one above.

    Raises:
        MissingRate: a currency of the month or the budget has no rate.
    """
    currency = books.reporting_currency(on=month)
    budgets = _budgets(month)
    if not budgets:
        return []
    nodes = {
        node.pk: node
        for node in ScopeNode.objects.visible_to(viewer, "money.view").filter(pk__in=budgets)
    }
    by_path = sorted(((node.path, pk) for pk, node in nodes.items()), key=lambda one: -len(one[0]))
    where = dict(Initiative.objects.values_list("key", "unit__path"))
    spent: dict[uuid.UUID, dict[str, Decimal]] = {}
    for line in lines if lines is not None else book_lines(viewer=viewer, month=month):
        path = where.get(line.initiative) or ""
        pk = next((pk for place, pk in by_path if path.startswith(place)), None)
        if pk is not None:
            sums = spent.setdefault(pk, {})
            sums[line.currency] = EXACT.add(sums.get(line.currency, Decimal(0)), line.cost)
    ratio_limit = Decimal(str(books.setting(key="close_variance_ratio", on=month)))
    amount_limit = Decimal(str(books.setting(key="close_variance_amount", on=month)))
    said = _said(month, Explanation.About.VARIANCE)
    found = []
    for pk, node in nodes.items():
        budget = in_reporting(budgets[pk], month=month, currency=currency)
        actual = in_reporting(spent.get(pk, {}), month=month, currency=currency)
        difference = EXACT.subtract(actual, budget)
        is_large = abs(difference) > amount_limit and abs(difference) > EXACT.multiply(
            abs(budget), ratio_limit
        )
        found.append(
            Variance(
                node=node,
                currency=currency,
                budget=budget,
                actual=actual,
                difference=difference,
                ratio=float(EXACT.divide(difference, budget)) if budget else None,
                must_explain=is_large,
                said=_explained(said.get(str(pk)), difference),
            )
        )
    return sorted(found, key=lambda one: (-abs(one.difference), one.node.name))


def trial_balance(*, viewer: User, month: date) -> TrialBalance | None:
    """Give the newest trial balance imported for a month, or None."""
    found = TrialBalance.objects.visible_to(viewer, "money.view").filter(month=month)
    return found.select_related("file", "imported_by").order_by("-number").first()


def account_sums(
    *, viewer: User, month: date, lines: Sequence[BookLine] | None = None
) -> dict[tuple[str, str, str, str], Decimal]:
    """
    Sum the books of a month as a general ledger keeps them.

    Returns:
        (entity, account, cost centre, currency) -> cost, exact; the prepaid account of an entity
        holds its closing balance.
    """
    rows = list(lines if lines is not None else book_lines(viewer=viewer, month=month))
    accounts = books.setting(key="close_accounts", on=month)
    sums: dict[tuple[str, str, str, str], Decimal] = {}
    for line in rows:
        key = (line.entity, line.gl_account or accounts["uncoded"], line.cost_centre, line.currency)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), line.cost)
    payers = {line.source: line.payer for line in rows}
    for one in prepaid(viewer=viewer, month=month):
        key = (payers.get(one.source, ""), accounts["prepaid"], "", one.currency)
        sums[key] = EXACT.add(sums.get(key, Decimal(0)), one.closing)
    return sums


def ledger_differences(
    *, viewer: User, month: date, lines: Sequence[BookLine] | None = None
) -> list[LedgerDifference]:
    """
    Compare the books with the imported trial balance, largest difference first.

    Cost accounts are compared by entity, account, cost centre and currency with the cost of the
    month; the prepaid account by entity with the closing balance. Accounts that no coding rule
    names are not this ledger's.
    """
    balance = trial_balance(viewer=viewer, month=month)
    if balance is None:
        return []
    sums = account_sums(viewer=viewer, month=month, lines=lines)
    known = {account for _, account, _, _ in sums} | set(
        CodingRule.objects.filter(field="gl_account").values_list("value", flat=True)
    )
    general: dict[tuple[str, str, str, str], Decimal] = {}
    for row in balance.lines.filter(account__in=known):
        key = (row.entity, row.account, row.cost_centre, row.currency)
        general[key] = EXACT.add(general.get(key, Decimal(0)), row.amount)
    said = _said(month, Explanation.About.GENERAL_LEDGER)
    found = []
    for key in {*sums, *general}:
        ledger, booked = sums.get(key, Decimal(0)), general.get(key, Decimal(0))
        # The general ledger knows minor units; less than one of them is no difference.
        difference = EXACT.subtract(_cents(ledger), booked)
        found.append(
            LedgerDifference(
                *key, ledger, booked, difference, _explained(said.get("|".join(key)), difference)
            )
        )
    return sorted(
        found, key=lambda d: (-abs(d.difference), d.entity, d.account, d.cost_centre, d.currency)
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding="ROUND_HALF_UP", context=EXACT)


def _budgets(month: date) -> dict[uuid.UUID, dict[str, Decimal]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(i.unit_id, n.id), b.currency, sum(b.amount) FROM spend_budget b"
            " JOIN (SELECT DISTINCT ON (fiscal_year) id FROM spend_budgetplan"
            "  ORDER BY fiscal_year, number DESC) p ON p.id = b.plan_id"
            " JOIN people_scopenode n ON n.id = b.node_id"
            " LEFT JOIN initiatives_initiative i ON i.node_id = n.id"
            " WHERE b.month = %s GROUP BY 1, 2",
            [month],
        )
        found: dict[uuid.UUID, dict[str, Decimal]] = {}
        for node, currency, amount in cursor.fetchall():
            found.setdefault(node, {})[currency] = amount
        return found


def _said(month: date, about: str) -> dict[str, Explanation]:
    rows = Explanation.objects.filter(month=month, about=about).select_related("author")
    return {row.subject: row for row in rows.order_by("created_at", "pk")}


def _explained(row: Explanation | None, amount: Decimal) -> Explained:
    if row is None:
        return Explained(None, "", "", "", "")
    state = row.state if row.amount == amount else "outdated"
    return Explained(row.pk, row.sentence, row.author.name, state, row.answer)
