"""``manage.py export``: a sheet into a file, with its totals proven, or a document."""

import datetime as dt
import json
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.documents import DOCUMENTS, Wish
from governance_app.exports.sheets import SHEETS
from governance_app.exports.writers import MEDIA_TYPES
from governance_app.files.selectors import open_file
from governance_app.jobs.clock import database_now
from governance_app.people import selectors as people
from governance_app.people.services import system_user
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter


class Command(BaseCommand):
    """Exit codes: 0 written, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Export a sheet or a document as a file; the control total of a sheet equals the ledger"
        " or nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose sheet, format and part of the ledger."""
        known = [*SHEETS, *DOCUMENTS]
        parser.add_argument("sheet", metavar="SHEET", choices=known, help=", ".join(known))
        parser.add_argument("--format", required=True, choices=list(MEDIA_TYPES))
        parser.add_argument("--initiative", default="", help="the key a one-pager tells of")
        parser.add_argument("--unit", default="", help="the unit a board pack tells of")
        parser.add_argument(
            "--on", type=dt.date.fromisoformat, help="the day of a document's figures (2026-10-31)"
        )
        parser.add_argument(
            "--month", action="append", type=_month, default=[],
            help="a charge month (2026-10); twice for a first and a last one",
        )  # fmt: skip
        parser.add_argument("--billing", action="store_true", help="months are billing months")
        parser.add_argument("--source", default="", help="only this source")
        parser.add_argument("--layout", default="", help="the name of a layout of this sheet")
        parser.add_argument("-o", "--output", type=Path, help="the file to write")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Make the export and write its file."""
        by = system_user("command")
        try:
            with context(via="command"):
                is_document = options["sheet"] in DOCUMENTS
                chosen = (self._wish if is_document else self._chosen)(by, options)
                asked = services.request(
                    sheet=options["sheet"],
                    file_format=options["format"],
                    chosen=chosen,
                    layout=self._layout(by, options),
                    is_now=True,
                    by=by,
                )
                made = services.make(export_id=asked.pk, by=by, now=database_now())
                kept = services.download(export=made, by=by)
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        target: Path = options["output"] or Path(kept.name)
        part = target.with_name(f"{target.name}.part")
        try:
            with open_file(file=kept) as source, part.open("wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        if options["json"]:
            answer = {"file": str(target), "rows": made.rows, "control": made.control}
            self.stdout.write(json.dumps(answer))
            return
        if made.is_document:
            self.stdout.write(f"Wrote {made.title} to {target}: {made.words}.")
            return
        self.stdout.write(f"Wrote {made.rows:,} rows to {target}.")
        for currency, totals in made.control.items():
            said = ", ".join(f"{name} {amount}" for name, amount in totals.items())
            self.stdout.write(f"  {currency}: {said}")

    def _layout(self, by: Any, options: dict[str, Any]) -> Any:
        if not options["layout"]:
            return None
        found = selectors.layout(viewer=by, name=options["layout"])
        if found is None:
            known = ", ".join(one.name for one in selectors.layouts(viewer=by)) or "none yet"
            raise Sentence(f"There is no layout {options['layout']!r}; there are {known}.")
        return found

    def _wish(self, by: Any, options: dict[str, Any]) -> Wish:
        place = ""
        if options["unit"]:
            found = people.units(viewer=by).filter(name__iexact=options["unit"]).first()
            if found is None:
                raise Sentence(f"There is no unit {options['unit']!r}.")
            place = str(found.pk)
        return Wish(initiative=options["initiative"], place=place, on=options["on"])

    def _chosen(self, by: Any, options: dict[str, Any]) -> SpendFilter:
        months = sorted(options["month"])
        source = ""
        if options["source"]:
            found = spend.source(viewer=by, name=options["source"])
            if found is None:
                known = ", ".join(one.name for one in spend.sources(viewer=by)) or "none yet"
                raise Sentence(f"There is no source {options['source']!r}; there are {known}.")
            source = str(found.pk)
        return SpendFilter(
            since=months[0] if months else None,
            until=months[-1] if months else None,
            dated="billing" if options["billing"] else "charge",
            source=source,
        )


def _month(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text[:7]}-01")
