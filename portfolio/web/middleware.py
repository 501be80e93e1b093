"""What surrounds every request: its id, the viewer's settings, sentences for refusals, refresh."""

import logging
import secrets
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

from governance_app.audit import acting
from governance_app.audit.rows import StaleWrite
from governance_app.domain.errors import Sentence
from governance_app.jobs.dispatch import send
from governance_app.people.access import Refused
from portfolio.charts import manners, tongue

Next = Callable[[HttpRequest], HttpResponse]

#: Pages and what pages fetch; anything shorter is not worth it.
PACKED_TYPES = ("text/html", "application/json")
SMALLEST_PACKED = 500

#: Words of pictures and of the program, in the language that the request is answered in.
TONGUE = tongue.Tongue(translation.gettext, translation.ngettext)

log = logging.getLogger(__name__)


def request_context(get_response: Next) -> Next:
    """Give the request an id that the trail, the logs and the answer carry."""

    def run(request: HttpRequest) -> HttpResponse:
        request_id = uuid.uuid4().hex[:16]
        via = "api" if request.path.startswith("/api/") else "web"
        with acting.context(request_id=request_id, via=via):
            response = get_response(request)
        response["X-Request-Id"] = request_id
        return response

    return run


def packed_pages(get_response: Next) -> Next:
    """
    Compress pages on their way; files and streams go as they are, and so does the API.

    A random number of bytes goes along (Heal-the-BREACH), so that the size of a page tells nothing
    about what it holds.
    """

    def run(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        patch_vary_headers(response, ["Accept-Encoding"])
        if (
            response.streaming
            or len(response.content) < SMALLEST_PACKED
            or response.has_header("Content-Encoding")
            or not response.get("Content-Type", "").startswith(PACKED_TYPES)
            or request.path.startswith("/api/")
            or "gzip" not in request.headers.get("Accept-Encoding", "")
        ):
            return response
        response.content = compress_string(response.content, max_random_bytes=100)
        response["Content-Length"] = str(len(response.content))
        response["Content-Encoding"] = "gzip"
        return response

    return run


def viewer_settings(get_response: Next) -> Next:
    """
    Show times in the viewer's zone, texts and figures in their language; refuse cached pages.

    Whoever has not signed in is answered in the language their browser asks for. The API speaks
    English to everybody.
    """

    def run(request: HttpRequest) -> HttpResponse:
        user, known = request.user, False
        if user.is_authenticated:
            known, wanted, zone = True, user.locale, _zone(user.time_zone)
        else:
            wanted, zone = translation.get_language_from_request(request), _zone("UTC")
        language = "en" if request.path.startswith("/api/") else _language(wanted)
        with (
            timezone.override(zone),
            translation.override(language),
            manners.using(language),
            tongue.using(TONGUE),
        ):
            response = get_response(request)
        if not known:
            patch_vary_headers(response, ["Accept-Language"])
            return response
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store"
        return response

    return run


def sentences(get_response: Next) -> Next:
    """Turn what a service refuses into its sentence, and anything unforeseen into a reference."""

    def run(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, *_: Any) -> HttpResponse | None:
        if _holds_nul(request):
            return _say(request, 400, "errors/400.html", "No text may hold the character NUL.")
        return None

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Refused):
            return _say(request, 403, "errors/403.html", str(error))
        if isinstance(error, StaleWrite):
            return _say(request, 409, "errors/400.html", str(error))
        if isinstance(error, Sentence):
            where = f"{error.where}: " if error.where else ""
            return _say(request, 400, "errors/400.html", f"{where}{error}")
        return None

    run.process_view = process_view  # type: ignore[attr-defined]
    run.process_exception = process_exception  # type: ignore[attr-defined]
    return run


def absorb_after_writes(get_response: Next) -> Next:
    """After a write let the upper layers pull what changed, at once instead of at the next tick."""

    def run(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and response.status_code < 400:
            transaction.on_commit(lambda: [send(task) for task in settings.JOBS_AFTER])
        return response

    return run


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error nobody foresaw: a reference that finds it in the log, no details."""
    reference = acting.current().request_id or secrets.token_hex(8)
    log.error("unforeseen error, reference %s", reference)
    return _say(
        request,
        500,
        "errors/500.html",
        f"Something went wrong on our side. Reference: {reference}.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what does not exist, or is not this viewer's to see, with the page of the house."""
    if request.path.startswith("/api/"):
        return _say(request, 404, "errors/404.html", "There is nothing at this address.")
    return render(request, "errors/404.html", status=404)


def _holds_nul(request: HttpRequest) -> bool:
    """Tell whether a path, a question or a form holds what no text of the database can."""
    forms = () if request.path.startswith("/api/") else request.POST.lists()
    told = (request.path, *(text for _, texts in (*request.GET.lists(), *forms) for text in texts))
    return any("\x00" in text for text in told)


def _say(request: HttpRequest, status: int, template: str, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse({"error": {"status": status, "message": sentence}}, status=status)
    response = render(request, template, {"sentence": sentence}, status=status)
    response["X-Sentence"] = sentence.encode("ascii", "replace").decode().replace("\n", " ")[:500]
    return response


def _language(wanted: str) -> str:
    """Give the language of ours that fits a wish; English when none does."""
    try:
        return translation.get_supported_language_variant(wanted)
    except LookupError:
        return "en"


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
