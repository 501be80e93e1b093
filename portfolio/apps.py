from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The site: pages, API, charts and commands. It has no tables of its own."""

    name = "portfolio"
    label = "site"
    verbose_name = "AI portfolio"

    def ready(self) -> None:
        """Set up Celery, so that web and commands can send what workers do."""
        from portfolio import celery, checks  # noqa: F401
