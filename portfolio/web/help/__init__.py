"""Help: the how-to pages of docs/, as pages of the product and beside the page they belong to."""

from portfolio.web.help.addresses import urlpatterns

__all__ = ["urlpatterns"]
