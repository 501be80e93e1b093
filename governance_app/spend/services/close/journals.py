"""Journals: made from the books of a month, posted once, numbered by the ERP."""

import csv
import hashlib
import io
import uuid
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.books.models import AccountingMonth
from governance_app.domain import journals as domain
from governance_app.domain.errors import Sentence
from governance_app.domain.journals import Book, Cost, Entries, Place, Terms
from governance_app.domain.periods import month_of
from governance_app.files import services as store
from governance_app.people import access
from governance_app.people.models import User
from governance_app.people.selectors import organisation
from governance_app.people.services import system_user
from governance_app.spend.models import Journal, JournalLine, RechargeAgreement, TaxRule
from governance_app.spend.selectors.close.lines import BookLine, book_lines

_SHORT = {
    Journal.Kind.ALLOCATION: "ALL",
    Journal.Kind.ACCRUAL: "ACC",
    Journal.Kind.REVERSAL: "REV",
    Journal.Kind.TRUE_UP: "TRU",
    Journal.Kind.RECHARGE: "REC",
}
_COLUMNS = (
    "journal", "line", "date", "entity", "currency", "account", "cost_centre", "project", "vendor",
    "tax_code", "partner", "initiative", "text", "debit", "credit",
)  # fmt: skip
#: What may be posted before the month is approved: it only takes back what is posted already.
_ALWAYS = (Journal.Kind.REVERSAL,)


@recorded
def draft_journals(*, month: date, by: User) -> list[Journal]:
    """
    Make the journals of a month from its books; drafts are made anew, posted ones stay.

    What posted journals say already is not drafted again, so that a month that moved after
    posting gets a journal of the difference.

    Returns:
        the drafts, by kind, entity and currency.

    Raises:
        Sentence: an entity pays for another without an agreement.
    """
    access.require(by, "close.prepare")
    month = month_of(month)
    made = []
    wanted = _targets(month)
    for row in Journal.objects.select_for_update().filter(month=month, state=Journal.State.DRAFT):
        if (row.kind, row.entity, row.currency) not in wanted:
            _drop(row)
    for (kind, entity, currency), target in sorted(wanted.items()):
        draft = _draft(month, kind, entity, currency, target)
        if draft is not None:
            made.append(draft)
    return made


@recorded
def post_journal(*, journal: Journal, key: str, by: User, now: datetime) -> Journal:
    """
    Post a journal: it gets its document and never changes again. Asked twice, it is one.

    Args:
        key: what whoever asks calls this posting; the same key never posts two journals.

    Raises:
        Sentence: the key posted another journal, the month is not approved, or it moved since
            the journal was made.
    """
    access.require(by, "close.prepare", journal)
    if not key.strip():
        raise Sentence("A posting needs a key of its own, so that asking twice posts once.")
    other = Journal.objects.filter(key=key).exclude(pk=journal.pk).first()
    if other is not None:
        raise Sentence(f"The key {key} posted {other} already.")
    journal = Journal.objects.select_for_update().get(pk=journal.pk)
    if journal.state == Journal.State.POSTED:
        return journal
    state = (
        AccountingMonth.objects.filter(month=journal.month).values_list("state", flat=True).first()
    )
    settled = (AccountingMonth.State.APPROVED, AccountingMonth.State.CLOSED)
    if journal.kind not in _ALWAYS and state not in settled:
        raise Sentence(
            f"{journal.month:%B %Y} is {state or 'open'}: its journals are posted once it is "
            "approved."
        )
    target = _targets(journal.month).get((journal.kind, journal.entity, journal.currency), {})
    rest = domain.less(
        target, _posted(journal.month, journal.kind, journal.entity, journal.currency)
    )
    if _digest(rest) != journal.digest:
        raise Sentence(f"{journal.month:%B %Y} moved since {journal} was made. Make it anew.")
    document = store.store(
        content=document_of(journal=journal), name=f"{journal.number}.csv", by=by,
        media_type="text/csv",
    )  # fmt: skip
    save_changes(
        journal, state=Journal.State.POSTED, key=key.strip(), posted_by=by, posted_at=now,
        document=document,
    )  # fmt: skip
    audit.note(
        by=by, action="post", subject=journal,
        sentence=f"Posted {journal}: {journal.debit:,.2f} {journal.currency} on each side.",
        data={"key": key, "sha256": document.sha256},
    )  # fmt: skip
    return journal


