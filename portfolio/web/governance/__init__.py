"""Governance: decisions, gates, policies, modes, the board, emergencies, duties."""

from portfolio.web.governance.addresses import urlpatterns

__all__ = ["urlpatterns"]
