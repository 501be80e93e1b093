"""Beginning, going on with, leaving and taking up the tour."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

from portfolio.web.access import viewer_of
from portfolio.web.tour import steps

YEAR_SECONDS = 365 * 24 * 3600


@login_required
@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """Begin, or go on where it was left."""
    return _at(request, steps.number_of(request.COOKIES.get(steps.COOKIE, "")) or 1)


@login_required
@require_GET
def go_on(request: HttpRequest, number: int) -> HttpResponse:
    """Go to a stop; behind the last one the tour is done."""
    return _at(request, number)


@login_required
@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Put the tour away and stay where one is; it can be taken up from the same stop."""
    number = steps.number_of(request.COOKIES.get(steps.COOKIE, "")) or 1
    back = request.GET.get("back", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return _kept(redirect(back if safe else "/"), f"{steps.LEFT}-{number}")


def _at(request: HttpRequest, number: int) -> HttpResponse:
    chosen = steps.stops(viewer_of(request))
    if number > len(chosen):
        return _kept(redirect("home"), steps.DONE)
    number = max(number, 1)
    return _kept(redirect(chosen[number - 1].url), str(number))


def _kept(response: HttpResponse, value: str) -> HttpResponse:
    response.set_cookie(steps.COOKIE, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
    return response
