"""``manage.py import_spend``: a bill into the ledger."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.jobs.clock import database_now
from governance_app.people.selectors import organisation
from governance_app.people.services import found_organisation, system_user
from governance_app.spend import selectors, services
from portfolio.management.inline import finish_waiting

ARCHIVE = "governance_app.spend.tasks.archive"


class Command(BaseCommand):
    """Exit codes: 0 loaded or unchanged, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Load a FOCUS bill (1.0 to 1.4; CSV, CSV.gz or Parquet) of a source. The whole file is "
        "loaded or nothing is; loading the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, its source, and how to answer."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the bill")
        parser.add_argument("--source", required=True, help="whose bill it is; a new name is added")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load the file; leave with 1 and the reasons when it is refused."""
        path: Path = options["file"]
        if not path.is_file():
            self.stderr.write(f"There is no file {path}.")
            sys.exit(2)
        try:
            with context(via="command"):
                imported = self._load(path, options["source"], dry_run=options["dry_run"])
        except services.BillRefused as refused:
            self._refuse(refused, as_json=options["json"])
            sys.exit(1)
        except Sentence as error:
            where = f"{error.where}: " if error.where else ""
            self._refuse_sentence(f"{where}{error}", as_json=options["json"])
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(imported.as_json()))
            return
        self._say(imported, dry_run=options["dry_run"])

    def _load(self, path: Path, name: str, *, dry_run: bool) -> services.Imported:
        by = system_user("command")
        with transaction.atomic():
            if organisation() is None:
                found_organisation(name="Organisation", by=by)
            source = selectors.source(viewer=by, name=name)
            if source is None:
                source = services.add_source(name=name, by=by)
            kept = files.store(content=path, name=path.name, by=by)
            if dry_run:
                imported = self._import(source, kept, path.name, by, dry_run=True)
                transaction.set_rollback(True)
                return imported
        # The original is kept by now, whatever the judgement on it is.
        imported = self._import(source, kept, path.name, by, dry_run=False)
        finish_waiting(kinds=(ARCHIVE,))
        return imported

    def _import(
        self, source: Any, kept: Any, name: str, by: Any, *, dry_run: bool
    ) -> services.Imported:
        return services.import_file(
            source=source, files=[kept], names=[name], by=by, now=database_now(), dry_run=dry_run
        )

    def _say(self, imported: services.Imported, *, dry_run: bool) -> None:
        answer = imported.as_json()
        verb = "Would load" if dry_run else "Read"
        self.stdout.write(f"{verb} {answer['rows']:,} lines, refused {answer['refused']:,}.")
        for one in imported.loads:
            self.stdout.write(
                f"  {one.period:%b %Y}  {one.scope}: {one.outcome}, version {one.number}, "
                f"{one.rows:,} lines"
            )
        for currency, billed in answer["billed"].items():
            self.stdout.write(
                f"  {currency}: billed {billed}, effective {answer['effective'][currency]}, "
                f"allocated {answer['allocated'].get(currency, '0.00')}, "
                f"unallocated {answer['unallocated'].get(currency, '0.00')}"
            )
        for remark in imported.report.remarks:
            self.stdout.write(f"  {remark}")

    def _refuse(self, refused: services.BillRefused, *, as_json: bool) -> None:
        report = refused.report.as_json()
        if as_json:
            self.stdout.write(
                json.dumps(
                    {
                        "rows": report["rows"],
                        "refused": report["refused"],
                        "error": str(refused),
                        "problems": report["problems"],
                        "counts": report["counts"],
                    }
                )
            )
            return
        self.stderr.write(str(refused))
        for count in report["counts"]:
            if count["refused"]:
                self.stderr.write(f"  {count['count']:,} x {count['column']} {count['reason']}")
        for problem in refused.report.problems:
            if problem.is_refused:
                self.stderr.write(f"  {problem.sentence}")

    def _refuse_sentence(self, sentence: str, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"rows": 0, "refused": 0, "error": sentence}))
        else:
            self.stderr.write(sentence)
