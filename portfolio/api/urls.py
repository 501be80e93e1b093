"""The API: version 1, its OpenAPI document, and the pages that browse it."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import IsAuthenticated

signed_in = {"permission_classes": [IsAuthenticated]}

urlpatterns = [
    path("v1/", include("portfolio.api.v1.urls")),
    path("schema/", SpectacularAPIView.as_view(**signed_in), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", **signed_in),
        name="api-docs",
    ),
]
