"""Where everything is. Each noun's page module lists its own addresses."""

from importlib import import_module

from django.urls import URLPattern, URLResolver, include, path

#: Page modules under ``portfolio.web``, each with ``urlpatterns``.
PAGES = [
    "health",
    "account",
    "home",
    "figures",
    "portfolio",
    "week",
    "intake",
    "importing",
    "initiative",
    "value",
    "scenarios",
    "risk",
    "compliance",
    "connections",
    "inventory",
    "jobs",
    "passports",
    "governance",
    "spend",
    "close",
    "reports",
    "notices",
    "palette",
    "help",
    "tour",
    "welcome",
    "trail",
    "settings",
    "design",
]

urlpatterns: list[URLPattern | URLResolver] = []
for page in PAGES:
    urlpatterns += import_module(f"portfolio.web.{page}").urlpatterns

urlpatterns.append(path("api/", include("portfolio.api.urls")))

handler404 = "portfolio.web.middleware.not_found"
handler500 = "portfolio.web.middleware.server_error"
