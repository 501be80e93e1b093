"""Reports: exports and their history, the layouts they take, and those that come round."""

from portfolio.web.reports import history, layouts, schedules

urlpatterns = [*history.urlpatterns, *layouts.urlpatterns, *schedules.urlpatterns]

__all__ = ["urlpatterns"]
