"""The API: version 1, its OpenAPI document, and the pages that browse it."""

from typing import Any

from django.http import Http404
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView


class Anything(StringConverter):
    """Whatever is left of an address, line ends included: it is nobody's."""

    regex = "(?s:.+)"


register_converter(Anything, "anything")


class Nothing(APIView):
    """Every other address: the one shape of errors, not a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer 404 to those who are signed in, 401 to others."""
        super().initial(request, *args, **kwargs)
        raise Http404


signed_in = {"permission_classes": [IsAuthenticated]}

urlpatterns = [
    path("v1/", include("portfolio.api.v1.urls")),
    path("schema/", SpectacularAPIView.as_view(**signed_in), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", **signed_in),
        name="api-docs",
    ),
    path("<anything:rest>", Nothing.as_view()),
]
