"""``manage.py up``: PostgreSQL, Valkey, web, worker and beat with one command."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portfolio.up.command import add_arguments, launch
from portfolio.up.launch import Options


class Command(BaseCommand):
    """Exit codes: 0 stopped, 1 refused with a sentence, 2 usage, 3 failed."""

    help = "Run everything: embedded PostgreSQL and Valkey, web, one worker and beat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to listen and where the data is."""
        add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run until it is stopped."""
        chosen = Options(host=options["host"], port=options["port"], var=options["var"])
        raise SystemExit(launch(chosen))
