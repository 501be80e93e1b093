"""The close: months and their checklist, invoices against the ledger, journals for the ERP."""

import datetime as dt
import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.books import selectors as books
from governance_app.books.models import AccountingMonth
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.people.access import User
from governance_app.spend.models import Invoice, Journal
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import AmountField, Door, StrictSerializer
from portfolio.api.v1.loads import AcceptedSerializer


class BooksMonthSerializer(serializers.Serializer[Any]):
    """A month of the books."""

    month = serializers.DateField()
    state = serializers.ChoiceField(choices=AccountingMonth.State.values)
    closed_at = serializers.DateTimeField(allow_null=True)


class CheckSerializer(serializers.Serializer[Any]):
    """An item of the checklist; ``blocks`` keeps the month open."""

    slug = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(choices=["ok", "attention", "blocks"])
    sentence = serializers.CharField()
    owner = serializers.CharField()
    facts = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class BooksTotalSerializer(serializers.Serializer[Any]):
    """What the books of a month sum to, by currency and origin."""

    currency = serializers.CharField()
    origin = serializers.CharField()
    billed = AmountField()
    effective = AmountField()
    recoverable = AmountField()
    cost = AmountField()
    unallocated = AmountField()


class BooksMonthReadSerializer(serializers.Serializer[Any]):
    """A month with its checklist, its totals and the pack it was closed with."""

    month = serializers.DateField()
    state = serializers.ChoiceField(choices=AccountingMonth.State.values)
    checklist = CheckSerializer(many=True)
    totals = BooksTotalSerializer(many=True)
    row_hash = serializers.CharField(help_text="Empty until the month is closed.")
    pack_sha256 = serializers.CharField(help_text="Empty until the month is closed.")


class StepSerializer(StrictSerializer):
    """A step of a month through the close."""

    step = serializers.ChoiceField(
        choices=["soft close", "approve", "close", "send back", "reopen"]
    )
    reason = serializers.CharField(required=False, default="", help_text="For a step back.")


class InvoiceSerializer(serializers.Serializer[Any]):
    """An invoice in one currency against the billed lines, tax included."""

    id = serializers.UUIDField(source="invoice_id", allow_null=True)
    issuer = serializers.CharField()
    number = serializers.CharField(help_text="Empty: lines that name no invoice yet.")
    currency = serializers.CharField()
    month = serializers.DateField()
    stated = AmountField(allow_null=True)
    billed = AmountField()
    tax = AmountField()
    lines = serializers.IntegerField()
    difference = AmountField(allow_null=True)
    rounding = AmountField(allow_null=True)
    rest = AmountField(allow_null=True)
    status = serializers.CharField()
    comment = serializers.CharField()


class InvoiceWriteSerializer(StrictSerializer):
    """What an invoice states."""

    issuer = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=200)
    currency = serializers.RegexField(r"^[A-Z]{3}$")
    month = serializers.DateField(help_text="Any day of the billing month.")
    total = AmountField(help_text="Tax included.")
    issued_on = serializers.DateField(required=False, allow_null=True, default=None)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    order_number = serializers.CharField(required=False, default="", max_length=100)
    refers_to = serializers.CharField(required=False, default="", max_length=200)


class JournalLineSerializer(serializers.Serializer[Any]):
    """One side of an entry."""

    number = serializers.IntegerField()
    account = serializers.CharField()
    cost_centre = serializers.CharField()
    project = serializers.CharField()
    vendor = serializers.CharField()
    tax_code = serializers.CharField()
    partner = serializers.CharField()
    initiative = serializers.CharField()
    text = serializers.CharField()
    debit = AmountField()
    credit = AmountField()


