"""Where the tour is."""

from django.urls import path

from portfolio.web.tour import pages

urlpatterns = [
    path("tour/", pages.tour, name="tour"),
    path("tour/<int:number>/", pages.go_on, name="tour-step"),
    path("tour/leave/", pages.leave, name="tour-leave"),
]
