"""The page somebody starts on, and the sample list: to look at, or to try the import with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.initiatives.selectors import imports as reading
from governance_app.initiatives.services import imports
from governance_app.people import access
from portfolio.web.access import page, viewer_of
from portfolio.web.htmx import go
from portfolio.web.welcome import sample, standing


@page("view")
@require_GET
def welcome(request: HttpRequest) -> HttpResponse:
    """Show what is in and what comes next."""
    viewer = viewer_of(request)
    steps = standing.taken(viewer)
    context = {
        "steps": steps,
        "done": sum(each.is_done for each in steps),
        "next": next((each for each in steps if not each.is_done), None),
        "may_try": access.can_anywhere(viewer, "inventory.import"),
        "is_empty": not steps[0].is_done,
    }
    return render(request, "welcome/welcome.html", context)


@page("view")
@require_GET
def sample_file(request: HttpRequest) -> HttpResponse:
    """Give the sample list as a file."""
    response = HttpResponse(sample.content(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{sample.NAME}"'
    return response


@page("inventory.import")
@require_POST
def try_sample(request: HttpRequest) -> HttpResponse:
    """Open an import of the sample list: the wizard then asks what it asks of any file."""
    viewer = viewer_of(request)
    places = reading.places(viewer=viewer)
    if not places:
        raise Sentence("There is no unit yet that an inventory could be imported into.")
    inventory = imports.upload(
        content=sample.content(), name=sample.NAME, under=places[0], by=viewer
    )
    imports.propose(
        inventory=inventory,
        by=viewer,
        fiscal_start_month=books.fiscal_start_month(on=timezone.localdate()),
    )
    return go(request, reverse("import-columns", args=[inventory.pk]))
