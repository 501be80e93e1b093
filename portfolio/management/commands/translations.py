"""``manage.py translations``: collect what is to be translated, and compile what was."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portfolio.languages import catalogue, files, finding


class Command(BaseCommand):
    """Exit codes: 0 done, 1 something is not translated (with ``--check``), 2 usage."""

    help = "Write texts of pages into the languages' files and compile them; needs no gettext."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the check."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; say what is missing"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Go through the languages."""
        wanted = finding.everything()
        is_whole = True
        for language in files.languages():
            count, _rule = files.PLURALS[language]
            made = catalogue.merged(files.read(language), wanted, count)
            missing = [entry.message.text for entry in made.entries if not entry.is_done]
            is_whole = is_whole and not missing
            if not options["check"]:
                files.source(language).parent.mkdir(parents=True, exist_ok=True)
                files.source(language).write_text(catalogue.write(made), encoding="utf-8")
                files.compiled(language).write_bytes(catalogue.compiled(made))
            done = len(made.entries) - len(missing)
            self.stdout.write(f"{language}: {done} of {len(made.entries)} texts translated")
            for text in missing:
                self.stdout.write(f"  missing: {text}")
        if options["check"] and not is_whole:
            sys.exit(1)
