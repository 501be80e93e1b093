"""Answers to HTMX: a fragment of a page, a toast, a redirect that the browser follows."""

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether the browser asks for a part of a page, not for the page."""
    return request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Lead the whole page to signing in, and back: a part of it has no place for the form."""
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    back = f"{shown.path}?{shown.query}" if shown.query else shown.path
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = request.path
    response = HttpResponse(status=401)
    response["HX-Redirect"] = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    return response


def render_fragment(
    request: HttpRequest,
    template: str,
    fragment: str,
    context: dict[str, Any] | None = None,
    *,
    status: int = 200,
    toast: str = "",
    undo: str = "",
) -> HttpResponse:
    """
    Render one named part of a template, or the whole template for a browser without HTMX.

    Args:
        template: the page's template.
        fragment: the name in its ``{% partialdef %}``.
        toast: a sentence to show in passing.
        undo: the address that takes the change back, by POST.
    """
    name = f"{template}#{fragment}" if wants_fragment(request) else template
    response = render(request, name, context or {}, status=status)
    response["Vary"] = "HX-Request"
    if toast:
        say(response, toast, undo=undo)
    return response


def say(response: HttpResponse, sentence: str, *, undo: str = "", error: bool = False) -> None:
    """Let the page show a sentence in passing, with a way back where there is one."""
    response["HX-Trigger"] = json.dumps(
        {"toast": {"sentence": sentence, "undo": undo, "error": error}}
    )


def go(request: HttpRequest, address: str) -> HttpResponse:
    """Send the browser to another page, also from within a fragment."""
    if not wants_fragment(request):
        return redirect(address)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response
