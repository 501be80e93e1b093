"""What the commands that run a connection share: ``sync``, ``rehearse`` and ``backfill``."""

import json
import sys
import time
from abc import abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.connectors import selectors
from governance_app.connectors.models import Connection, SyncRun
from governance_app.domain.errors import Sentence
from governance_app.jobs import selectors as jobs
from governance_app.jobs.clock import database_now
from governance_app.jobs.models import Job
from governance_app.jobs.tasks import run_inline
from governance_app.people.models import User
from governance_app.people.services import system_user
from governance_app.rollups.catching_up import absorb_all
from governance_app.spend.services.importing import ARCHIVE
from portfolio.management.inline import finish_waiting, is_worker_up

LOOK_EVERY_S = 0.5

Ask = Callable[[], Job]


class RunCommand(BaseCommand):
    """Exit codes: 0 done, 1 refused or could not be read, with reasons, 2 usage, 3 failed."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the connection, how long to wait, and the form of the answer."""
        parser.add_argument("connection", metavar="CONNECTION", help="its name or id")
        parser.add_argument(
            "--wait", type=float, default=3600, metavar="SECONDS", help="for a worker's run to end"
        )
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run it, print what it brought, and leave with 1 when it did not work out."""
        by = system_user("command")
        found = selectors.connection_by_name(name=options["connection"], viewer=by)
        if found is None:
            standing = selectors.connections(viewer=by)
            known = ", ".join(each.connection.name for each in standing) or "none yet"
            self.stderr.write(
                f"There is no connection {options['connection']!r}; there are {known}."
            )
            sys.exit(2)
        try:
            with context(via="command"):
                runs = self.runs(found, by, options)
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        self._say(found, runs, as_json=options["json"])
        if any(run.state != SyncRun.State.DONE for run in runs):
            sys.exit(1)

    @abstractmethod
    def runs(self, connection: Connection, by: User, options: dict[str, Any]) -> list[SyncRun]:
        """Run the connection; give what was done, one after the other."""

    def once(self, connection: Connection, by: User, ask: Ask, *, wait_s: float) -> SyncRun:
        """
        Do what is asked for: by a worker when one is up, else in this process.

        Raises:
            Sentence: another job runs the connection, or a worker was not done in time.
        """
        job = ask()
        if is_worker_up():
            self._wait(job, by, until=time.monotonic() + wait_s)
        else:
            run_inline(job)
            finish_waiting(kinds=(ARCHIVE,))
            absorb_all(by=system_user("rollups"), clock=database_now)
        run = selectors.run_of_job(job=job, viewer=by)
        if run is None:
            raise Sentence(f"{connection} is being run by another job, or waits for its turn.")
        return run

    def _wait(self, job: Job, by: User, *, until: float) -> None:
        while time.monotonic() < until:
            now = jobs.job(viewer=by, job_id=job.pk)
            if now is None or now.is_finished or now.error:
                return
            time.sleep(LOOK_EVERY_S)

    def _say(self, connection: Connection, runs: list[SyncRun], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(_told(connection, runs[-1])))
            return
        for run in runs:
            is_trial = run.kind == SyncRun.Kind.REHEARSAL
            what = "" if run.kind == SyncRun.Kind.SYNC else f"{run.get_kind_display().lower()} "
            kept = " Nothing was kept." if is_trial else ""
            self.stdout.write(
                f"{connection}: {what}{run.get_state_display().lower()}."
                f" Read {run.rows_read:,}: {run.rows_new:,} new, {run.rows_changed:,} changed,"
                f" {run.rows_gone:,} gone, {run.rows_waiting:,} waiting,"
                f" {run.rows_refused:,} refused.{kept}"
            )
            for each in run.findings.get("counts", []):
                self.stdout.write(f"  {each['count']:,} {each['what']} {each['verb']}")
            if run.error:
                self.stderr.write(run.error)
            for refusal in run.refusals:
                self.stderr.write(f"  {refusal['what']}: {refusal['sentence']}")


def _told(connection: Connection, run: SyncRun) -> dict[str, Any]:
    answer = {
        "connection": connection.name,
        "kind": run.kind,
        "state": run.state,
        "read": run.rows_read,
        "new": run.rows_new,
        "changed": run.rows_changed,
        "gone": run.rows_gone,
        "waiting": run.rows_waiting,
        "refused": run.rows_refused,
        "error": run.error,
        "refusals": run.refusals,
    }
    if run.kind == SyncRun.Kind.REHEARSAL:
        answer["findings"] = run.findings
    return answer
