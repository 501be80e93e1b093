"""Starting with your own data: what is in, what comes next, and a sample list as a choice."""

from portfolio.web.welcome.addresses import urlpatterns

__all__ = ["urlpatterns"]
