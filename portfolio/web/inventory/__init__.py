"""Inventory: what initiatives are made of, and what is known against its parts."""

from portfolio.web.inventory.addresses import urlpatterns

__all__ = ["urlpatterns"]
