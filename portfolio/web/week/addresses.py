"""Where the pages of the week are."""

from django.urls import path

from portfolio.web.week import month_end, pages, promises

urlpatterns = [
    path("week/", pages.week, name="week"),
    path("week/mentions/<uuid:mention_id>/", pages.answered, name="mention-answered"),
    path("week/log/", pages.log, name="week-log"),
    path("week/month-end/", month_end.month_end, name="month-end"),
    path("week/<slug:key>/rebaseline/", promises.rebaseline, name="week-rebaseline"),
    path("week/<slug:key>/status/", pages.quick, name="week-status"),
]
