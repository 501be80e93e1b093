"""The stops of the tour, and where somebody stands on it; the browser keeps that in a cookie."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance_app.people import access

COOKIE = "tour"
LEFT = "left"
DONE = "done"


@dataclass(frozen=True)
class Stop:
    """
    One stop: the page it is on, what it points at, and what it says.

    Args:
        name: the name of the page's address.
        at: what the stop speaks of, as a CSS selector.
    """

    name: str
    title: str | Promise
    says: str | Promise
    at: str = ""

    @property
    def url(self) -> str:
        """Give the page of the stop."""
        return reverse(self.name)

    @property
    def permission(self) -> str:
        """Give what opens its page."""
        return str(getattr(resolve(self.url).func, "permission", ""))


STOPS = (
    Stop(
        "home",
        _("Are we getting what we were promised?"),
        _(
            "The band answers it without a click: promised, validated and banked benefit, spend "
            "against budget, the return so far. Every figure opens its passport: the formula, the "
            "inputs, how fresh they are, what was left out."
        ),
        ".headline",
    ),
    Stop(
        "home",
        _("What needs you"),
        _(
            "Decisions, overruns, pilots past their time box: each line with its owner and one "
            "button. Below stand the few initiatives that decide the year, and what changed."
        ),
        ".asks",
    ),
    Stop(
        "week",
        _("Your week is a queue"),
        _(
            "Updates due, readings missing, gates to prepare. A status update takes half a minute: "
            "the status is proposed, you write a sentence, Ctrl-Enter sends it."
        ),
        "main h2",
    ),
    Stop(
        "portfolio",
        _("Every initiative"),
        _(
            "As a table, a board, a timeline or a map. What you filter, group and sort stands in "
            "the address, so a view can be kept, shared and exported as it is."
        ),
        ".tabs",
    ),
    Stop(
        "spend",
        _("What it costs"),
        _(
            "Bills, allocated to the initiatives they belong to; allocated and unallocated make "
            "what was invoiced, to the last micro-unit. Drill down to the lines of the bill."
        ),
        ".headline, .tabs",
    ),
    Stop(
        "value",
        _("What it brings"),
        _(
            "Benefits climb a ladder: promised, claimed, measured, validated by finance, banked. "
            "Nothing counts twice, and soft benefits never hide in the headline."
        ),
        ".headline, .tabs",
    ),
    Stop(
        "risk",
        _("Whether it is safe"),
        _("The register, the heat map and what stands above appetite, each with its treatment."),
        ".heat, .tabs",
    ),
    Stop(
        "governance",
        _("Who decides"),
        _("Gates, policies and guardrails; your own decisions first, with the facts frozen."),
        ".tabs",
    ),
    Stop(
        "help",
        _("Three keys to remember"),
        _(
            "Ctrl-K finds any page, initiative, person or action. ? lists the keys. Help, at the "
            "foot of the navigation, opens the text that belongs to the page you are on."
        ),
    ),
)


@dataclass(frozen=True)
class Standing:
    """Where the viewer stands: the stop shown here, or that a tour could be taken up."""

    number: int = 0
    total: int = 0
    stop: Stop | None = None
    is_left: bool = False

    @property
    def is_last(self) -> bool:
        """Tell whether nothing follows."""
        return self.number == self.total


#: No tour is under way.
NOT_STANDING = Standing()


def stops(viewer: access.User) -> Sequence[Stop]:
    """Give the stops whose pages are open to the viewer, in order."""
    return [
        each
        for each in STOPS
        if not each.permission or access.can_anywhere(viewer, each.permission)
    ]


def standing(request: HttpRequest) -> Standing:
    """
    Say where the viewer stands on this page.

    A tour under way shows its stop on the page of the stop; on another page, and once left, it
    is only offered to be taken up.
    """
    kept = request.COOKIES.get(COOKIE, "")
    number = number_of(kept)
    if not number or not request.user.is_authenticated:
        return NOT_STANDING
    chosen = stops(request.user)
    number = min(number, len(chosen))
    stop = chosen[number - 1]
    if kept.startswith(LEFT) or request.path != stop.url:
        return Standing(number=number, total=len(chosen), is_left=True)
    return Standing(number=number, total=len(chosen), stop=stop)


def number_of(kept: str) -> int:
    """
    Read the stop from the cookie; 0 when no tour is under way.

    >>> number_of("3"), number_of("left-3"), number_of("done"), number_of("x")
    (3, 3, 0, 0)
    """
    text = kept.removeprefix(f"{LEFT}-")
    return int(text) if text.isdecimal() and len(text) < 4 else 0
