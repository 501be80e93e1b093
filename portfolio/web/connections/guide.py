"""What a source brings, and the least it has to be allowed: its text of docs/connections."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from governance_app.connectors import selectors
from governance_app.people import access
from portfolio import env
from portfolio.web.access import found, page, viewer_of
from portfolio.web.help import texts

FOLDER = env.BASE / "docs" / "connections"


@page("connection.view")
@require_GET
def guide(request: HttpRequest, plugin: str) -> HttpResponse:
    """Show what a source brings, its settings, and the permissions to give it, ready to paste."""
    offer = found(next((each for each in selectors.catalogue() if each.name == plugin), None))
    context = {
        "offer": offer,
        "text": found(texts.text_at(FOLDER / f"{offer.name}.md")),
        "may_edit": access.can(viewer_of(request), "connection.edit"),
    }
    return render(request, "connections/guide.html", context)


def has_guide(plugin: str) -> bool:
    """Tell whether a source has a text; one that only shows how to write others has none."""
    return (FOLDER / f"{plugin}.md").is_file()
