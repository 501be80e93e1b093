"""``manage.py import_spend``: a bill into the ledger."""

import json
import sys
import uuid
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
        "Load a bill of a source: FOCUS 1.0 to 1.4, an AWS cost and usage report or an Azure "
        "usage file (CSV, CSV.gz or Parquet), or costs of OpenAI or Anthropic (JSON). The whole "
        "file is loaded or nothing is; loading the same file again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the file, its source, and how to answer."""
        parser.add_argument("file", metavar="FILE", type=Path, nargs="?", help="the bill")
        parser.add_argument("--source", help="whose bill it is; a new name is added")
        parser.add_argument(
            "--delivery",
            choices=("overwrite", "append"),
            default="overwrite",
            help="of a new source: each delivery is the whole month, or adds to it",
        )
        parser.add_argument(
            "--correction",
            choices=("replacement", "delta", "ledger"),
            default="replacement",
            help="of a new source: how its issuer mends what it delivered before",
        )
        parser.add_argument(
            "--replay", metavar="BILL", help="read the kept files of a bill again, by its id"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load the file; leave with 1 and the reasons when it is refused."""
        path: Path | None = options["file"]
        if options["replay"] is None and (path is None or not options["source"]):
            self.stderr.write("Name a file and its --source, or a bill to --replay.")
            sys.exit(2)
        if path is not None and not path.is_file():
            self.stderr.write(f"There is no file {path}.")
            sys.exit(2)
        try:
            with context(via="command"):
                if options["replay"] is not None:
                    imported = self._replay(options["replay"], dry_run=options["dry_run"])
                else:
                    imported = self._load(path or Path(), options, dry_run=options["dry_run"])
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

    def _replay(self, bill: str, *, dry_run: bool) -> services.Imported:
        by = system_user("command")
        try:
            delivery = selectors.delivery(viewer=by, delivery_id=uuid.UUID(bill))
        except ValueError:
            delivery = None
        if delivery is None:
            raise Sentence(f"There is no bill {bill}. Its id stands in the address of its page.")
        imported = services.replay(delivery=delivery, by=by, now=database_now(), dry_run=dry_run)
        finish_waiting(kinds=(ARCHIVE,))
        return imported

    def _load(self, path: Path, options: dict[str, Any], *, dry_run: bool) -> services.Imported:
        by, name = system_user("command"), options["source"]
        with transaction.atomic():
            if organisation() is None:
                found_organisation(name="Organisation", by=by)
            source = selectors.source(viewer=by, name=name)
            if source is None:
                source = services.add_source(
                    name=name, delivery=options["delivery"], correction=options["correction"], by=by
                )
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
