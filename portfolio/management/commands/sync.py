"""``manage.py sync CONNECTION``: run a connection now."""

import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from governance_app.audit.acting import context
from governance_app.connectors import selectors, services
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


class Command(BaseCommand):
    """Exit codes: 0 done, 1 refused or could not be read, with reasons, 2 usage, 3 failed."""

    help = "Run a connection now, by a worker when one is up, else in this process."

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
                run = self._run(found, by, wait_s=options["wait"])
        except Sentence as error:
            self.stderr.write(str(error))
            sys.exit(1)
        self._say(found, run, as_json=options["json"])
        if run.state != SyncRun.State.DONE:
            sys.exit(1)

    def _run(self, connection: Connection, by: User, *, wait_s: float) -> SyncRun:
        job = services.request_sync(connection=connection, by=by)
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

    def _say(self, connection: Connection, run: SyncRun, *, as_json: bool) -> None:
        answer = {
            "connection": connection.name,
            "state": run.state,
            "read": run.rows_read,
            "new": run.rows_new,
            "changed": run.rows_changed,
            "gone": run.rows_gone,
            "refused": run.rows_refused,
            "error": run.error,
            "refusals": run.refusals,
        }
        if as_json:
            self.stdout.write(json.dumps(answer))
            return
        self.stdout.write(
            f"{connection}: {run.get_state_display().lower()}. Read {run.rows_read:,}:"
            f" {run.rows_new:,} new, {run.rows_changed:,} changed, {run.rows_gone:,} gone,"
            f" {run.rows_refused:,} refused."
        )
        if run.error:
            self.stderr.write(run.error)
        for refusal in run.refusals:
            self.stderr.write(f"  {refusal['what']}: {refusal['sentence']}")
