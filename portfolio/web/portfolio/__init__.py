"""Every initiative as table, board, timeline or map: the address holds everything."""

from portfolio.web.portfolio.addresses import urlpatterns

__all__ = ["urlpatterns"]
