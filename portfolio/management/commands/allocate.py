"""``manage.py allocate``: share every key by the rules as they are now, or preview a change."""

import datetime as dt
import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.people.access import User
from governance_app.people.services import system_user
from governance_app.spend import selectors, services
from governance_app.spend.services.importing import as_text


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Allocate the ledger to initiatives by the rules, and store the proof that allocated and "
        "unallocated sum to each source. Running it again changes nothing. With --preview nothing "
        "is changed at all: it says what a change of the rules would move."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the month to balance, the change to preview, and the form of the answer."""
        parser.add_argument("--month", type=_month, help="balance this billing month only: 2026-10")
        parser.add_argument(
            "--changed", action="store_true", help="ask only keys that changed rules may touch"
        )
        parser.add_argument(
            "--preview",
            metavar="FILE",
            help='a change as JSON: {"action": "add", "name": ..., "says": {...}}; - is standard '
            'input. A change of an existing rule names it by "rule"',
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Allocate and print the balances of billed cost, or print what would move."""
        try:
            with context(via="command"):
                if options["preview"]:
                    self._preview(options["preview"], as_json=options["json"])
                    return
                run = services.allocate(
                    by=system_user("command"),
                    months=[options["month"]] if options["month"] else None,
                    is_full=not options["changed"],
                )
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        if run is None:
            raise AssertionError("an unconditional run was skipped")
        balances = selectors.balances_of(run=run, basis="billed")
        if options["json"]:
            self.stdout.write(
                json.dumps(
                    {
                        "shares_added": run.shares_added,
                        "shares_removed": run.shares_removed,
                        "keys": run.keys_touched,
                        "balances": [
                            {
                                "source": row.source.name,
                                "month": row.billing_month.isoformat(),
                                "currency": row.currency,
                                "source_total": as_text(row.source_total),
                                "allocated": as_text(row.allocated),
                                "unallocated": as_text(row.unallocated),
                            }
                            for row in balances
                        ],
                    }
                )
            )
            return
        self.stdout.write(f"Added {run.shares_added:,} shares, removed {run.shares_removed:,}.")
        for row in balances:
            self.stdout.write(
                f"  {row.source} {row.billing_month:%b %Y} {row.currency}: "
                f"{as_text(row.source_total)} = {as_text(row.allocated)} allocated"
                f" + {as_text(row.unallocated)} unallocated"
            )

    def _preview(self, file: str, *, as_json: bool) -> None:
        asked = self._read(file)
        by = system_user("command")
        effect = services.preview_rule(
            action=asked.pop("action", "add"),
            rule=self._rule(asked.pop("rule", None), by),
            asked=asked,
            by=by,
        )
        if as_json:
            self.stdout.write(json.dumps(effect.as_json()))
            return
        self.stdout.write(effect.sentence)
        for one in effect.moves:
            sign = "+" if one.billed >= 0 else "\u2212"
            name = f"{one.key} {one.name}".strip()
            self.stdout.write(f"  {sign}{as_text(abs(one.billed))} {one.currency}  {name}")

    def _read(self, file: str) -> dict[str, Any]:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text()
            asked = json.loads(text)
        except (OSError, ValueError) as error:
            self.stderr.write(f"{file} cannot be read as JSON: {error}")
            sys.exit(2)
        if not isinstance(asked, dict):
            self.stderr.write(f"{file} is not one change: a JSON object is expected.")
            sys.exit(2)
        return asked

    def _rule(self, name: Any, by: User) -> Any:
        if not name:
            return None
        for rule in selectors.rules_in_order(viewer=by):
            if str(name).lower() in (rule.name.lower(), str(rule.pk)):
                return rule
        raise Sentence(f"There is no rule called {name}.")


def _month(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text[:7]}-01")
