"""What the pages of connections share."""

from typing import Any

from django.http import HttpRequest

from governance_app.connectors import selectors
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.initiatives import selectors as initiatives
from portfolio.web.access import viewer_of

TABS = (
    ("connections", phrase("Sources")),
    ("connections-waiting", phrase("Waiting for an initiative")),
    ("connections-inbound", phrase("Pushed in")),
    ("connections-seats", phrase("Seats")),
)


def tabs(request: HttpRequest, current: str) -> dict[str, Any]:
    """Give the tabs of the pages of connections, with how much waits."""
    waiting = selectors.waiting_count(viewer=viewer_of(request))
    return {
        "tab": current,
        "tabs": [
            (name, label, waiting if name == "connections-waiting" else 0) for name, label in TABS
        ],
    }


def initiative_of(request: HttpRequest, permission: str = "inventory.edit") -> Any:
    """
    Give the initiative whose key was entered.

    Raises:
        Sentence: there is none of that key that this person may change.
    """
    key = request.POST.get("initiative", "").strip().upper()
    found = initiatives.initiative(viewer=viewer_of(request), key=key, permission=permission)
    if found is None:
        raise Sentence(
            f"There is no initiative {key or 'without a key'} you may link things to."
            " Write a key like AI-142."
        )
    return found
