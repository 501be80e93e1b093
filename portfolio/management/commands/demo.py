"""``manage.py demo``: run everything with an invented company, or with your own inventory."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from portfolio.demo.accounts import ACCOUNTS, PASSWORD
from portfolio.up.command import Demo, add_arguments, add_demo_arguments, launch
from portfolio.up.launch import Options


class Command(BaseCommand):
    """Exit codes: 0 stopped, 1 refused with a sentence, 2 usage, 3 failed."""

    help = "Run everything with invented data, or start from your own inventory."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to listen, what to start from, and how much to invent."""
        add_arguments(parser)
        add_demo_arguments(parser)
        parser.add_argument(
            "--load-only",
            action="store_true",
            help="queue the loading in the database of DATABASE_URL, print who can sign in as "
            "JSON, and start nothing",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Load when told to load only; run everything otherwise."""
        if options["load_only"]:
            self._load(options["inventory"], options["initiatives"])
            return
        chosen = Options(host=options["host"], port=options["port"], var=options["var"])
        demo = Demo(chosen, options["inventory"], options["initiatives"])
        raise SystemExit(launch(chosen, demo))

    def _load(self, inventory: Path | None, initiatives: int | None) -> None:
        # The launcher's half of this file runs without a database and must not load models.
        from governance_app.people.services import system_user
        from portfolio.demo import steps

        try:
            with context(via="command"):
                by = system_user("demo")
                if inventory is not None:
                    is_left = steps.begin_with_inventory(file=inventory, by=by)
                    says = _OWN if is_left else _OWN_STANDS
                else:
                    size = {"initiatives": initiatives} if initiatives else {}
                    says = _LOADING if steps.begin(by=by, **size) else _STANDS
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        accounts = [
            {"role": account.role, "email": account.email, "name": account.name}
            for account in ACCOUNTS
        ]
        self.stdout.write(json.dumps({"accounts": accounts, "password": PASSWORD, "says": says}))


_LOADING = (
    "Everything shown is invented. It arrives now as jobs, which the pages show; the whole of it "
    "takes some minutes."
)
_STANDS = "Everything shown is invented. It stands as it was left."
_OWN = "Your inventory is being imported as a job; nothing is invented."
_OWN_STANDS = "Your inventory stands as it was left; nothing is invented."
