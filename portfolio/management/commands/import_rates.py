"""``manage.py import_rates``: monthly exchange rates out of a file of daily reference rates."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance_app.audit.acting import context
from governance_app.books import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.files.services import store
from governance_app.people.services import system_user


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."""

    help = "Enter monthly average and closing rates from daily euro rates (CSV or XML)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose file and currencies."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--into", action="append", default=[], metavar="CODE",
            help="a currency to convert into; the reporting currency when left out",
        )  # fmt: skip
        parser.add_argument(
            "--from", dest="bases", action="append", default=[], metavar="CODE",
            help="a currency to convert from; every one in the file when left out",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="say what would change")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Enter the rates."""
        by, path = system_user("command"), options["file"]
        try:
            content = path.read_bytes()
        except OSError as error:
            self.stderr.write(f"{path} cannot be read: {error.strerror}.")
            sys.exit(2)
        quotes = [code.upper() for code in options["into"]]
        try:
            with context(via="command"):
                made = services.import_rates(
                    file=store(content=content, name=path.name, by=by),
                    name=path.name,
                    quotes=quotes or [selectors.reporting_currency(on=timezone.localdate())],
                    bases=[code.upper() for code in options["bases"]] or None,
                    dry_run=options["dry_run"],
                    by=by,
                )
        except Sentence as error:
            self.stderr.write(f"{error.where}: {error}" if error.where else str(error))
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(made.as_json()))
            return
        verb = "Would enter" if options["dry_run"] else "Entered"
        self.stdout.write(f"{verb} {len(made.rates)} rates; {made.unchanged} stand already.")
        for remark in made.remarks:
            self.stdout.write(f"  {remark}")
