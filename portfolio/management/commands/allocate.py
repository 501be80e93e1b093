"""``manage.py allocate``: share every key by the rules as they are now."""

import datetime as dt
import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.domain.errors import Sentence
from governance_app.people.services import system_user
from governance_app.spend import selectors, services
from governance_app.spend.services.importing import as_text


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused with reasons, 2 usage, 3 failed."""

    help = (
        "Allocate the ledger to initiatives by the rules, and store the proof that allocated and "
        "unallocated sum to each source. Running it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the month to balance and the form of the answer."""
        parser.add_argument("--month", type=_month, help="balance this billing month only: 2026-10")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Allocate and print the balances of billed cost."""
        try:
            with context(via="command"):
                run = services.allocate(
                    by=system_user("command"),
                    months=[options["month"]] if options["month"] else None,
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


def _month(text: str) -> dt.date:
    return dt.date.fromisoformat(f"{text[:7]}-01")