class JournalSerializer(serializers.Serializer[Any]):
    """A document for the general ledger."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    month = serializers.DateField()
    kind = serializers.ChoiceField(choices=Journal.Kind.values)
    entity = serializers.CharField()
    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=Journal.State.values)
    debit = AmountField()
    credit = AmountField()
    lines = JournalLineSerializer(many=True)
    posted_at = serializers.DateTimeField(allow_null=True)
    document_sha256 = serializers.CharField(
        source="document.sha256", default="", help_text="Empty until it is posted."
    )
    erp_number = serializers.CharField()


class PostSerializer(StrictSerializer):
    """Posting a journal."""

    key = serializers.CharField(
        max_length=200, help_text="Yours; the same key again answers the same document."
    )


class ErpNumberSerializer(StrictSerializer):
    """The number the ERP gave a journal."""

    erp_number = serializers.CharField(max_length=100)


class JournalFilter(django_filters.FilterSet):
    """Narrow journals."""

    month = django_filters.DateFilter(help_text="First day of the month.")
    state = django_filters.ChoiceFilter(choices=Journal.State.choices)
    kind = django_filters.ChoiceFilter(choices=Journal.Kind.choices)
    entity = django_filters.CharFilter()


class NewestMonthFirst(NewestFirst):
    """Newest months first."""

    ordering = ("-month", "-id")


class CloseDoor(Door):
    """Figures of money: who sees money nowhere is refused."""

    permission = "money.view"
    pagination_class = NewestMonthFirst


class Months(CloseDoor):
    """Months of the books."""

    model = AccountingMonth
    serializer_class = BooksMonthSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the months."""
        return books.months(viewer=self.viewer)

    @extend_schema(operation_id="close_months_list", responses=BooksMonthSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the months of the books, newest first."""
        answer: Response = self.paged(self.get_queryset(), BooksMonthSerializer)
        return answer

    @extend_schema(operation_id="close_months_read", responses=BooksMonthReadSerializer)
    def read(self, request: Request, month: str) -> Response:
        """Read a month: its state, its checklist as it stands, and its totals."""
        return self._answer(_month(month))

    @extend_schema(
        operation_id="close_months_step", request=StepSerializer,
        responses={200: BooksMonthReadSerializer, 202: AcceptedSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def step(self, request: Request, month: str) -> Response:
        """
        Take a month a step on, or back with a reason.

        Approving and closing go through all books of the month: 202 names the job. A month stays
        closed while its reopening waits for a second person: see second looks.
        """
        asked, body, now = _month(month), self.body(StepSerializer), database_now()
        by: User = self.viewer
        if body["step"] == "soft close":
            services.soft_close(month=asked, by=by, now=now)
        elif body["step"] == "approve":
            return Response({"job": services.ask_approval(month=asked, by=by).pk}, status=202)
        elif body["step"] == "close":
            return Response({"job": services.ask_closing(month=asked, by=by).pk}, status=202)
        elif body["step"] == "send back":
            services.send_back(month=asked, reason=body["reason"], by=by, now=now)
        else:
            services.ask(
                action="reopen", asked={"month": f"{asked:%Y-%m}", "reason": body["reason"]},
                by=by, now=now,
            )  # fmt: skip
        return self._answer(asked)

    def _answer(self, month: dt.date) -> Response:
        close = selectors.closes(viewer=self.viewer, month=month).first()
        state = selectors.month_state(month=month)
        is_closed = state == AccountingMonth.State.CLOSED and close is not None
        lines = selectors.book_lines(viewer=self.viewer, month=month)
        checks: list[Any] = []  # a part of the organisation has no checklist of its own
        if is_closed and close is not None:
            checks = close.checklist
        elif access.can(self.viewer, "money.view"):
            found = selectors.checklist(viewer=self.viewer, month=month, on=timezone.localdate())
            checks = [one.as_json() for one in found]
        return Response(
            BooksMonthReadSerializer(
                {
                    "month": month,
                    "state": state,
                    "checklist": checks,
                    "totals": selectors.summed(lines),
                    "row_hash": close.row_hash if is_closed and close else "",
                    "pack_sha256": close.pack.sha256 if is_closed and close and close.pack else "",
                }
            ).data
        )


class Invoices(CloseDoor):
    """Invoices against the ledger."""

    model = Invoice
    serializer_class = InvoiceSerializer
    asks = frozenset({"month"})
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="close_invoices_list", responses=InvoiceSerializer(many=True), filters=False
    )
    def list(self, request: Request, month: str) -> Response:
        """Compare the invoices of a billing month with the ledger."""
        rows = selectors.reconciliation(viewer=self.viewer, month=_month(month))
        return Response(InvoiceSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="close_invoices_add", request=InvoiceWriteSerializer,
        responses={201: InvoiceSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Enter what an invoice states."""
        made = services.enter_invoice(by=self.viewer, **self.body(InvoiceWriteSerializer))
        return Response(
            InvoiceSerializer(selectors.reconciled(viewer=self.viewer, one=made)).data, status=201
        )


class Journals(CloseDoor):
    """Journals for the general ledger."""

    model = Journal
    serializer_class = JournalSerializer
    filterset_class = JournalFilter

    def rows(self) -> QuerySet[Any]:
        """Give the journals."""
        return selectors.journals(viewer=self.viewer)

    @extend_schema(operation_id="close_journals_list", responses=JournalSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List journals, newest month first."""
        answer: Response = self.paged(self.get_queryset(), JournalSerializer)
        return answer

    @extend_schema(operation_id="close_journals_read", responses=JournalSerializer)
    def read(self, request: Request, journal_id: uuid.UUID) -> Response:
        """Read one journal with its lines."""
        return Response(JournalSerializer(self._journal(journal_id)).data)

    @extend_schema(
        operation_id="close_journals_post", request=PostSerializer, responses=JournalSerializer,
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def post_it(self, request: Request, journal_id: uuid.UUID) -> Response:
        """Post a journal; asked again, the answer is the same document."""
        services.post_journal(
            journal=self._journal(journal_id), key=self.body(PostSerializer)["key"],
            by=self.viewer, now=database_now(),
        )  # fmt: skip
        return self.read(request, journal_id)

    @extend_schema(
        operation_id="close_journals_number", request=ErpNumberSerializer,
        responses=JournalSerializer, parameters=[HEADER],
    )  # fmt: skip
    @once
    def number(self, request: Request, journal_id: uuid.UUID) -> Response:
        """Keep the document number the ERP gave a posted journal."""
        services.take_erp_number(
            journal=self._journal(journal_id), by=self.viewer, now=database_now(),
            number=self.body(ErpNumberSerializer)["erp_number"],
        )  # fmt: skip
        return self.read(request, journal_id)

    def _journal(self, journal_id: uuid.UUID) -> Journal:
        found = selectors.journal(viewer=self.viewer, journal_id=journal_id)
        if found is None:
            raise Http404
        return found


def _month(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        raise ValidationError({"month": ["Write the month like 2026-10."]}) from None
