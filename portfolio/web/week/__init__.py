"""A program manager's week: what is due, and the month's end over everything one keeps."""

from portfolio.web.week.addresses import urlpatterns

__all__ = ["urlpatterns"]
