"""Reports: exports and their history, the layouts they take, those that come round, board packs."""

from portfolio.web.reports import history, layouts, packs, schedules

urlpatterns = [
    *history.urlpatterns,
    *layouts.urlpatterns,
    *schedules.urlpatterns,
    *packs.urlpatterns,
]

__all__ = ["urlpatterns"]
