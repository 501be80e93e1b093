"""Every initiative as a table: the address holds filters, order, columns and page."""

from portfolio.web.portfolio.pages import urlpatterns

__all__ = ["urlpatterns"]
