"""``manage.py bench``: the speed of the product, as ratios taken inside one run."""

import json
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portfolio.bench import connections, exports, governance, pages, spend, value
from portfolio.bench.ground import ground
from portfolio.bench.ratios import Ratio, table

GROUPS = {
    "spend": spend.measure,
    "exports": exports.measure,
    "value": value.measure,
    "governance": governance.measure,
    "connections": connections.measure,
    "pages": pages.measure,
}
LINES = 1_000_000
ROUNDS = 5


class Command(BaseCommand):
    """Exit codes: 0 every ratio is within its bound, 1 one is not, 2 usage."""

    help = (
        "Measure the product on this machine: ratios of medians, taken inside one run, on servers "
        "and databases of their own. Nothing of the installation is touched."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose what, how large and how often."""
        parser.add_argument("--only", choices=sorted(GROUPS), help="measure one group")
        parser.add_argument("--lines", type=int, default=LINES, help="lines of a bill")
        parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Measure and say."""
        if options["lines"] < 1_000 or options["rounds"] < 1:
            self.stderr.write("Measure at least 1000 lines, at least once.")
            sys.exit(2)
        chosen = [options["only"]] if options["only"] else list(GROUPS)
        ratios: list[Ratio] = []
        with ground() as at:
            for name in chosen:
                ratios += GROUPS[name](
                    at=at, lines=options["lines"], rounds=options["rounds"], say=self._say
                )
        if options["json"]:
            self.stdout.write(json.dumps([one.as_json() for one in ratios]))
        else:
            load, cores = os.getloadavg()[0], os.cpu_count()
            self.stdout.write(table(ratios))
            self.stdout.write(
                f"{options['lines']:,} lines, medians of {options['rounds']}, {cores} cores, "
                f"load of the machine at the end {load:.1f}"
            )
        sys.exit(0 if all(one.is_ok for one in ratios) else 1)

    def _say(self, sentence: str) -> None:
        self.stderr.write(sentence)
