"""The months of the books, and one of them with its checklist and what can be done with it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months, last_day, month_range
from governance_app.domain.periods import month_of as first_of
from governance_app.domain.phrases import month as month_words
from governance_app.files import selectors as stored
from governance_app.jobs.clock import database_now
from governance_app.people import access
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.charts.wording import worded
from portfolio.downloads import as_download
from portfolio.web.access import found, page, viewer_of
from portfolio.web.close.common import STATE_LOOK, month_of, show
from portfolio.web.close.second_looks import told

STATE_ORDER = ("ok", "attention", "blocks")
LOOK = {"ok": "ok", "attention": "warn", "blocks": "fail"}
#: Pages that mend something and have no month in their address.
PLAIN = {"spend-rules", "settings-rates", "close-coding"}
SHOWN_MONTHS = 18


@page("money.view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """List the months that hold something, newest first, with their state."""
    viewer = viewer_of(request)
    today = timezone.localdate()
    held = spend.months_held(dated="billing")
    states = {row.month: row.state for row in books.months(viewer=viewer)}
    rows = []
    if held is not None:
        first = max(held[0], add_months(first_of(today), 1 - SHOWN_MONTHS))
        last = max(held[1], first_of(today))
        passages = {one.month.month: one for one in reversed(selectors.closes(viewer=viewer))}
        for month in reversed(month_range(first, last)):
            state = states.get(month, "open")
            close = passages.get(month)
            due = selectors.third_working_day(month)
            rows.append(
                {
                    "month": month,
                    "asked": f"{month:%Y-%m}",
                    "state": state,
                    "look": STATE_LOOK[state],
                    "due": due,
                    "is_late": state != "closed" and today > due,
                    "is_running": last_day(month) >= today,
                    "close": close,
                }
            )
    context = {
        "rows": rows,
        "waiting": selectors.adjustments(viewer=viewer).filter(state="waiting").count(),
        "looks": selectors.second_looks(viewer=viewer).filter(state="waiting").count(),
        "disputes": selectors.disputes(viewer=viewer).filter(state="open").count(),
    }
    return render(request, "close/overview.html", context)


@page("money.view")
@require_http_methods(["GET", "POST"])
def month(request: HttpRequest, asked: str) -> HttpResponse:
    """Show a month: state, totals, checklist, passages; POST takes it a step on or back."""
    viewer, month = viewer_of(request), month_of(asked)
    if request.method == "POST":
        return _step(request, viewer, month)
    now = timezone.localdate()
    try:
        lines = selectors.book_lines(viewer=viewer, month=month)
    except selectors.MissingDayRate:
        lines = []
    state = selectors.month_state(month=month)
    closes = list(selectors.closes(viewer=viewer, month=month))
    is_whole = access.can(viewer, "money.view")
    checks: list[dict[str, Any]] = []  # a part of the organisation has no checklist of its own
    if is_whole and state == "closed" and closes and closes[0].checklist:
        checks = closes[0].checklist
    elif is_whole:
        checks = [one.as_json() for one in selectors.checklist(viewer=viewer, month=month, on=now)]
    for one in checks:
        one["look"] = LOOK[one["state"]]
        one["url"] = reverse(one["door"], args=[] if one["door"] in PLAIN else [asked])
    return show(
        request, "close/month.html", "close-month", month,
        totals=selectors.summed(lines), origins=selectors.ORIGINS, checks=checks, closes=closes,
        is_whole=is_whole,
        blocking=sum(one["state"] == "blocks" for one in checks),
        due=selectors.third_working_day(month),
    )  # fmt: skip


@page("money.view")
@require_GET
def pack(request: HttpRequest, asked: str, number: int) -> HttpResponse:
    """Give the pack of a close, as it was stored."""
    closes = selectors.closes(viewer=viewer_of(request), month=month_of(asked))
    close = found(closes.filter(number=number, pack__isnull=False).first())
    return as_download(
        stored.open_file(file=close.pack), name=f"close-{asked}-{number}.zip",
        size=close.pack.size, media_type="application/zip",
    )  # fmt: skip


def _ask(request: HttpRequest, viewer: Any, month: dt.date) -> None:
    """Ask owners to explain their variances, as far as these are known yet."""
    try:
        asked = services.ask_for_explanations(month=month, by=viewer, on=timezone.localdate())
    except (books.MissingRate, selectors.MissingDayRate) as missing:
        messages.info(
            request, worded("Nobody was asked to explain variances yet: {missing}", missing=missing)
        )
        return
    if asked:
        names = ", ".join(one.name for one in asked)
        messages.info(request, worded("Asked to explain their variances: {names}.", names=names))


def _step(request: HttpRequest, viewer: Any, month: dt.date) -> HttpResponse:
    asked, step, now = f"{month:%Y-%m}", request.POST.get("step", ""), database_now()
    reason = request.POST.get("reason", "")
    if step == "soft close":
        services.soft_close(month=month, by=viewer, now=now)
        messages.info(
            request,
            worded("{month} is soft closed. Somebody else approves it.", month=month_words(month)),
        )
        _ask(request, viewer, month)
    elif step == "approve":
        return redirect("job", services.ask_approval(month=month, by=viewer).pk)
    elif step == "close":
        return redirect("job", services.ask_closing(month=month, by=viewer).pk)
    elif step == "send back":
        services.send_back(month=month, reason=reason, by=viewer, now=now)
        messages.info(request, worded("{month} is open again.", month=month_words(month)))
    elif step == "reopen":
        look = services.ask(
            action="reopen", asked={"month": asked, "reason": reason}, by=viewer, now=now
        )
        told(request, look)
        if look is None:
            messages.info(
                request,
                worded(
                    "{month} is reopened. The pack it was closed with stays.",
                    month=month_words(month),
                ),
            )
    else:
        raise Sentence("Choose what to do with the month.")
    return redirect("close-month", asked)


urlpatterns = [
    path("spend/close/", overview, name="close"),
    path("spend/close/<slug:asked>/", month, name="close-month"),
    path("spend/close/<slug:asked>/pack/<int:number>/", pack, name="close-pack"),
]