@recorded
def take_erp_number(
    *, journal: Journal, number: str, by: User, now: datetime, version: int | None = None
) -> Journal:
    """
    Keep the document number that the ERP gave a posted journal; the same again changes nothing.

    Raises:
        Sentence: it is not posted, or has another number.
    """
    access.require(by, "close.prepare", journal)
    journal = Journal.objects.select_for_update().get(pk=journal.pk)
    check_version(journal, version)
    number = number.strip()
    if not number:
        raise Sentence("Write the document number the ERP gave it.")
    if journal.state != Journal.State.POSTED:
        raise Sentence(f"{journal} is not posted, so the ERP cannot know it.")
    if journal.erp_number and journal.erp_number != number:
        raise Sentence(f"{journal} is document {journal.erp_number} in the ERP already.")
    if not journal.erp_number:
        save_changes(journal, erp_number=number, erp_at=now)
    return journal


def document_of(*, journal: Journal) -> bytes:
    """Write a journal as the file the ERP takes: the same bytes each time."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for line in journal.lines.order_by("number"):
        writer.writerow(
            [
                journal.number, line.number, journal.month.isoformat(), journal.entity,
                journal.currency,
                *(harmless(getattr(line, name)) for name in (
                    "account", "cost_centre", "project", "vendor", "tax_code", "partner",
                    "initiative", "text",
                )),
                f"{line.debit:.4f}", f"{line.credit:.4f}",
            ]
        )  # fmt: skip
    return out.getvalue().encode()


def harmless(text: str) -> str:
    """
    Keep a spreadsheet from running a text as a formula.

    >>> harmless("=1+1"), harmless("0042")
    ("'=1+1", '0042')
    """
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _targets(month: date) -> dict[tuple[str, str, str], Entries]:
    """Give what the journals of a month must say in all: (kind, entity, currency) -> entries."""
    accounts = books.setting(key="close_accounts", on=month)
    lines = book_lines(viewer=system_user("close"), month=month)
    costs: dict[str, list[Cost]] = {}
    for line in lines:
        costs.setdefault(line.origin, []).append(_cost(line, accounts))
    made: dict[str, dict[Book, Entries]] = {
        Journal.Kind.ALLOCATION: domain.allocation(
            [one for origin in ("bill", "manual", "people") for one in costs.get(origin, [])],
            accounts,
        ),
        Journal.Kind.TRUE_UP: domain.allocation(costs.get("late adjustment", []), accounts),
        Journal.Kind.ACCRUAL: domain.accruals(costs.get("accrual", []), accounts),
        Journal.Kind.REVERSAL: domain.accruals(costs.get("reversal", []), accounts),
        Journal.Kind.RECHARGE: domain.recharges(
            [
                one
                for origin in ("bill", "late adjustment", "manual", "people")
                for one in costs.get(origin, [])
            ],
            accounts,
            _terms(month, [one for group in costs.values() for one in group]),
        ),
    }
    return {
        (str(kind), entity, currency): entries
        for kind, found in made.items()
        for (entity, currency), entries in found.items()
        if entries
    }


def _cost(line: BookLine, accounts: Mapping[str, str]) -> Cost:
    entity = line.entity or line.payer
    return Cost(
        payer=line.payer or entity,
        entity=entity,
        place=Place(
            account=line.gl_account or accounts["uncoded"],
            cost_centre=line.cost_centre,
            project=line.project,
            vendor=line.vendor,
            tax_code=line.tax_code,
            initiative=line.initiative,
            text=f"{line.source}, {line.initiative or 'unallocated'}"[:300],
        ),
        currency=line.currency,
        billed=line.billed,
        effective=line.effective,
        recoverable=line.recoverable,
    )


def _terms(month: date, costs: list[Cost]) -> dict[tuple[str, str], Terms]:
    found = {}
    rows = RechargeAgreement.objects.filter(from_month__lte=month).exclude(until_month__lte=month)
    for row in rows.select_related("payer", "bearer").order_by("from_month", "pk"):
        taxes = TaxRule.objects.filter(code=row.tax_code, from_month__lte=month).order_by(
            "-from_month"
        )
        given = taxes.filter(entity=row.payer).first()
        taken = taxes.filter(entity=row.bearer).first()
        found[row.payer.code, row.bearer.code] = Terms(
            reference=row.reference,
            mark_up=row.mark_up,
            tax_code=row.tax_code,
            tax_rate=given.rate if given else Decimal(0),
            recoverable=taken.recoverable if taken else Decimal(0),
        )
    for one in costs:
        if one.payer != one.entity and (one.payer, one.entity) not in found:
            raise Sentence(
                f"{one.payer} pays for {one.entity} in {month:%B %Y} and there is no agreement. "
                "Add one under Close, Coding."
            )
    return found


def _draft(month: date, kind: str, entity: str, currency: str, target: Entries) -> Journal | None:
    rest = domain.less(target, _posted(month, kind, entity, currency))
    standing = Journal.objects.filter(
        month=month, kind=kind, entity=entity, currency=currency, state=Journal.State.DRAFT
    ).first()
    if not rest:
        if standing is not None:
            _drop(standing)
        return None
    digest = _digest(rest)
    if standing is not None:
        if standing.digest == digest:
            return standing
        _drop(standing)
    place = organisation()
    if place is None:
        raise Sentence("Found the organisation first; its books belong to it.")
    number = (
        1 + Journal.objects.filter(month=month, kind=kind, entity=entity, currency=currency).count()
    )
    debit, credit = domain.sides(list(rest.values()))
    row = Journal.objects.create(
        number=f"{month:%Y-%m}-{_SHORT[Journal.Kind(kind)]}-{entity or 'NONE'}-{currency}-{number}",
        month=month, kind=kind, entity=entity, currency=currency, node=place, debit=debit,
        credit=credit, digest=digest, reverses=_reversed(month, kind, entity, currency),
    )  # fmt: skip
    for position, (on, amount) in enumerate(rest.items(), start=1):
        JournalLine.objects.create(
            journal=row, number=position, account=on.account, cost_centre=on.cost_centre,
            project=on.project, vendor=on.vendor, tax_code=on.tax_code, partner=on.partner,
            initiative=on.initiative, text=on.text, debit=max(amount, Decimal(0)),
            credit=max(-amount, Decimal(0)),
        )  # fmt: skip
    return row


def _drop(row: Journal) -> None:
    """Take a draft away: its lines go first, nothing points at it yet."""
    row.lines.all().delete()
    row.delete()


def _posted(month: date, kind: str, entity: str, currency: str) -> list[Entries]:
    rows = JournalLine.objects.filter(
        journal__month=month, journal__kind=kind, journal__entity=entity,
        journal__currency=currency, journal__state=Journal.State.POSTED,
    )  # fmt: skip
    found: dict[uuid.UUID, Entries] = {}
    for line in rows.order_by("journal_id", "number"):
        on = Place(
            line.account, line.cost_centre, line.project, line.vendor, line.tax_code, line.partner,
            line.initiative, line.text,
        )  # fmt: skip
        found.setdefault(line.journal_id, {})[on] = line.debit - line.credit
    return list(found.values())


def _reversed(month: date, kind: str, entity: str, currency: str) -> Journal | None:
    """Give the posted accrual journal of the month before that a reversal takes back."""
    if kind != Journal.Kind.REVERSAL:
        return None
    accrued = Journal.objects.filter(
        kind=Journal.Kind.ACCRUAL, entity=entity, currency=currency, month__lt=month,
        state=Journal.State.POSTED, reversed_by=None,
    )  # fmt: skip
    return accrued.order_by("-month", "number").first()


def _digest(entries: Entries) -> str:
    digest = hashlib.sha256()
    for place, amount in entries.items():
        digest.update(f"{place!r} {amount.normalize():f}\n".encode())
    return digest.hexdigest()
