"""The command palette: any page, initiative, person or act that the viewer may reach, by typing."""

from portfolio.web.palette.addresses import urlpatterns

__all__ = ["urlpatterns"]
