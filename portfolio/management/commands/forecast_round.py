"""``manage.py forecast_round``: rounds of submitted forecasts, from opening to the lock."""

import datetime as dt
import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.spend import selectors, services


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Open a round of submitted forecasts, lock it, or list the rounds with who still owes an "
        "estimate. Owners submit on the page or by the API."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what to do with which round."""
        parser.add_argument("do", choices=("list", "open", "lock"), help="what to do")
        parser.add_argument("name", nargs="?", default="", help='a round, such as "8+4 2026"')
        parser.add_argument("--year", type=int, help="the fiscal year of a new round")
        parser.add_argument("--first", type=_month, help="its first month to estimate, 2026-09")
        parser.add_argument("--due", type=_day, help="the day by which owners submit, 2026-09-12")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do it, and say how the rounds stand."""
        if options["do"] == "open" and not (
            options["year"] and options["first"] and options["due"]
        ):
            self.stderr.write("A new round needs --year, --first and --due.")
            sys.exit(2)
        by, now = system_user("command"), database_now()
        try:
            with context(via="command"):
                if options["do"] == "open":
                    services.open_round(
                        fiscal_year=options["year"], first_month=options["first"],
                        due_on=options["due"], name=options["name"], on=now.date(), by=by,
                    )  # fmt: skip
                elif options["do"] == "lock":
                    services.lock_round(
                        forecast_round=self._named(by, options["name"]), by=by, now=now
                    )
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        answer = [self._told(by, one) for one in selectors.forecast_rounds(viewer=by)]
        if options["json"]:
            self.stdout.write(json.dumps(answer))
            return
        for one in answer:
            state = (
                f"locked {one['locked_at'][:10]}" if one["locked_at"] else f"due {one['due_on']}"
            )
            owed = f", owed by {', '.join(one['owed'])}" if one["owed"] else ""
            self.stdout.write(f"{one['name']}: {state}, {one['submitted']} submitted{owed}")
        if not answer:
            self.stdout.write("No round was opened yet.")

    def _named(self, by: Any, name: str) -> Any:
        rounds = selectors.forecast_rounds(viewer=by)
        found = rounds.filter(name__iexact=name).first()
        if found is None:
            known = ", ".join(one.name for one in rounds) or "none yet"
            raise Sentence(f"There is no round {name!r}; there are {known}.")
        return found

    def _told(self, by: Any, one: Any) -> dict[str, Any]:
        owed = selectors.owed_in_round(viewer=by, forecast_round=one)
        return {
            "name": one.name,
            "fiscal_year": one.fiscal_year,
            "first_month": one.first_month.isoformat(),
            "due_on": one.due_on.isoformat(),
            "locked_at": one.locked_at.isoformat() if one.locked_at else "",
            "submitted": sum(each.submission is not None for each in owed),
            "owed": [each.key or each.node.name for each in owed if each.submission is None],
        }


def _month(text: str) -> dt.date:
    return _day(f"{text[:7]}-01")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day such as 2026-09-12") from error
