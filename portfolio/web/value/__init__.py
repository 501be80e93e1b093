"""Value: what was promised, what came of it, and who agreed."""

from portfolio.web.value.addresses import urlpatterns

__all__ = ["urlpatterns"]
