"""Whether the figures on an open page are still the newest: asked by the page itself."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from governance_app.rollups import selectors
from portfolio.web.access import page, viewer_of


@page("view")
@never_cache
@require_GET
def figures(request: HttpRequest) -> JsonResponse:
    """
    Say how many seconds ago the viewer's figures were made anew; null when there are none.

    An age and no moment: the page compares it with its own age, whatever its clock says.
    """
    made_at = selectors.figures_made_at(viewer=viewer_of(request))
    age = None if made_at is None else (timezone.now() - made_at).total_seconds()
    return JsonResponse({"age_seconds": age})


urlpatterns = [path("figures/", figures, name="figures")]
