"""Explanations of differences, disputes of what is charged, and the trial balance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.files import selectors as stored
from governance_app.files.models import StoredFile
from governance_app.initiatives.importing.reading import read_table
from governance_app.initiatives.importing.table import Row, Table
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.closed import refuse_closed
from governance_app.spend.models import Dispute, Explanation, TrialBalance, TrialBalanceLine
from governance_app.spend.selectors.close import comparing

COLUMNS = {
    "entity": ("entity", "company", "company code", "legal entity"),
    "account": ("account", "gl account", "gl_account", "g/l account"),
    "cost_centre": ("cost centre", "cost center", "cost_centre", "cost_center"),
    "currency": ("currency",),
    "amount": ("amount", "balance", "movement"),
    "debit": ("debit",),
    "credit": ("credit",),
}


@recorded
def explain_variance(*, node: ScopeNode, month: date, sentence: str, by: User) -> Explanation:
    """
    Explain why a unit's spend is not its budget; finance accepts it or sends it back.

    Raises:
        Sentence: the unit has no budget there, or nothing is said.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.explain", node)
    month = month_of(month)
    refuse_closed(month=month, what="an explanation")
    found = next(
        (one for one in comparing.variances(viewer=by, month=month) if one.node == node), None
    )
    if found is None:
        raise Sentence(f"{node} has no budget for {month:%B %Y}, so there is nothing to explain.")
    return _explain(
        month, Explanation.About.VARIANCE, str(node.pk), node, found.difference, found.currency,
        sentence, by,
    )  # fmt: skip


@recorded
def explain_difference(*, subject: str, month: date, sentence: str, by: User) -> Explanation:
    """
    Explain why the ledger is not the general ledger for an account.

    Args:
        subject: entity|account|cost centre|currency, as the page keys it.

    Raises:
        Sentence: there is no such difference, or nothing is said.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    refuse_closed(month=month, what="an explanation")
    differences = comparing.ledger_differences(viewer=by, month=month)
    found = next((one for one in differences if one.subject == subject), None)
    place = organisation()
    if found is None or not found.difference or place is None:
        raise Sentence("There is no such difference in this month.")
    return _explain(
        month, Explanation.About.GENERAL_LEDGER, subject, place, found.difference, found.currency,
        sentence, by,
    )  # fmt: skip


@recorded
def decide_explanation(
    *, explanation: Explanation, is_accepted: bool, by: User, now: datetime, answer: str = "",
    version: int | None = None,
) -> Explanation:  # fmt: skip
    """
    Accept an explanation, or send it back with what is missing.

    Raises:
        Sentence: it is decided, one's own, or returned without a word.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare", explanation)
    explanation = Explanation.objects.select_for_update(of=("self",)).get(pk=explanation.pk)
    check_version(explanation, version)
    refuse_closed(month=explanation.month, what="an explanation")
    if explanation.state != Explanation.State.PROPOSED:
        raise Sentence(f"It is {explanation.state} already.")
    is_variance = explanation.about == Explanation.About.VARIANCE
    if is_variance and explanation.author_id == by.pk and not by.is_system:
        raise Sentence("You wrote it yourself; somebody else in finance accepts it.")
    if not is_accepted and not answer.strip():
        raise Sentence("Write what is missing, so that the owner can mend it.")
    save_changes(
        explanation,
        state=Explanation.State.ACCEPTED if is_accepted else Explanation.State.RETURNED,
        decided_by=by,
        decided_at=now,
        answer=answer.strip(),
    )
    return explanation


@recorded
def raise_dispute(
    *,
    node: ScopeNode,
    month: date,
    source: str,
    amount: Decimal,
    currency: str,
    reason: str,
    owner: User,
    by: User,
    initiative: str = "",
    service: str = "",
) -> Dispute:
    """
    Dispute a line that is charged to a unit. It moves no total; its owner decides.

    Raises:
        Sentence: there is no reason, or the owner may not work on the close.
    """
    access.require(by, "close.explain", node)
    if not reason.strip():
        raise Sentence("Write why the line is not yours; its owner reads this first.")
    if not access.can(owner, "close.prepare", node):
        raise Sentence(f"{owner} may not decide on it. Choose a finance partner as owner.")
    return Dispute.objects.create(
        node=node, month=month_of(month), source=source, amount=amount, currency=currency,
        reason=reason.strip(), raised_by=by, owner=owner, initiative=initiative, service=service,
    )  # fmt: skip


@recorded
def decide_dispute(
    *, dispute: Dispute, state: str, outcome: str, by: User, now: datetime,
    version: int | None = None,
) -> Dispute:  # fmt: skip
    """
    Decide on a dispute, or withdraw one's own. No figure moves here.

    Args:
        outcome: what is done about an accepted one (a rule from a month on, a journal), or why
            it is rejected.

    Raises:
        Sentence: it is decided, there is no outcome, or it is not theirs to decide.
    """
    dispute = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("node", "owner")
        .get(pk=dispute.pk)
    )
    check_version(dispute, version)
    if dispute.state != Dispute.State.OPEN:
        raise Sentence(f"It is {dispute.state} already.")
    if state == Dispute.State.WITHDRAWN:
        if dispute.raised_by_id != by.pk:
            raise Sentence("Only who raised it withdraws it.")
    elif state in (Dispute.State.ACCEPTED, Dispute.State.REJECTED):
        access.require(by, "close.prepare", dispute)
        if dispute.raised_by_id == by.pk and not by.is_system:
            raise Sentence("You raised it yourself; somebody else decides on it.")
    else:
        raise Sentence(f"A dispute is accepted, rejected or withdrawn, not {state!r}.")
    if not outcome.strip():
        raise Sentence("Write the outcome: what is done about it, or why nothing is.")
    save_changes(dispute, state=state, outcome=outcome.strip(), decided_by=by, decided_at=now)
    return dispute


