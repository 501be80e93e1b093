"""Which page needs which permission: sign-in first, then the permission, then the view."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from governance_app.people import access
from governance_app.people.access import User
from portfolio.web.htmx import sign_in_first, wants_fragment

View = Callable[..., HttpResponse]


def page(permission: str) -> Callable[[View], View]:
    """
    Open a page to those who hold a permission somewhere in the tree.

    What stands on the page is cut to what the viewer may see by the selectors; a service
    asks again about the very thing it changes. Others get the reason (403).
    """

    def wrap(view: View) -> View:
        @login_required
        def signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not access.can_anywhere(viewer_of(request), permission):
                raise access.Refused(access.can(viewer_of(request), permission).reason)
            return view(request, *args, **kwargs)

        @wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated and wants_fragment(request):
                return sign_in_first(request)
            return signed_in(request, *args, **kwargs)

        run.permission = permission  # type: ignore[attr-defined]
        return run

    return wrap


def viewer_of(request: HttpRequest) -> User:
    """Give the person who looks; pages behind :func:`page` always have one."""
    if not request.user.is_authenticated:
        raise access.Refused("Sign in first.")
    return request.user


def found(row: Any) -> Any:
    """Give the row, or answer 404: what a viewer may not see does not exist for them."""
    if row is None:
        raise Http404
    return row
