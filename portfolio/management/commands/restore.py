"""``manage.py restore``: an installation as it was when a backup was made."""

import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import psycopg
from django.core.management import call_command
from django.core.management.base import BaseCommand

from governance_app.audit import services as audit
from governance_app.audit.acting import context
from governance_app.audit.sealing.verifying import verify
from governance_app.domain.errors import Sentence
from governance_app.people.services import system_user
from portfolio.backups import standing
from portfolio.backups.restoring import restore


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused or not whole, with the reasons, 2 usage, 3 failed."""

    help = (
        "Make this installation what a backup holds, wholly or not at all, and prove it: every "
        "part is checked before, the trail and the ledger after. Stop web, worker and beat first."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the archive, what may be thrown away, and the form of the answer."""
        parser.add_argument("file", type=Path, help="the archive that backup made")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--into-empty",
            action="store_true",
            help="only into an installation that holds nothing; so it is unless --replace is given",
        )
        what.add_argument(
            "--replace", action="store_true", help="throw away what this installation holds"
        )
        parser.add_argument("--keys", type=Path, help="the keys that backup --keys wrote")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Restore, migrate when the backup is older, and prove what is there now."""
        url = os.environ["DATABASE_URL"]
        say = (lambda _: None) if options["json"] else self.stdout.write
        try:
            restored = restore(
                options["file"],
                url=url,
                is_replacing=options["replace"],
                keys_file=options["keys"],
                say=say,
            )
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        call_command("migrate", interactive=False, verbosity=0)
        verdict = verify()
        with psycopg.connect(url) as connection:
            broken = standing.broken_invariants(connection)
        manifest = restored.manifest
        with context(via="command"):
            audit.note(
                by=system_user("command"),
                action="restore",
                sentence=f"Restored everything from the backup of {manifest.made_at}.",
            )
        reasons = [*broken, *(fault.says for fault in verdict.faults)]
        if options["json"]:
            told = {"made_at": manifest.made_at, "rows": sum(manifest.counts.values())}
            self.stdout.write(json.dumps({**told, "to_do": restored.to_do, "reasons": reasons}))
        else:
            for sentence in [*reasons, *restored.to_do]:
                self.stdout.write(sentence)
            if not reasons:
                self.stdout.write(
                    f"Restored {sum(manifest.counts.values()):,} rows. The trail is whole"
                    f" ({verdict.events:,} events in {verdict.seals:,} seals) and the ledger holds."
                )
        if reasons:
            sys.exit(1)
