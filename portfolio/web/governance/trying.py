"""Doing what a form asks for: back to the page when done, the sentence when refused."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from governance_app.domain.errors import Sentence
from governance_app.people import access


def attempt(
    request: HttpRequest,
    act: Callable[[], str],
    *,
    back: str,
    refused: Callable[[Sentence], HttpResponse] | None = None,
) -> HttpResponse:
    """
    Do something and go back with what was done, or say why it was refused.

    Args:
        act: does it and gives the sentence to show.
        back: the address to go to.
        refused: shows the page again with the sentence; by default it stands on the page that
            one goes back to.
    """
    try:
        done = act()
    except access.Refused:
        raise
    except Sentence as error:
        if refused is not None:
            return refused(error)
        messages.error(request, str(error))
        return redirect(back)
    messages.info(request, done)
    return redirect(back)
