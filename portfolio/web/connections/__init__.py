"""Connections: what feeds the portfolio by itself, what is pushed in, and where it belongs."""

from portfolio.web.connections.addresses import urlpatterns

__all__ = ["urlpatterns"]
