"""``manage.py audit_verify``: prove that the trail is what was written."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit import services as audit
from governance_app.audit.acting import context
from governance_app.audit.sealing import making, proof
from governance_app.audit.sealing.verifying import Verdict, verify
from governance_app.domain.errors import Sentence
from governance_app.people.services import system_user

_WAITS_SECONDS = 60.0


class Command(BaseCommand):
    """Exit codes: 0 the trail is whole, 1 it is not, 2 usage, 3 failed."""

    help = (
        "Compute every leaf, root, link, signature and anchor of the trail again, and say which "
        "event or seal is not as it was sealed. Needs no secret."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what to compare with and the form of the answer."""
        parser.add_argument("--keys", type=Path, help="folder of public keys kept elsewhere")
        parser.add_argument("--anchors", type=Path, help="copy of the anchor file kept elsewhere")
        parser.add_argument("--event", type=int, help="prove this one event, by its number")
        parser.add_argument(
            "--seal", action="store_true", help="seal what waits first, without waiting for a tick"
        )
        parser.add_argument(
            "--anchor-again",
            action="store_true",
            help="write seals that the anchor file lacks into it again, and say so in the trail",
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Verify, print what was found, leave with 1 when something was."""
        for name in ("keys", "anchors"):
            if options[name] is not None and not options[name].exists():
                self.stderr.write(f"There is no {options[name]}.")
                sys.exit(2)
        try:
            if options["seal"]:
                making.seal_waiting()
            if options["event"] is not None:
                self._prove(options["event"])
                return
            with _alone():
                if options["anchor_again"]:
                    _anchor_again()
                verdict = verify(keys=options["keys"], anchor_file=options["anchors"])
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(3)
        if options["json"]:
            self.stdout.write(json.dumps(verdict.as_json()))
        else:
            self._say(verdict)
        if not verdict.is_whole:
            sys.exit(1)

    def _say(self, verdict: Verdict) -> None:
        for fault in verdict.faults:
            self.stdout.write(fault.says)
        waits = f"{verdict.waiting:,} events wait to be sealed."
        if not verdict.is_whole:
            self.stdout.write(
                f"The trail is NOT whole: {len(verdict.faults)} faults in {verdict.seals:,} seals."
            )
        elif verdict.sealed_up_to is None:
            self.stdout.write(f"Nothing has been sealed yet. {waits}")
        else:
            self.stdout.write(
                f"The trail is whole: {verdict.events:,} events in {verdict.seals:,} seals up to"
                f" {verdict.sealed_up_to:%Y-%m-%d %H:%M:%S %Z}, all signed and anchored. {waits}"
            )

    def _prove(self, event: int) -> None:
        found = proof.prove(event)
        if found is None:
            self.stderr.write(f"The trail has no event {event}.")
            sys.exit(1)
        self.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        if not found.is_proven:
            sys.exit(1)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no seal is being made, and keep the next from being made meanwhile."""
    deadline = time.monotonic() + _WAITS_SECONDS
    while True:
        with making.locked() as is_free:
            if is_free:
                yield
                return
        if time.monotonic() > deadline:
            raise Sentence("Somebody else seals or verifies the trail; try again in a minute.")
        time.sleep(0.2)


def _anchor_again() -> None:
    added = making.anchor_again()
    if not added:
        return
    with context(via="command"):
        audit.note(
            by=system_user("command"),
            action="anchor",
            sentence=f"Wrote {added} seals into the anchor file again that it had lost.",
            data={"seals": added},
        )
