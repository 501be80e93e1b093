"""A month through the close: soft closed, approved, closed; sent back or reopened with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, astuple
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.books import selectors as books
from governance_app.books.models import AccountingMonth, Rate
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.domain.periods import month_of
from governance_app.files import services as store
from governance_app.people import access
from governance_app.people.models import User
from governance_app.people.roles import TWO_PEOPLE
from governance_app.people.selectors import organisation
from governance_app.people.services import system_user
from governance_app.spend import shares
from governance_app.spend.models import (
    Accrual,
    ClosedLine,
    CurrentLoad,
    Explanation,
    Journal,
    LateAdjustment,
    MonthClose,
    RuleVersion,
)
from governance_app.spend.selectors.close import checks as checking
from governance_app.spend.selectors.close import comparing, invoicing, lines
from governance_app.spend.selectors.close.lines import BookLine
from governance_app.spend.services.close import pack
from governance_app.spend.services.close.journals import draft_journals
from governance_app.spend.two_people import REOPENING, refuse_alone


class NotReady(Sentence):
    """Something on the checklist keeps the month open; ``checks`` is the whole list."""

    def __init__(self, month: date, checks: Sequence[checking.Check]) -> None:
        held = [one for one in checks if one.state == checking.BLOCKS]
        super().__init__(
            f"{month:%B %Y} cannot be approved yet. "
            + " ".join(f"{one.title}: {one.sentence}" for one in held)
        )
        self.checks = list(checks)


@recorded
def soft_close(*, month: date, by: User, now: datetime) -> MonthClose:
    """
    Close a month for preparation: the list is worked through, and its journals are drafted.

    Raises:
        Sentence: the month is not open, or has not ended.
    """
    access.require(by, "close.prepare")
    row = _locked(month)
    _expect(row, AccountingMonth.State.OPEN)
    if now.date() <= checking.last_day(row.month):
        raise Sentence(f"{row.month:%B %Y} has not ended; it is closed after its last day.")
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    last = row.closes.aggregate(last=Max("number"))["last"] or 0
    close = MonthClose.objects.create(
        month=row, number=last + 1, node=place, prepared_by=by, prepared_at=now
    )
    save_changes(row, state=AccountingMonth.State.SOFT_CLOSED)
    _note(by, close, "soft close", f"{row.month:%B %Y} is soft closed.")
    return close


@recorded
def check_approver(*, month: date, by: User) -> None:
    """
    Refuse at once who cannot approve a month, before a job goes through its books.

    Raises:
        Sentence: the month is not soft closed, or the approver prepared it.
    """
    _approvable(month, by)


@recorded
def check_closer(*, month: date, by: User) -> None:
    """
    Refuse at once who cannot close a month for good, before a job goes through its books.

    Raises:
        Sentence: the month is not approved.
    """
    access.require(by, "close.approve")
    _expect(_locked(month), AccountingMonth.State.APPROVED)


@recorded
def approve_month(
    *, month: date, by: User, now: datetime, say: Callable[[str], None] = lambda stage: None
) -> MonthClose:
    """
    Approve a month as its figures are now; who prepared it does not approve it.

    Args:
        say: hears what is being done, stage by stage.

    Raises:
        NotReady: with the checklist.
        Sentence: the month is not soft closed, or the approver prepared it.
    """
    row, close = _approvable(month, by)
    say("Reading the books")
    found = _live(row.month)
    say("Going through the checklist")
    listed = _checks(row.month, now, found)
    if not checking.is_ready(listed):
        raise NotReady(row.month, listed)
    save_changes(close, approved_by=by, approved_at=now, approved_digest=_digest(row.month, found))
    save_changes(row, state=AccountingMonth.State.APPROVED)
    _note(by, close, "approve", f"{row.month:%B %Y} is approved.")
    return close


@recorded
def close_month(
    *, month: date, by: User, now: datetime, say: Callable[[str], None] = lambda stage: None
) -> MonthClose:
    """
    Close an approved month for good: its lines, rates, rules, validations and pack are frozen.

    Args:
        say: hears what is being done, stage by stage.

    Raises:
        NotReady: something on the list broke since the approval.
        Sentence: the month is not approved, or its figures moved since.
    """
    access.require(by, "close.approve")
    say("Waiting for bills and rules that are on their way")
    with connection.cursor() as cursor:
        shares.lock_rules(cursor, alone=True)  # no bill and no rule moves it meanwhile
    row = _locked(month)
    _expect(row, AccountingMonth.State.APPROVED)
    close = _running(row)
    say("Reading the books")
    found = _live(row.month)
    digest = _digest(row.month, found)
    if digest != close.approved_digest:
        raise Sentence(
            f"The figures of {row.month:%B %Y} moved since they were approved. Send the month "
            "back, look at what came, and have it approved anew."
        )
    say("Going through the checklist")
    listed = _checks(row.month, now, found)
    if not checking.is_ready(listed):
        raise NotReady(row.month, listed)
    say("Making the journals")
    draft_journals(month=row.month, by=system_user("close"))
    say("Freezing the books and writing the pack")
    _freeze(row, close, found, listed, by, now)
    save_changes(row, state=AccountingMonth.State.CLOSED, closed_at=now, closed_by=by)
    _note(
        by, close, "close", f"{row.month:%B %Y} is closed.",
        {"row_hash": close.row_hash, "pack": close.pack.sha256 if close.pack else ""},
    )  # fmt: skip
    return close


@recorded
def send_back(*, month: date, reason: str, by: User, now: datetime) -> MonthClose:
    """
    Send a soft closed or approved month back to open.

    Raises:
        Sentence: it is neither, or there is no reason.
    """
    access.require(by, "close.prepare")
    row = _locked(month)
    _expect(row, AccountingMonth.State.SOFT_CLOSED, AccountingMonth.State.APPROVED)
    if not reason.strip():
        raise Sentence("Write why the month goes back.")
    close = _running(row)
    save_changes(close, returned_at=now, reason=reason.strip())
    save_changes(row, state=AccountingMonth.State.OPEN)
    _note(by, close, "send back", f"{row.month:%B %Y} is open again: {reason.strip()}")
    return close


@recorded
def reopen_month(*, month: date, reason: str, by: User, now: datetime) -> MonthClose:
    """
    Reopen a closed month. What it was closed on and its pack stay; it closes anew beside them.

    Bills that changed it while it was closed stay booked where they are.

    Raises:
        Sentence: a second person has to approve it.
        Sentence: it is not closed, or there is no reason.
    """
    refuse_alone(REOPENING, by)
    return put_reopening(month=month, reason=reason, by=by, now=now)


def put_reopening(*, month: date, reason: str, by: User, now: datetime) -> MonthClose:
    """Do what ``reopen_month`` says, whoever else had to look."""
    access.require(by, "close.reopen")
    row = _locked(month)
    _expect(row, AccountingMonth.State.CLOSED)
    if not reason.strip():
        raise Sentence("Write why a closed month is opened; the trail keeps it for good.")
    close = row.closes.filter(closed_at__isnull=False, reopened_at=None).order_by("-number").first()
    if close is None:
        raise Sentence(f"{row.month:%B %Y} was closed outside the product and stays closed.")
    save_changes(close, reopened_by=by, reopened_at=now, reason=reason.strip())
    save_changes(row, state=AccountingMonth.State.OPEN, closed_at=None, closed_by=None)
    _note(by, close, "reopen", f"{row.month:%B %Y} is reopened: {reason.strip()}")
    return close


def _approvable(month: date, by: User) -> tuple[AccountingMonth, MonthClose]:
    access.require(by, "close.approve")
    row = _locked(month)
    _expect(row, AccountingMonth.State.SOFT_CLOSED)
    close = _running(row)
    apart = TWO_PEOPLE.get("close.approve") == "close.prepare"
    # Who commands the server is no colleague: the shell may do both, and the trail says so.
    if apart and close.prepared_by_id == by.pk and not by.is_system:
        raise Sentence(
            f"You prepared {row.month:%B %Y} yourself. Somebody else who may approve a month "
            "approves it."
        )
    return row, close


def _locked(month: date) -> AccountingMonth:
    AccountingMonth.objects.get_or_create(month=month_of(month))
    return AccountingMonth.objects.select_for_update(of=("self",)).get(month=month_of(month))


def _expect(row: AccountingMonth, *states: str) -> None:
    if row.state not in states:
        raise Sentence(f"{row.month:%B %Y} is {row.state}; this needs it {' or '.join(states)}.")


def _running(row: AccountingMonth) -> MonthClose:
    close = row.closes.filter(closed_at=None, returned_at=None).order_by("-number").first()
    if close is None:
        raise Sentence(f"{row.month:%B %Y} is {row.state} without a close; send it back.")
    return close


def _live(month: date) -> list[BookLine]:
    return lines.live_lines(viewer=system_user("close"), month=month, by_invoice=True)


def _checks(month: date, now: datetime, found: Sequence[BookLine]) -> list[checking.Check]:
    return checking.checklist(viewer=system_user("close"), month=month, on=now.date(), lines=found)


def _digest(month: date, found: Sequence[BookLine]) -> str:
    """Digest what an approval is about: the lines of the books and the rates they convert at."""
    rates = [(one["base"], one["quote"], one["kind"], one["value"]) for one in _rates(month)]
    return pack.digest_of([*(astuple(line) for line in found), *rates])


def _rates(month: date) -> list[dict[str, Any]]:
    """Give every rate in force for a month: of corrections the newest."""
    newest: dict[tuple[str, str, str], Rate] = {}
    for rate in Rate.objects.filter(month=month).order_by("created_at", "pk"):
        newest[rate.base, rate.quote, rate.kind] = rate
    return [
        {
            "base": base, "quote": quote, "month": month.isoformat(), "kind": kind,
            "value": f"{rate.value.normalize():f}", "source": rate.source, "id": str(rate.pk),
        }
        for (base, quote, kind), rate in sorted(newest.items())
    ]  # fmt: skip


def _validations(month: date) -> list[dict[str, Any]]:
    """Ask the rooms above what of theirs a closed month freezes; they are named in settings."""
    found: list[dict[str, Any]] = []
    for path in settings.CLOSE_FREEZES:
        module, _, name = path.rpartition(".")
        found += getattr(import_module(module), name)(month=month)
    return found


def _totals(month: date, found: Sequence[BookLine]) -> list[dict[str, str]]:
    sums: dict[tuple[str, str], dict[str, Decimal]] = {}
    for line in found:
        row = sums.setdefault(
            (line.currency, line.origin),
            dict.fromkeys(
                ("billed", "effective", "recoverable", "cost", "unallocated"), Decimal(0)
            ),
        )
        for name in ("billed", "effective", "recoverable", "cost"):
            row[name] = EXACT.add(row[name], getattr(line, name))
        if not line.initiative:
            row["unallocated"] = EXACT.add(row["unallocated"], line.cost)
    return [
        {"currency": currency, "origin": origin, **{n: f"{v:f}" for n, v in row.items()}}
        for (currency, origin), row in sorted(sums.items())
    ]


def _freeze(
    row: AccountingMonth,
    close: MonthClose,
    found: Sequence[BookLine],
    listed: Sequence[checking.Check],
    by: User,
    now: datetime,
) -> None:
    viewer, month = system_user("close"), row.month
    ClosedLine.objects.bulk_create(
        (ClosedLine(close=close, number=n, **asdict(one)) for n, one in enumerate(found, start=1)),
        batch_size=2_000,
    )
    facts = {
        "totals": _totals(month, found),
        "checklist": [one.as_json() for one in listed],
        "rates": _rates(month),
        "validations": _validations(month),
        "rules": list(
            RuleVersion.objects.filter(from_month__lte=month)
            .exclude(until_month__lte=month)
            .order_by("position", "from_month", "pk")
            .values_list("pk", flat=True)
        ),
        "loads": list(
            CurrentLoad.objects.filter(period=month)
            .order_by("pk")
            .values_list("load_id", flat=True)
        ),
        "row_hash": pack.row_hash(month),
    }
    content = pack.write(
        facts={
            **facts,
            "month": month.isoformat(),
            "close": close.number,
            "reporting_currency": books.reporting_currency(on=month),
            "prepared_by": close.prepared_by.name,
            "prepared_at": close.prepared_at,
            "approved_by": close.approved_by.name if close.approved_by else "",
            "approved_at": close.approved_at,
            "closed_by": by.name,
            "closed_at": now,
            "approved_digest": close.approved_digest,
            "lines": len(found),
        },
        tables=_tables(viewer, month, found, facts),
    )
    kept = store.store(
        content=content, name=f"close-{month:%Y-%m}-{close.number}.zip", by=by,
        media_type="application/zip",
    )  # fmt: skip
    save_changes(close, **facts, closed_by=by, closed_at=now, pack=kept)


def _tables(
    viewer: User, month: date, found: Sequence[BookLine], facts: dict[str, Any]
) -> dict[str, list[dict[str, Any]]]:
    explanations = Explanation.objects.filter(month=month).select_related("author", "decided_by")
    accruals = Accrual.objects.filter(month=month).select_related("source", "accrued_by")
    late = LateAdjustment.objects.filter(posted_month=month).select_related("source")
    return {
        "lines": [asdict(one) for one in found],
        "invoices": [asdict(one) for one in invoicing.reconciliation(viewer=viewer, month=month)],
        "prepaid": [asdict(one) for one in invoicing.prepaid(viewer=viewer, month=month)],
        "rates": facts["rates"],
        "validations": facts["validations"],
        "accruals": [
            {
                "source": one.source.name, "currency": one.currency, "amount": one.amount,
                "method": one.method, "sentence": one.sentence, "by": one.accrued_by.name,
                "withdrawn": one.withdrawn_at, "reversed_in": one.reversal_month,
            }
            for one in accruals.order_by("source__name", "currency", "created_at")
        ],
        "adjustments": [
            {
                "source": one.source.name, "scope": one.scope, "of": one.original_month,
                "amounts": str(one.amounts), "sentence": one.sentence, "ruling": one.ruling,
                "parked_load": one.parked_id, "load": one.posted_id,
            }
            for one in late.order_by("created_at", "pk")
        ],
        "variances": [
            {
                "unit": one.node.name, "currency": one.currency, "budget": one.budget,
                "actual": one.actual, "difference": one.difference, "said": one.said.sentence,
                "by": one.said.author, "state": one.said.state,
            }
            for one in comparing.variances(viewer=viewer, month=month, lines=found)
        ],
        "general-ledger": [
            {
                "entity": one.entity, "account": one.account, "cost_centre": one.cost_centre,
                "currency": one.currency, "ledger": one.ledger, "general_ledger": one.general,
                "difference": one.difference, "said": one.said.sentence, "state": one.said.state,
            }
            for one in comparing.ledger_differences(viewer=viewer, month=month, lines=found)
        ],
        "explanations": [
            {
                "about": one.about, "subject": one.subject, "amount": one.amount,
                "currency": one.currency, "sentence": one.sentence, "by": one.author.name,
                "state": one.state, "accepted_by": one.decided_by.name if one.decided_by else "",
            }
            for one in explanations.order_by("created_at", "pk")
        ],
        "journals": [
            {
                "number": one.number, "kind": one.kind, "entity": one.entity,
                "currency": one.currency, "debit": one.debit, "credit": one.credit,
                "state": one.state, "digest": one.digest,
            }
            for one in Journal.objects.filter(month=month).order_by("number")
        ],
    }  # fmt: skip


def _note(
    by: User, close: MonthClose, action: str, sentence: str, data: dict[str, Any] | None = None
) -> None:
    audit.note(by=by, action=action, subject=close, sentence=sentence, data=data)
