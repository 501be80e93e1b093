"""Where help is."""

from django.urls import path

from portfolio.web.help import pages

urlpatterns = [
    path("help/", pages.shelf, name="help"),
    path("help/beside/", pages.beside, name="help-beside"),
    path("help/<slug:name>/", pages.text, name="help-text"),
]
