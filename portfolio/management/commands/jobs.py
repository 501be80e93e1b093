"""``manage.py jobs``: what runs in the background, and doing what waits when no worker is up."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance_app.audit.acting import context
from governance_app.jobs import runner, selectors, services
from governance_app.jobs.models import Job
from governance_app.people.services import system_user

SHOWN = 20


class Command(BaseCommand):
    """Exit codes: 0 done, 2 usage, 3 failed."""

    help = "List background jobs, newest first; with --run do those that are due, here and now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Choose which jobs, whether to run what is due, and the form of the answer."""
        parser.add_argument(
            "--state", action="append", choices=Job.State.values, help="only jobs in this state"
        )
        parser.add_argument("--limit", type=int, default=SHOWN, help=f"at most so many, {SHOWN}")
        parser.add_argument("--run", action="store_true", help="make and do what is due first")
        parser.add_argument("--json", action="store_true", help="the answer as JSON, for programs")

    def handle(self, *_: Any, **options: Any) -> None:
        """Print the jobs."""
        by = system_user("jobs")
        if options["run"]:
            with context(via="command"):
                services.run_due_schedules(by=by)
                for job_id in runner.waiting_ids():
                    runner.run(job_id=job_id)
        found = selectors.jobs(viewer=by, states=options["state"])[: options["limit"]]
        rows = [_row(job) for job in found]
        if options["json"]:
            self.stdout.write(json.dumps(rows, default=str))
            return
        for row in rows:
            rows_done = f", {row['rows']:,} rows" if row["rows"] else ""
            stage = f" ({row['stage']}{rows_done})" if row["state"] == "running" else ""
            self.stdout.write(
                f"{row['state']:11} {row['created_at']:%Y-%m-%d %H:%M}  {row['title']}{stage}"
            )
            if row["error"]:
                self.stdout.write(f"{'':29}{row['error']}")
        if not rows:
            self.stdout.write("No job fits.")


def _row(job: Job) -> dict[str, Any]:
    standing = selectors.standing(job=job, now=timezone.now())
    return {
        "id": str(job.pk),
        "title": job.title,
        "kind": job.kind,
        "state": job.state,
        "attempts": job.attempts,
        "stage": standing.stage,
        "rows": standing.rows,
        "total": standing.total,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "error": job.error,
        "result": job.result,
    }
