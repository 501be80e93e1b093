"""``manage.py doctor``: what is wrong with this installation and what to do."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from portfolio.doctor import examine
from portfolio.doctor.findings import State

_MARKS = {State.WELL: "  well ", State.WEAK: "  weak ", State.WRONG: "  WRONG"}


class Command(BaseCommand):
    """Exit codes: 0 nothing is wrong, 1 something is, 2 usage, 3 failed."""

    help = "Say what is wrong with this installation and what to do about it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the choice of machine-readable output."""
        parser.add_argument("--json", action="store_true", help="findings as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print every finding; leave with 1 when something is wrong."""
        findings = list(examine())
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        else:
            for finding in findings:
                self.stdout.write(f"{_MARKS[finding.state]}  {finding.name}: {finding.says}")
                if finding.do:
                    self.stdout.write(f"           {finding.do}")
        if any(finding.state == State.WRONG for finding in findings):
            sys.exit(1)
