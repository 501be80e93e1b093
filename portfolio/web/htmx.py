"""Answers to HTMX: a fragment of a page, a toast, a redirect that the browser follows."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def wants_fragment(request: HttpRequest) -> bool:
    """Tell whether the browser asks for a part of a page, not for the page."""
    return request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted")


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
