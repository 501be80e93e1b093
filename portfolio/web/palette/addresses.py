"""Where the palette asks."""

from django.urls import path

from portfolio.web.palette import pages

urlpatterns = [path("palette/", pages.palette, name="palette")]
