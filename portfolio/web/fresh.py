"""When somebody last gave their password in this session, from where they ask, and giving it."""

import datetime as dt
import ipaddress

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.domain.errors import Sentence
from portfolio.web.access import viewer_of

#: Where a session keeps the moment.
KEY = "password_at"
TRIES, WINDOW_SECONDS = 5, 300


def note_password(request: HttpRequest) -> None:
    """Keep that the password was given just now."""
    request.session[KEY] = timezone.now().isoformat()


def password_given_at(request: HttpRequest) -> dt.datetime | None:
    """
    Give when the password was last given in this session; None when it never was.

    Whoever has no password here, because another house vouches for them, gave it when they last
    came in from there.
    """
    told = request.session.get(KEY, "")
    viewer = viewer_of(request)
    if told:
        return dt.datetime.fromisoformat(told)
    return None if viewer.has_usable_password() else viewer.last_login


def take_password(request: HttpRequest) -> None:
    """
    Look at the password in a form, if there is one, and keep when it was given.

    Raises:
        Sentence: it is not theirs, or was tried too often.
    """
    given, viewer = request.POST.get("password", ""), viewer_of(request)
    if not given:
        return
    key = f"password-again:{viewer.pk}"
    cache.add(key, 0, WINDOW_SECONDS)
    if cache.incr(key) > TRIES:
        raise Sentence("Too many tries. Wait five minutes, then give your password again.")
    if not viewer.check_password(given):
        audit.note(
            by=viewer, action="refused", subject=viewer,
            sentence=f"{viewer} gave a wrong password before deciding.",
        )  # fmt: skip
        raise Sentence("That is not your password. Nothing was decided.")
    cache.delete(key)
    note_password(request)


def address_of(request: HttpRequest) -> str:
    """
    Give the address somebody asks from; empty when it cannot be told.

    Behind a proxy it is what the nearest one added last: earlier ones may have been made up.
    """
    said = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        said = request.META.get("HTTP_X_FORWARDED_FOR", said).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return ""
