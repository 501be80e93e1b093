"""What surrounds every page: navigation, who is signed in, the chosen theme."""

from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance_app.notices import selectors as notices
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.web.tour.steps import NOT_STANDING, Standing, standing

THEMES = ("light", "dark")
#: More than this is written as this and a plus.
MOST_COUNTED = 99


@dataclass(frozen=True)
class Place:
    """A page in the navigation: address name, its words, the permission that opens it, its key."""

    name: str
    label: str | Promise
    permission: str
    key: str


# Above the rule: what the portfolio is; below it: how it is run.
UPPER = (
    Place("home", _("Home"), "view", "h"),
    Place("week", _("My week"), "initiative.update", "w"),
    Place("portfolio", _("Portfolio"), "view", "p"),
    Place("spend", _("Spend"), "money.view", "s"),
    Place("value", _("Value"), "money.view", "v"),
    Place("risk", _("Risk"), "view", "r"),
    Place("governance", _("Governance"), "view", "d"),
    Place("compliance", _("Compliance"), "view", "q"),
    Place("inventory", _("Inventory"), "view", "i"),
)
LOWER = (
    Place("inbox", _("Inbox"), "view", "n"),
    Place("connections", _("Connections"), "connection.view", "c"),
    Place("reports", _("Reports"), "export", "o"),
    Place("trail", _("Trail"), "trail.view", "t"),
    Place("settings", _("Settings"), "view", "e"),
)


@dataclass(frozen=True)
class Link:
    """One navigation entry as the template shows it."""

    label: str | Promise
    url: str
    key: str
    is_current: bool
    count: str = ""
    wants_attention: bool = False


@dataclass(frozen=True)
class Shell:
    """The frame of a page."""

    upper: tuple[Link, ...]
    lower: tuple[Link, ...]
    theme: str
    organisation: str = ""
    tour: Standing = NOT_STANDING


def shell(request: HttpRequest) -> dict[str, Any]:
    """
    Give every template its frame (a context processor).

    Without a database the frame is bare, so that the page which says so can still be shown.
    """
    chosen = request.COOKIES.get("theme", "")
    theme = chosen if chosen in THEMES else ""
    try:
        return {"shell": _shell(request, theme)}
    except DatabaseError:
        return {"shell": Shell(upper=(), lower=(), theme=theme)}


def _shell(request: HttpRequest, theme: str) -> Shell:
    viewer = getattr(request, "user", None)
    if viewer is None or not viewer.is_authenticated:
        return Shell(upper=(), lower=(), theme=theme)
    organisation = people.organisation()
    return Shell(
        upper=_links(UPPER, request),
        lower=_links(LOWER, request),
        theme=theme,
        organisation=organisation.name if organisation else "",
        tour=standing(request),
    )


def _count(number: int) -> str:
    return "" if not number else f"{number}" if number <= MOST_COUNTED else f"{MOST_COUNTED}+"


def _links(places: tuple[Place, ...], request: HttpRequest) -> tuple[Link, ...]:
    links = []
    for place in places:
        try:
            url = reverse(place.name)
        except NoReverseMatch:
            continue  # this page is not part of the product yet
        if not access.can_anywhere(request.user, place.permission):  # type: ignore[arg-type]
            continue
        here = request.path == url or (url != "/" and request.path.startswith(url))
        unread = notices.unread(viewer=request.user) if place.name == "inbox" else 0  # type: ignore[arg-type]
        links.append(
            Link(
                label=place.label,
                url=url,
                key=place.key,
                is_current=here,
                count=_count(unread),
                wants_attention=bool(unread),
            )
        )
    return tuple(links)
