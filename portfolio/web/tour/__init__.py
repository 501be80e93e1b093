"""A tour over the pages that can be left on any of them and taken up again where it was left."""

from portfolio.web.tour.addresses import urlpatterns

__all__ = ["urlpatterns"]