@dataclass(frozen=True, slots=True)
class _Read:
    row: int
    entity: str
    account: str
    cost_centre: str
    currency: str
    amount: Decimal


@recorded
def import_trial_balance(
    *, file: StoredFile, month: date, by: User, name: str = ""
) -> TrialBalance:
    """
    Read a trial balance (CSV or XLSX), whole or not at all; it replaces the one before.

    Columns: entity, account, currency, and amount or debit and credit; cost centre if kept.
    Debits are positive. Leading zeros are kept where the file has them as text.

    Raises:
        Sentence: with row and column of the first thing that cannot be read.
        MonthClosed: the month is closed.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    refuse_closed(month=month, what="a trial balance")
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    called = name or file.name
    with stored.open_file(file=file) as stream:
        rows = list(_balances(stream.read(), called))
    last = TrialBalance.objects.filter(month=month).aggregate(last=Max("number"))["last"] or 0
    balance = TrialBalance.objects.create(
        month=month, number=last + 1, node=place, file=file, name=called[:255], rows=len(rows),
        imported_by=by,
    )  # fmt: skip
    TrialBalanceLine.objects.bulk_create(
        (
            TrialBalanceLine(
                balance=balance, row=one.row, entity=one.entity, account=one.account,
                cost_centre=one.cost_centre, currency=one.currency, amount=one.amount,
            )
            for one in rows
        ),
        batch_size=2_000,
    )  # fmt: skip
    return balance


def _balances(content: bytes, name: str) -> Iterator[_Read]:
    table = read_table(content, name=name)
    at: dict[str, str] = {}
    for column in table.columns:
        for field, names in COLUMNS.items():
            if column.label.strip().lower() in names and field not in at:
                at[field] = column.label
    needed = ["entity", "account", "currency"]
    needed += [] if {"debit", "credit"} <= set(at) else ["amount"]
    if missing := [field for field in needed if field not in at]:
        raise Sentence(
            f"{name} has no column {missing[0]}. A trial balance has entity, account, currency "
            "and amount (or debit and credit); cost centre if kept.",
            file=name,
            row=table.shape.header_row,
            column=missing[0],
        )
    if table.misfits:
        bad = table.misfits[0]
        raise Sentence(
            f"{name}: row {bad.number}: {bad.reason} Nothing was read in.",
            file=name,
            row=bad.number,
        )
    if not table.rows:
        raise Sentence(f"{name} has a header and no rows.", file=name)
    for row in table.rows:
        yield _Cells(name, table, row, at).read()


class _Cells:
    """One row of a trial balance, read column by column."""

    def __init__(self, file: str, table: Table, row: Row, at: dict[str, str]) -> None:
        self.file, self.table, self.row, self.at = file, table, row, at

    def read(self) -> _Read:
        """Read the row."""
        currency = self.text("currency")
        if len(currency) != 3 or not currency.isupper():
            self.refuse("currency", currency, "is no ISO 4217 code")
        if "amount" in self.at:
            amount = self.amount("amount")
        else:
            amount = self.amount("debit", is_needed=False) - self.amount("credit", is_needed=False)
        return _Read(
            self.row.number, self.text("entity"), self.text("account"),
            self.text("cost_centre", is_needed=False), currency, amount,
        )  # fmt: skip

    def text(self, field: str, *, is_needed: bool = True) -> str:
        """Read a text."""
        said = self.table.cell(self.row, self.at.get(field, "")).strip()
        if is_needed and not said:
            self.refuse(field, "", "is empty")
        return said

    def amount(self, field: str, *, is_needed: bool = True) -> Decimal:
        """Read an exact amount; grouped thousands are not guessed at."""
        said = self.text(field, is_needed=is_needed)
        if not said:
            return Decimal(0)
        try:
            value = Decimal(said)
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or abs(value) >= 10**20:
            self.refuse(field, said, "is not a number such as 1234.56")
        if int(value.as_tuple().exponent) < -18:
            self.refuse(field, said, "has more than 18 decimals")
        return value

    def refuse(self, field: str, value: str, why: str) -> NoReturn:
        """Say where the file cannot be read."""
        column = self.at[field]
        shown = f' "{value[:60]}"' if value else ""
        raise Sentence(
            f"{self.file}: row {self.row.number}, {column}{shown} {why}. Nothing was read in.",
            file=self.file, row=self.row.number, column=column, value=value,
        )  # fmt: skip


def _explain(
    month: date, about: str, subject: str, node: ScopeNode, amount: Decimal, currency: str,
    sentence: str, by: User,
) -> Explanation:  # fmt: skip
    if not sentence.strip():
        raise Sentence("Write what the difference comes from.")
    return Explanation.objects.create(
        month=month, about=about, subject=subject, node=node, amount=amount, currency=currency,
        sentence=sentence.strip(), author=by,
    )  # fmt: skip
