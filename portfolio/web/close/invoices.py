"""Invoices of a month against the ledger, the prepaid roll-forward, purchase orders."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.close.common import (
    chosen,
    currency_of,
    entities,
    entity_of,
    kept_file,
    month_of,
    name_of_upload,
    show,
    source_of,
)

IMPORT = "governance_app.spend.tasks.import_invoice_details"
LOOK = {
    "tied": "ok", "within tolerance": "ok", "explained": "ok", "voided": "none",
    "not received": "warn", "not yet invoiced": "warn", "disputed": "fail", "differs": "fail",
    "no lines": "fail",
}  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def invoices(request: HttpRequest, asked: str) -> HttpResponse:
    """Compare the invoices of a month; POST enters one, reads details, moves a prepaid balance."""
    viewer, month = viewer_of(request), month_of(asked)
    data = request.POST
    if request.method == "POST":
        if data.get("do") == "details":
            access.require(viewer, "close.prepare")
            kept = kept_file(request, "file", needed=True)
            name = name_of_upload(request)
            job = jobs.receive(
                kind=IMPORT, title=f"Read invoice details {name}"[:300], by=viewer,
                payload={"file": str(kept.pk), "file_name": name, "month": month.isoformat()},
            )  # fmt: skip
            return redirect("job", job.pk)
        if data.get("do") == "prepaid":
            services.enter_prepaid(
                source=source_of(request), month=month, currency=currency_of(request),
                kind=data.get("kind", ""), sentence=data.get("sentence", ""),
                amount=fields.needed_number(data.get("amount", ""), "Amount"),
                evidence=kept_file(request), by=viewer,
            )  # fmt: skip
        else:
            made = services.enter_invoice(
                issuer=data.get("issuer", ""), number=data.get("number", ""),
                currency=currency_of(request), month=month,
                total=fields.needed_number(data.get("total", ""), "Total"),
                issued_on=fields.day(data.get("issued_on", ""), "Issued"),
                due_on=fields.day(data.get("due_on", ""), "Due"),
                order_number=data.get("order", ""), refers_to=data.get("refers_to", ""),
                entity=entity_of(request), evidence=kept_file(request), by=viewer,
            )  # fmt: skip
            return redirect("close-invoice", made.pk)
        return redirect("close-invoices", asked)
    rows = selectors.reconciliation(viewer=viewer, month=month)
    return show(
        request, "close/invoices.html", "close-invoices", month,
        rows=[{"one": one, "look": LOOK[one.status]} for one in rows],
        prepaid=selectors.prepaid(viewer=viewer, month=month),
        entities=entities(request), sources=spend.sources(viewer=viewer),
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def invoice(request: HttpRequest, invoice_id: str) -> HttpResponse:
    """Show one invoice against its lines; POST judges its difference or corrects its total."""
    viewer = viewer_of(request)
    row = found(selectors.invoice(viewer=viewer, invoice_id=invoice_id))
    if request.method == "POST":
        version = fields.version(request.POST)
        if request.POST.get("do") == "correct":
            services.correct_invoice(
                invoice=row, total=fields.needed_number(request.POST.get("total", ""), "Total"),
                reason=request.POST.get("comment", ""), by=viewer, version=version,
            )  # fmt: skip
        else:
            services.judge_invoice(
                invoice=row, verdict=request.POST.get("verdict", ""),
                comment=request.POST.get("comment", ""), by=viewer, now=database_now(),
                version=version,
            )  # fmt: skip
        return redirect("close-invoice", row.pk)
    one = selectors.reconciled(viewer=viewer, one=row)
    context = {
        "row": row,
        "one": one,
        "look": LOOK[one.status],
        "booked": selectors.invoice_months(viewer=viewer, one=row),
        "lines": row.lines.order_by("detail_id")[:500],
        "asked": f"{row.month:%Y-%m}",
        "may": access.can(viewer, "close.prepare", row),
    }
    return render(request, "close/invoice.html", context)


@page("money.view")
@require_http_methods(["GET", "POST"])
def orders(request: HttpRequest) -> HttpResponse:
    """List purchase orders with what is still committed; POST adds or closes one."""
    viewer, today = viewer_of(request), timezone.localdate()
    data = request.POST
    if request.method == "POST":
        if data.get("do") == "close":
            order = chosen(selectors.orders(viewer=viewer), data.get("order"))
            services.close_purchase_order(
                order=order, on=today, by=viewer, version=fields.version(data)
            )
        elif data.get("do") == "add":
            services.add_purchase_order(
                number=data.get("number", ""), vendor=data.get("vendor", ""),
                description=data.get("description", "")[:500],
                amount=fields.needed_number(data.get("amount", ""), "Amount"),
                currency=currency_of(request), entity=entity_of(request),
                from_month=fields.needed_month(data.get("from", ""), "From"),
                until_month=fields.needed_month(data.get("until", ""), "Until"),
                evidence=kept_file(request), by=viewer,
            )  # fmt: skip
        else:
            raise Sentence("Choose what to do with the order.")
        return redirect("close-orders")
    context = {
        "rows": selectors.commitments(viewer=viewer, on=today),
        "entities": entities(request),
        "may": access.can(viewer, "close.prepare"),
    }
    return render(request, "close/orders.html", context)


urlpatterns = [
    path("spend/close/<slug:asked>/invoices/", invoices, name="close-invoices"),
    path("spend/invoices/<uuid:invoice_id>/", invoice, name="close-invoice"),
    path("spend/orders/", orders, name="close-orders"),
]
