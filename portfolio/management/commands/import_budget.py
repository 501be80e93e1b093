"""``manage.py import_budget``: a sheet of budget lines as a new version of a year's budget."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.files import services as files
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.spend import services
from governance_app.spend.budget_sheet import BudgetRefused


class Command(BaseCommand):
    """Exit codes: 0 loaded, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Load a sheet of budget lines (CSV or Excel) as the next version of a year's budget. The "
        "whole sheet is loaded or nothing is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the sheet, its year, and how to answer."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the sheet")
        parser.add_argument("--year", type=int, required=True, help="the fiscal year")
        parser.add_argument("--name", default="", help="what people call this version")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be, change nothing"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Load the sheet; leave with 1 and the cells when it is refused."""
        path: Path = options["file"]
        if not path.is_file():
            self.stderr.write(f"There is no file {path}.")
            sys.exit(2)
        by, now = system_user("command"), database_now()
        try:
            with context(via="command"):
                made = services.import_budget(
                    file=files.store(content=path, name=path.name, by=by), file_name=path.name,
                    name=options["name"], fiscal_year=options["year"],
                    dry_run=options["dry_run"], on=now.date(), by=by,
                )  # fmt: skip
        except BudgetRefused as refused:
            problems = [problem.sentence for problem in refused.problems]
            if options["json"]:
                self.stdout.write(json.dumps({"error": str(refused), "problems": problems}))
            else:
                self.stderr.write("\n".join([str(refused), *(f"  {one}" for one in problems)]))
            sys.exit(1)
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        answer = made.as_json()
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        verb = "Would load" if options["dry_run"] else "Loaded"
        self.stdout.write(f"{verb} {answer['lines']:,} lines for {options['year']}.")
        for currency, total in answer["totals"].items():
            self.stdout.write(f"  {currency}: {total}")
