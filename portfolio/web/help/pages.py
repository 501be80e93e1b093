"""The shelf of texts, one text, and the text that belongs beside a page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portfolio.web.access import found
from portfolio.web.help import texts
from portfolio.web.help.pairing import FOR_KEEPERS
from portfolio.web.help.pairing import beside as belonging


@login_required
@require_GET
def shelf(request: HttpRequest) -> HttpResponse:
    """List every text by its title, those for keepers of an installation apart."""
    every = sorted(
        (each for name in texts.names() if (each := texts.text(name))), key=lambda each: each.title
    )
    context = {
        "texts": [each for each in every if each.name not in FOR_KEEPERS],
        "for_keepers": [each for each in every if each.name in FOR_KEEPERS],
    }
    return render(request, "help/shelf.html", context)


@login_required
@require_GET
def text(request: HttpRequest, name: str) -> HttpResponse:
    """Show one text as a page."""
    return render(request, "help/text.html", {"text": found(texts.text(name))})


@login_required
@require_GET
def beside(request: HttpRequest) -> HttpResponse:
    """Give the text that belongs to the page named by ``at``, to stand beside it."""
    chosen = found(texts.text(belonging(request.GET.get("at", ""))))
    return render(request, "help/beside.html", {"text": chosen})
