"""Risk: the register, the heat map, and every term of every score."""

from portfolio.web.risk.addresses import urlpatterns

__all__ = ["urlpatterns"]
