"""``manage.py close_month``: a month through the close."""

import datetime as dt
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services


class Command(BaseCommand):
    """Exit codes: 0 done or ready, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Soft close a month of the books; with --approve, approve it and close it for good; with "
        "--check, only say what keeps it open. The trail says that it was done on the server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the month and how far to go."""
        parser.add_argument("month", metavar="MONTH", help="the month, like 2026-10")
        parser.add_argument(
            "--check", action="store_true", help="only show the checklist; change nothing"
        )
        parser.add_argument(
            "--approve", action="store_true", help="approve the month and close it for good"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Take the month as far as asked; leave with 1 and the reasons when it stays open."""
        try:
            month = dt.date.fromisoformat(f"{options['month']}-01")
        except ValueError:
            self.stderr.write(f"{options['month']!r} is no month such as 2026-10.")
            sys.exit(2)
        refused = ""
        try:
            with context(via="command"):
                if not options["check"]:
                    self._pass(month, is_approved=options["approve"])
                answer = self._answer(month)
        except Sentence as error:
            refused, answer = str(error), self._answer(month)
        if options["json"]:
            self.stdout.write(json.dumps({**answer, **({"error": refused} if refused else {})}))
        else:
            self._say(answer)
            if refused:
                self.stderr.write(refused)
        is_open = any(one["state"] == "blocks" for one in answer["checklist"])
        if refused or (options["check"] and is_open):
            sys.exit(1)

    def _pass(self, month: dt.date, *, is_approved: bool) -> None:
        by, now = system_user("command"), database_now()
        state = selectors.month_state(month=month)
        if state == "open":
            services.soft_close(month=month, by=by, now=now)
            state = "soft closed"
        if not is_approved:
            return
        if state == "soft closed":
            services.approve_month(month=month, by=by, now=now)
        services.close_month(month=month, by=by, now=now)

    def _answer(self, month: dt.date) -> dict[str, Any]:
        viewer = system_user("command")
        close = selectors.closes(viewer=viewer, month=month).first()
        state = selectors.month_state(month=month)
        is_closed = state == "closed" and close is not None
        if is_closed and close is not None:
            checks, totals = close.checklist, close.totals
        else:
            found = selectors.checklist(viewer=viewer, month=month, on=database_now().date())
            checks = [one.as_json() for one in found]
            totals = self._totals(month)
        return {
            "month": f"{month:%Y-%m}",
            "state": state,
            "checklist": checks,
            "totals": totals,
            "row_hash": close.row_hash if is_closed and close else "",
            "pack": close.pack.sha256 if is_closed and close and close.pack else "",
        }

    def _totals(self, month: dt.date) -> list[dict[str, str]]:
        try:
            lines = selectors.book_lines(viewer=system_user("command"), month=month)
        except selectors.MissingDayRate:
            return []  # the checklist names it
        return [
            {name: value if isinstance(value, str) else f"{value:f}" for name, value in row.items()}
            for row in selectors.summed(lines)
        ]

    def _say(self, answer: dict[str, Any]) -> None:
        marks = {"ok": "ok       ", "attention": "attention", "blocks": "BLOCKS   "}
        self.stdout.write(f"{answer['month']} is {answer['state']}.")
        for one in answer["checklist"]:
            self.stdout.write(f"  {marks[one['state']]}  {one['title']}: {one['sentence']}")
        for row in answer["totals"]:
            self.stdout.write(
                f"  {row['origin']}: billed {row['billed']}, cost {row['cost']} {row['currency']}"
            )
        if answer["pack"]:
            self.stdout.write(f"  pack SHA-256 {answer['pack']}")
