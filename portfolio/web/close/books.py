"""Differences of a month and who explains them, late changes, journals, chargeback."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.files import selectors as stored
from governance_app.jobs import services as jobs
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.charts.wording import worded
from portfolio.downloads import as_download
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.close.common import chosen, kept_file, month_of, name_of_upload, show, units

PAGE_SIZE = 50
IMPORT = "governance_app.spend.tasks.import_trial_balance"
JOURNAL_LOOK = {"draft": "none", "posted": "ok"}
LATE_LOOK = {"waiting": "warn", "posted": "ok", "superseded": "none", "set aside": "none"}
SAID_LOOK = {
    "": "none", "proposed": "warn", "accepted": "ok", "returned": "fail", "outdated": "fail",
}  # fmt: skip
SAID_WORDS = {
    "": "",
    "proposed": phrase("Waits for finance"),
    "accepted": phrase("Accepted"),
    "returned": phrase("Sent back"),
    "outdated": phrase("The figure moved since"),
}


@page("money.view")
@require_http_methods(["GET", "POST"])
def variances(request: HttpRequest, asked: str) -> HttpResponse:
    """Show units against their budgets; POST explains one, accepts or returns it."""
    viewer, month = viewer_of(request), month_of(asked)
    if request.method == "POST":
        if request.POST.get("do") == "ask":
            asked_of = services.ask_for_explanations(
                month=month, by=viewer, on=timezone.localdate()
            )
            messages.info(
                request,
                worded(
                    "Asked {names}; each gets one letter.",
                    names=", ".join(one.name for one in asked_of),
                )
                if asked_of
                else worded("Nobody is left to ask."),
            )
        elif request.POST.get("do") == "explain":
            node = chosen(units(request), request.POST.get("node"))
            services.explain_variance(
                node=node, month=month, sentence=request.POST.get("sentence", ""), by=viewer
            )
        else:
            _decide(request, viewer, month)
        return redirect("close-variances", asked)
    missing = ""
    rows: list[Any] = []
    try:
        rows = selectors.variances(viewer=viewer, month=month)
    except (books.MissingRate, selectors.MissingDayRate) as error:
        missing = str(error)
    return show(
        request, "close/variances.html", "close-variances", month, missing=missing,
        rows=[
            {
                "one": one, "look": SAID_LOOK[one.said.state], "words": SAID_WORDS[one.said.state],
                "may_explain": access.can(viewer, "close.explain", one.node),
            }
            for one in rows
        ],
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def general_ledger(request: HttpRequest, asked: str) -> HttpResponse:
    """Compare the books with the trial balance; POST imports one or explains a difference."""
    viewer, month = viewer_of(request), month_of(asked)
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do == "import":
            access.require(viewer, "close.prepare")
            kept = kept_file(request, "file", needed=True)
            name = name_of_upload(request)
            job = jobs.receive(
                kind=IMPORT, title=f"Read trial balance {name}"[:300], by=viewer,
                payload={"file": str(kept.pk), "file_name": name, "month": month.isoformat()},
            )  # fmt: skip
            return redirect("job", job.pk)
        elif do == "explain":
            services.explain_difference(
                subject=request.POST.get("subject", ""), month=month,
                sentence=request.POST.get("sentence", ""), by=viewer,
            )  # fmt: skip
        else:
            _decide(request, viewer, month)
        return redirect("close-general-ledger", asked)
    rows = selectors.ledger_differences(viewer=viewer, month=month)
    return show(
        request, "close/general-ledger.html", "close-general-ledger", month,
        balance=selectors.trial_balance(viewer=viewer, month=month),
        rows=[
            {"one": one, "look": SAID_LOOK[one.said.state], "words": SAID_WORDS[one.said.state]}
            for one in rows[:500]
        ],
        apart=sum(not one.is_settled for one in rows),
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def adjustments(request: HttpRequest, asked: str) -> HttpResponse:
    """Show bills that came for closed months; POST rules on one that waits."""
    viewer, month = viewer_of(request), month_of(asked)
    if request.method == "POST":
        row = chosen(selectors.adjustments(viewer=viewer), request.POST.get("adjustment"))
        services.rule_on_adjustment(
            adjustment=row, is_booked=request.POST.get("do") == "book",
            ruling=request.POST.get("ruling", ""),
            month=fields.month(request.POST.get("month", ""), "Month"), by=viewer,
            now=database_now(), version=fields.version(request.POST),
        )  # fmt: skip
        return redirect("close-adjustments", asked)
    rows = selectors.adjustments(viewer=viewer, month=month) | selectors.adjustments(
        viewer=viewer
    ).filter(state="waiting")
    return show(
        request, "close/adjustments.html", "close-adjustments", month,
        rows=[{"one": one, "look": LATE_LOOK[one.state]} for one in rows.distinct()],
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def journals(request: HttpRequest, asked: str) -> HttpResponse:
    """List the journals of a month; POST makes the drafts anew."""
    viewer, month = viewer_of(request), month_of(asked)
    if request.method == "POST":
        made = services.draft_journals(month=month, by=viewer)
        messages.info(
            request,
            worded("{drafts} drafts stand.", drafts=len(made))
            if made
            else worded("Nothing is left to post."),
        )
        return redirect("close-journals", asked)
    rows = selectors.journals(viewer=viewer, month=month)
    return show(
        request, "close/journals.html", "close-journals", month,
        rows=[{"one": one, "look": JOURNAL_LOOK[one.state]} for one in rows],
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def journal(request: HttpRequest, journal_id: str) -> HttpResponse:
    """Show one journal; POST posts it, once, or keeps the number the ERP gave it."""
    viewer = viewer_of(request)
    row = found(selectors.journal(viewer=viewer, journal_id=journal_id))
    if request.method == "POST":
        if request.POST.get("do") == "number":
            services.take_erp_number(
                journal=row, number=request.POST.get("number", ""), by=viewer, now=database_now()
            )
        else:
            services.post_journal(
                journal=row, key=request.POST.get("key", ""), by=viewer, now=database_now()
            )
        return redirect("close-journal", row.pk)
    context = {
        "row": row,
        "look": JOURNAL_LOOK[row.state],
        "lines": row.lines.order_by("number"),
        "asked": f"{row.month:%Y-%m}",
        "may": access.can(viewer, "close.prepare", row),
    }
    return render(request, "close/journal.html", context)


@page("money.view")
@require_GET
def journal_file(request: HttpRequest, journal_id: str) -> HttpResponse:
    """Give the document of a posted journal."""
    row = found(selectors.journal(viewer=viewer_of(request), journal_id=journal_id))
    document = found(row.document)
    return as_download(
        stored.open_file(file=document), name=f"{row.number}.csv", size=document.size,
        media_type="text/csv",
    )  # fmt: skip


@page("money.view")
@require_http_methods(["GET", "POST"])
def chargeback(request: HttpRequest, asked: str) -> HttpResponse:
    """Show what units are charged; POST disputes a line or decides on a dispute."""
    viewer, month = viewer_of(request), month_of(asked)
    data = request.POST
    if request.method == "POST":
        if data.get("do") == "dispute":
            node = found(units(request).filter(name=data.get("unit", "")).first())
            owner = chosen(people.people(viewer=viewer), data.get("owner"))
            services.raise_dispute(
                node=node, month=month, source=data.get("source", "")[:200],
                service=data.get("service", "")[:500], initiative=data.get("initiative", ""),
                amount=fields.needed_number(data.get("amount", ""), "Amount"),
                currency=data.get("currency", ""), reason=data.get("reason", ""), owner=owner,
                by=viewer,
            )  # fmt: skip
        else:
            row = chosen(selectors.disputes(viewer=viewer), data.get("dispute"))
            services.decide_dispute(
                dispute=row, state=data.get("do", ""), outcome=data.get("outcome", ""), by=viewer,
                now=database_now(), version=fields.version(data),
            )  # fmt: skip
        return redirect("close-chargeback", asked)
    unit = request.GET.get("unit", "")
    missing = ""
    charges: list[Any] = []
    try:
        charges = selectors.chargeback(viewer=viewer, month=month)
    except selectors.MissingDayRate as error:
        missing = str(error)
    shown = Paginator([one for one in charges if not unit or one.unit == unit], PAGE_SIZE)
    may_dispute = access.can_anywhere(viewer, "close.explain")
    return show(
        request, "close/chargeback.html", "close-chargeback", month, missing=missing,
        units=sorted({one.unit for one in charges}), unit=unit,
        page=shown.get_page(request.GET.get("page")),
        disputes=selectors.disputes(viewer=viewer, month=month),
        owners=_deciders(viewer) if may_dispute else [],
        unit_id=units(request).filter(name=unit).values_list("pk", flat=True).first()
        if unit else "",
        may_dispute=may_dispute,
    )  # fmt: skip


def _deciders(viewer: Any) -> list[Any]:
    """Give the people who prepare the close of the organisation, as far as the viewer sees them."""
    root = people.organisation()
    if root is None:
        return []
    holders = people.holders(permission="close.prepare", node=root, on=timezone.localdate())
    return list(people.people(viewer=viewer).filter(pk__in=holders.values("pk")))


def _decide(request: HttpRequest, viewer: Any, month: Any) -> None:
    rows = selectors.explanations(viewer=viewer, month=month)
    row = chosen(rows, request.POST.get("explanation"))
    if request.POST.get("do") not in ("accept", "return"):
        raise Sentence("Accept the explanation or send it back.")
    services.decide_explanation(
        explanation=row, is_accepted=request.POST.get("do") == "accept",
        answer=request.POST.get("answer", ""), by=viewer, now=database_now(),
        version=fields.version(request.POST),
    )  # fmt: skip


urlpatterns = [
    path("spend/close/<slug:asked>/variances/", variances, name="close-variances"),
    path("spend/close/<slug:asked>/general-ledger/", general_ledger, name="close-general-ledger"),
    path("spend/close/<slug:asked>/adjustments/", adjustments, name="close-adjustments"),
    path("spend/close/<slug:asked>/journals/", journals, name="close-journals"),
    path("spend/close/<slug:asked>/chargeback/", chargeback, name="close-chargeback"),
    path("spend/journals/<uuid:journal_id>/", journal, name="close-journal"),
    path("spend/journals/<uuid:journal_id>/file/", journal_file, name="close-journal-file"),
]
