"""The inbox, how one wants to hear of things, and the calendar that programs subscribe to."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.notices import selectors, services
from governance_app.notices.calendar import written
from governance_app.notices.kinds import CHOSEN
from portfolio.charts.wording import worded, worded_count
from portfolio.web.access import found, viewer_of

PAGE_SIZE = 50
WHENS = (
    ("now", phrase("at once")),
    ("daily", phrase("daily")),
    ("weekly", phrase("weekly")),
    ("never", phrase("inbox only")),
)
DAYS = (
    phrase("Monday"),
    phrase("Tuesday"),
    phrase("Wednesday"),
    phrase("Thursday"),
    phrase("Friday"),
    phrase("Saturday"),
    phrase("Sunday"),
)
TITLES = {kind.slug: kind.title for kind in CHOSEN}


@login_required
@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """List what one was told, newest first."""
    viewer = viewer_of(request)
    kind = request.GET.get("kind", "")
    only_unread = request.GET.get("show") == "unread"
    rows = selectors.inbox(
        viewer=viewer, kind=kind if kind in TITLES else "", only_unread=only_unread
    )
    shown = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request,
        "notices/inbox.html",
        {
            "page": shown,
            "rows": [(row, TITLES.get(row.kind, row.kind)) for row in shown],
            "unread": selectors.unread(viewer=viewer),
            "kinds": TITLES,
            "kind": kind,
            "only_unread": only_unread,
        },
    )


@login_required
@require_POST
def open_notice(request: HttpRequest, notice_id: str) -> HttpResponse:
    """Mark a notice as read and go to what it is about."""
    viewer = viewer_of(request)
    row = found(selectors.notice(viewer=viewer, notice_id=notice_id))
    services.mark(ids=[str(row.pk)], is_read=True, by=viewer)
    return redirect(row.page or reverse("inbox"))


@login_required
@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Mark notices as read or unread: those named, or all."""
    viewer = viewer_of(request)
    is_read = request.POST.get("as", "read") == "read"
    ids = request.POST.getlist("id")
    if request.POST.get("all"):
        unread = selectors.inbox(viewer=viewer, only_unread=True)
        ids = [str(pk) for pk in unread.values_list("pk", flat=True)]
    changed = services.mark(ids=ids, is_read=is_read, by=viewer)
    count = len(changed)
    words = "read" if is_read else "unread"
    messages.info(
        request,
        worded_count(
            "{count} notice is {words} now.",
            "{count} notices are {words} now.",
            count=count,
            words=words,
        ),
    )
    return redirect("inbox")


@login_required
@require_http_methods(["GET", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """Show and set when and how one hears of what."""
    viewer = viewer_of(request)
    secret = ""
    if request.method == "POST":
        secret = _set(request)
        if not secret:
            return redirect("notice-choices")
    chosen = selectors.choices(viewer=viewer)
    whens = selectors.whens(viewer=viewer)
    feed = f"{settings.SITE_URL}{reverse('calendar-feed', args=[secret])}" if secret else ""
    return render(
        request,
        "notices/choices.html",
        {
            "chosen": chosen,
            "kinds": [(kind, whens[kind.slug]) for kind in CHOSEN],
            "whens": WHENS,
            "hours": range(24),
            "days": tuple(enumerate(DAYS)),
            "hooks": selectors.HOOKS,
            "feed": feed,
        },
    )


def _set(request: HttpRequest) -> str:
    """Do what a form of the page asks; gives the secret of a new calendar address."""
    viewer, what = viewer_of(request), request.POST.get("what", "")
    if what == "calendar":
        return services.renew_feed(by=viewer)
    if what == "end-calendar":
        services.end_feed(by=viewer)
        messages.info(request, worded("The calendar address does not answer any more."))
    elif what == "hook":
        hook = request.POST.get("hook", "")
        services.set_hook(hook=hook, address=request.POST.get("address", ""), by=viewer)
        messages.info(
            request, worded("The webhook is set.") if hook else worded("The webhook is ended.")
        )
    elif what == "try-hook":
        services.try_hook(by=viewer)
        messages.info(request, worded("A word is on its way to the channel."))
    else:
        services.choose(
            when={kind.slug: request.POST.get(f"when-{kind.slug}", kind.when) for kind in CHOSEN},
            letter_at=_whole(request.POST.get("letter_at", ""), "hour"),
            weekday=_whole(request.POST.get("weekday", ""), "day"),
            quiet_from=_clock(request.POST.get("quiet_from", ""), "from"),
            quiet_until=_clock(request.POST.get("quiet_until", ""), "until"),
            by_mail=bool(request.POST.get("by_mail")),
            by=viewer,
        )
        messages.info(request, worded("Your choices count from now on."))
    return ""


def _whole(text: str, what: str) -> int:
    if not text.isdecimal():
        raise Sentence(f"Choose the {what} of your letter.")
    return int(text)


def _clock(text: str, what: str) -> dt.time | None:
    if not text.strip():
        return None
    try:
        return dt.time.fromisoformat(text.strip())
    except ValueError as error:
        raise Sentence(f"Write when quiet hours go {what} as 22:00.") from error


@require_GET
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the calendar of whom an address belongs to; the address itself is the key."""
    person = selectors.person_of_feed(secret=secret)
    if person is None:
        raise Http404
    now = timezone.now()
    entries = selectors.calendar(viewer=person, on=timezone.localdate())
    text = written(entries, name="AI portfolio", at=now.astimezone(dt.UTC))
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=900"
    response["Referrer-Policy"] = "no-referrer"
    return response


def count(viewer: Any) -> int:
    """Count what somebody has not read, for the frame of every page."""
    return selectors.unread(viewer=viewer)


urlpatterns = [
    path("inbox/", inbox, name="inbox"),
    path("inbox/mark/", mark, name="inbox-mark"),
    path("inbox/<uuid:notice_id>/open/", open_notice, name="inbox-open"),
    path("account/notices/", choices, name="notice-choices"),
    path("calendar/<str:secret>.ics", feed, name="calendar-feed"),
]
