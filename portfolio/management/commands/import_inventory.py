"""``manage.py import_inventory FILE``: take in an inventory of AI initiatives."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from governance_app.audit.acting import context
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.importing.mapping import InventoryMapping
from governance_app.initiatives.models import ImportMapping, InventoryImport
from governance_app.initiatives.selectors.imports import Report
from governance_app.initiatives.services import imports
from governance_app.people import selectors as people
from governance_app.people.models import User
from governance_app.people.services import found_organisation, system_user

DONE, REFUSED, USAGE, FAILED = 0, 1, 2, 3


class Command(BaseCommand):
    """Exit codes: 0 done, 1 the file or some of its rows refused, 2 usage, 3 failed."""

    help = (
        "Import an inventory of AI initiatives from CSV, TSV or XLSX: every row is new, changed,"
        " unchanged or refused with a reason; importing the same file again changes nothing."
        " Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and how to read it."""
        parser.add_argument("file", type=Path, help="the inventory: .csv, .tsv or .xlsx")
        parser.add_argument(
            "--mapping",
            default="",
            help="name of a saved mapping, or a JSON file holding one; without it the mapping last"
            " used for the same columns counts, else one is proposed",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen and change nothing"
        )
        parser.add_argument("--json", action="store_true", help="figures as JSON, for programs")
        parser.add_argument(
            "--strict", action="store_true", help="refuse a row for one unreadable value in it"
        )
        parser.add_argument(
            "--save-mapping", type=Path, metavar="FILE", help="write the mapping used to a file"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Import, report, and leave with the code that says how it went."""
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(f"There is no file {file}.", returncode=USAGE)
        with context(via="command"):
            try:
                report = self._import(file, options)
            except Sentence as error:
                where = f"{error.where}: " if error.where else ""
                if options["json"]:
                    nothing = Report(rows=0, new=0, changed=0, unchanged=0, refused=0)
                    said = {**nothing.figures(), "error": f"{where}{error}"}
                    self.stdout.write(json.dumps(said, ensure_ascii=False))
                self.stderr.write(f"{where}{error}")
                sys.exit(REFUSED)
        self._say(report, options)
        sys.exit(REFUSED if report.refused else DONE)

    def _import(self, file: Path, options: dict[str, Any]) -> Report:
        by = system_user("command")
        under = people.organisation() or found_organisation(name="Organisation", by=by)
        today = timezone.localdate()
        inventory = imports.upload(content=file, name=file.name, under=under, by=by)
        try:
            self._choose_mapping(inventory, options, by)
            currency = books.reporting_currency(on=today)
            if options["dry_run"]:
                report = imports.dry_run(inventory=inventory, by=by, currency=currency)
                imports.abandon(inventory=inventory, by=by)
                return report
            return imports.apply(inventory=inventory, by=by, currency=currency)
        except Sentence as error:
            imports.abandon(inventory=inventory, by=by, sentence=str(error))
            raise

    def _choose_mapping(
        self, inventory: InventoryImport, options: dict[str, Any], by: User
    ) -> None:
        chosen = _mapping_file(options["mapping"])
        if chosen is None:
            known = _saved_mapping(options["mapping"])
            start_month = books.fiscal_start_month(on=timezone.localdate())
            found = imports.propose(
                inventory=inventory, by=by, known=known, fiscal_start_month=start_month
            )
            chosen = found.mapping
        if options["strict"]:
            chosen = mappings.strict(chosen)
        imports.use_mapping(inventory=inventory, mapping=chosen, by=by)
        if options["save_mapping"]:
            text = json.dumps(mappings.to_json(chosen), indent=2, ensure_ascii=False)
            options["save_mapping"].write_text(text + "\n", encoding="utf-8")

    def _say(self, report: Report, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(report.figures(), ensure_ascii=False))
        else:
            done = "would be" if options["dry_run"] else "were"
            self.stdout.write(
                f"{report.rows:,} rows: {report.new:,} {done} new, {report.changed:,} changed,"
                f" {report.unchanged:,} unchanged, {report.refused:,} refused."
            )
            if report.unmapped_columns:
                count = len(report.unmapped_columns)
                self.stdout.write(f"{count} columns have no field here; their cells are kept.")
        for reason in report.reasons:
            what = "row" if reason["whole_row"] else "value"
            place = f"column {reason['column']}: " if reason["column"] else ""
            self.stderr.write(f"{reason['times']:,} {what}(s): {place}{reason['reason']}")
        for refusal in report.refusals if report.refused else ():
            if refusal["whole_row"]:
                self.stderr.write(f"row {refusal['row']}: {refusal['reason']}")


def _mapping_file(given: str) -> InventoryMapping | None:
    """Read a mapping from a JSON file when the option names one."""
    path = Path(given)
    if not given or not path.is_file():
        return None
    try:
        return mappings.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError) as error:
        raise Sentence(f"The mapping cannot be read: {error}.", file=path.name) from None


def _saved_mapping(given: str) -> ImportMapping | None:
    """Find a saved mapping by name when the option names one."""
    if not given:
        return None
    found = ImportMapping.objects.filter(name__iexact=given).first()
    if found is None:
        known = ", ".join(ImportMapping.objects.order_by("name").values_list("name", flat=True))
        raise Sentence(
            f"There is no file and no saved mapping named {given}. Saved are: {known or 'none'}."
        )
    return found
