"""``manage.py backup``: one archive with everything the installation holds."""

import datetime as dt
import json
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from governance_app.audit import services as audit
from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.people.services import system_user
from portfolio.backups import keys
from portfolio.backups.making import make


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with the reason, 2 usage, 3 failed."""

    help = (
        "Write one archive with the database, the stored files and the anchors of the trail, all "
        "of one moment, while the product runs. Keys are not in it: --keys writes them beside."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where it goes and the form of the answer."""
        parser.add_argument("-o", "--output", type=Path, help="the archive; VAR/backups by default")
        parser.add_argument(
            "--keys", type=Path, help="write the keys of secrets and seals here; keep them apart"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Make the archive and say what is in it."""
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
        path: Path = options["output"] or Path(settings.VAR) / "backups" / f"portfolio-{stamp}.tar"
        path = path.absolute()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with context(via="command"):
                audit.note(
                    by=system_user("command"),
                    action="backup",
                    sentence=f"Backed up everything into {path.name}.",
                )
            manifest = make(path, url=os.environ["DATABASE_URL"], say=self._say(options["json"]))
            if options["keys"]:
                keys.write(options["keys"].absolute())
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except OSError as error:
            self.stderr.write(f"{error.filename or path} could not be written: {error.strerror}.")
            sys.exit(3)
        size = path.stat().st_size
        if options["json"]:
            told = {"file": str(path), "bytes": size, "rows": sum(manifest.counts.values())}
            self.stdout.write(json.dumps({**told, "files": len(list(_files(manifest)))}))
            return
        self.stdout.write(f"{path} holds everything ({size / 1e6:,.1f} MB).")
        if manifest.secrets and not options["keys"]:
            self.stdout.write(
                "Connections keep secrets; without SECRETS_KEY they cannot be read again. Keep it"
                " in another place than the archive: --keys FILE writes it."
            )

    def _say(self, is_quiet: bool) -> Any:
        return (lambda _: None) if is_quiet else self.stdout.write


def _files(manifest: Any) -> list[str]:
    return [name for name in manifest.members if name.startswith("files/")]
