"""Invoices: typed in or read from FOCUS invoice details; judged by finance."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.models import LegalEntity
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import month_of
from governance_app.files import selectors as stored
from governance_app.files.models import StoredFile
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.people.selectors import organisation
from governance_app.spend.invoice_details import Detail, details_of
from governance_app.spend.models import Invoice, InvoiceLine
from governance_app.spend.selectors.close import invoicing as reading


@recorded
def enter_invoice(
    *,
    issuer: str,
    number: str,
    currency: str,
    month: date,
    total: Decimal,
    by: User,
    issued_on: date | None = None,
    due_on: date | None = None,
    order_number: str = "",
    refers_to: str = "",
    entity: LegalEntity | None = None,
    evidence: StoredFile | None = None,
    node: ScopeNode | None = None,
) -> Invoice:
    """
    Enter what an invoice states, tax included; one that only had details gets its total.

    An invoice may be entered whether its month is closed or not: it is compared with the
    lines, and changes none of them.

    Raises:
        Sentence: it stands with a total already, or says something that cannot be.
    """
    place = _place(node)
    access.require(by, "close.prepare", place)
    issuer, number = issuer.strip(), number.strip()
    if not issuer or not number:
        raise Sentence("An invoice has an issuer and a number, as the lines of the bill name them.")
    _check_currency(currency)
    standing = Invoice.objects.select_for_update().filter(
        issuer=issuer, number=number, currency=currency
    )
    said: dict[str, Any] = {
        "typed_total": total, "issued_on": issued_on, "due_on": due_on, "entity": entity,
        "order_number": order_number.strip(), "refers_to": refers_to.strip(), "evidence": evidence,
    }  # fmt: skip
    one = standing.first()
    if one is None:
        return Invoice.objects.create(
            issuer=issuer, number=number, currency=currency, month=month_of(month), node=place,
            **said,
        )  # fmt: skip
    if one.typed_total is not None and one.typed_total != total:
        raise Sentence(
            f"{one} stands with {one.typed_total:,.2f} {currency} already. "
            "Correct it there, with the reason."
        )
    save_changes(one, **{name: value for name, value in said.items() if value not in (None, "")})
    return one


@recorded
def correct_invoice(
    *, invoice: Invoice, total: Decimal, reason: str, by: User, version: int | None = None
) -> Invoice:
    """
    Correct a total that was typed in wrongly; what was said about its difference falls away.

    Raises:
        Sentence: there is no reason.
        StaleWrite: somebody changed it meanwhile.
    """
    access.require(by, "close.prepare", invoice)
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    check_version(invoice, version)
    if not reason.strip():
        raise Sentence("Write why the total changes; it stands beside the invoice.")
    save_changes(
        invoice, typed_total=total, comment=reason.strip(), verdict="", explained=None,
        judged_by=None, judged_at=None,
    )  # fmt: skip
    return invoice


@recorded
def judge_invoice(
    *, invoice: Invoice, verdict: str, comment: str, by: User, now: datetime,
    version: int | None = None,
) -> Invoice:  # fmt: skip
    """
    Say what is to be thought of a difference: explained and accepted, or disputed.

    The verdict is about the difference as it is now; when it moves, it has to be judged again.

    Raises:
        Sentence: nothing differs, or there is no comment.
        StaleWrite: somebody changed it meanwhile.
    """
    access.require(by, "close.prepare", invoice)
    invoice = Invoice.objects.select_for_update().get(pk=invoice.pk)
    check_version(invoice, version)
    if verdict not in (Invoice.Verdict.EXPLAINED, Invoice.Verdict.DISPUTED):
        raise Sentence(f"A difference is explained or disputed, not {verdict!r}.")
    if not comment.strip():
        raise Sentence("Write why; an auditor reads this beside the difference.")
    found = reading.reconciled(viewer=by, one=invoice)
    if not found.rest:
        raise Sentence(f"{invoice} ties: there is nothing to explain.")
    save_changes(
        invoice, verdict=verdict, comment=comment.strip(), explained=found.rest, judged_by=by,
        judged_at=now,
    )  # fmt: skip
    return invoice


@dataclass(frozen=True, slots=True)
class DetailsRead:
    """What a file of invoice details brought: invoices, lines new, changed and as they were."""

    invoices: int
    new: int
    changed: int
    unchanged: int


@recorded
def import_invoice_details(
    *,
    file: StoredFile,
    by: User,
    name: str = "",
    node: ScopeNode | None = None,
    progress: Callable[[int], None] | None = None,
) -> DetailsRead:
    """
    Read a FOCUS 1.4 InvoiceDetail file (CSV), whole or not at all.

    A detail that was updated later replaces what stands; an older one changes nothing. The
    total of an invoice that nobody typed in is the sum of its details.

    Args:
        progress: hears how many rows were read.

    Raises:
        Sentence: with row and column of the first thing that cannot be read.
    """
    place = _place(node)
    access.require(by, "close.prepare", place)
    called = name or file.name
    details: list[Detail] = []
    for some in details_of(stored.local_path(file=file), name=called):
        details += some
        if progress is not None:
            progress(len(some))
    standing = {
        (one.issuer, one.number, one.currency): one
        for one in Invoice.objects.select_for_update().filter(
            number__in={detail.number for detail in details}
        )
    }
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    for detail in details:
        key = (detail.issuer, detail.number, detail.currency)
        if key not in standing:
            standing[key] = Invoice.objects.create(
                issuer=detail.issuer, number=detail.number, currency=detail.currency,
                month=detail.month, status=detail.status, node=place, details_file=file,
                **detail.header,
            )  # fmt: skip
        one = standing[key]
        save_changes(one, status=detail.status, details_file=file, **detail.header)
        counts[_keep(one, detail)] += 1
    return DetailsRead(invoices=len({(d.issuer, d.number, d.currency) for d in details}), **counts)


def _keep(one: Invoice, detail: Detail) -> str:
    detail_id = detail.line["detail_id"]
    known = one.lines.select_for_update().filter(detail_id=detail_id).first()
    if known is None:
        InvoiceLine.objects.create(invoice=one, **detail.line)
        return "new"
    if known.updated_at > detail.line["updated_at"]:
        return "unchanged"
    return "changed" if save_changes(known, **detail.line) else "unchanged"


def _place(node: ScopeNode | None) -> ScopeNode:
    place = node or organisation()
    if place is None:
        raise Sentence("Found the organisation first; invoices belong to it.")
    return place


def _check_currency(currency: str) -> None:
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise Sentence(f"{currency!r} is not an ISO 4217 code; those are three capitals, like EUR.")
