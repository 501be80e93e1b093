"""Where somebody starts."""

from django.urls import path

from portfolio.web.welcome import pages

urlpatterns = [
    path("welcome/", pages.welcome, name="welcome"),
    path("welcome/sample.csv", pages.sample_file, name="welcome-sample"),
    path("welcome/sample/", pages.try_sample, name="welcome-try"),
]
