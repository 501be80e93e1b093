"""The page of one initiative, what its people say on it, and what begins from it."""

from portfolio.web.initiative.addresses import urlpatterns

__all__ = ["urlpatterns"]
