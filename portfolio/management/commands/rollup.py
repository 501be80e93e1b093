"""``manage.py rollup``: bring the figures of the pages up to date, or make all of them anew."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.jobs.clock import database_now
from governance_app.people.services import system_user
from governance_app.rollups import services
from governance_app.rollups.catching_up import absorb_all


class Command(BaseCommand):
    """Exit codes: 0 done, 1 another pass is at work, 2 usage, 3 failed."""

    help = (
        "Absorb what changed since the last time into the figures that pages show. Figures that "
        "stay the same write nothing, so running it again changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add how much to make anew and the form of the answer."""
        parser.add_argument(
            "--all", action="store_true", help="make every figure anew from what it is made of"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Absorb or rebuild, and say how many rows of figures changed."""
        by = system_user("rollups")
        with context(via="command"):
            if options["all"]:
                done = services.rebuild(by=by, now=database_now())
            else:
                done = absorb_all(by=by, clock=database_now)
        if options["json"]:
            self.stdout.write(json.dumps(done.as_json()))
        elif done.is_busy:
            self.stderr.write("Another pass is at work and will take what waits.")
        else:
            self.stdout.write(
                f"Took {done.changes:,} changes of {done.initiatives:,} initiatives: "
                f"{done.months:,} months, {done.now:,} present figures and {done.portfolio:,} sums "
                "changed."
            )
        if done.is_busy:
            raise SystemExit(1)
