"""What begins from an initiative: a copy, or a template for others."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.initiatives import selectors, services
from governance_app.people import access
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, say


@page("initiative.add")
@require_POST
def duplicate(request: HttpRequest, key: str) -> HttpResponse:
    """Begin an idea like this one and go to its page."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    try:
        made = services.duplicate(initiative=row, name=request.POST.get("name", ""), by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        return refused(str(refusal))
    return go(request, reverse("initiative", args=[made.key]))


@page("initiative.edit")
@require_POST
def template(request: HttpRequest, key: str) -> HttpResponse:
    """Keep this one as a template."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    try:
        kept = services.save_template(
            initiative=row,
            name=request.POST.get("name", ""),
            about=request.POST.get("about", ""),
            by=viewer,
        )
    except access.Refused:
        raise
    except Sentence as refusal:
        return refused(str(refusal))
    if not request.headers.get("HX-Request"):
        return go(request, reverse("initiative", args=[row.key]))
    response = HttpResponse(format_html('<p class="good">{} is a template now.</p>', kept.name))
    say(response, worded("{name} can be chosen when an initiative is added.", name=kept.name))
    return response


def refused(sentence: str) -> HttpResponse:
    """Give a sentence as the fragment below a form."""
    text = format_html('<p class="field"><span class="error">{}</span></p>', sentence)
    return HttpResponse(text, status=422)
