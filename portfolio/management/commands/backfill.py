"""``manage.py backfill CONNECTION --since DAY --until DAY``: read a range of days anew."""

import datetime as dt
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.utils import timezone

from governance_app.connectors import services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.people.models import User
from portfolio.management.running import RunCommand


class Command(RunCommand):
    """Exit codes: 0 done, 1 refused or could not be read, with reasons, 2 usage, 3 failed."""

    help = (
        "Read a range of days anew, whole months of it, as if for the first time. What is the same "
        "stays; the next run goes on where the last one stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the range."""
        super().add_arguments(parser)
        parser.add_argument("--since", type=_day, required=True, metavar="DAY", help="2026-01-01")
        parser.add_argument(
            "--until", type=_day, default=None, metavar="DAY", help="2026-03-31; default: today"
        )

    def runs(self, connection: Connection, by: User, options: dict[str, Any]) -> list[SyncRun]:
        """Read them."""
        now = timezone.now()

        def ask() -> Any:
            return services.request_backfill(
                connection=connection,
                since=options["since"],
                until=options["until"] or now.date(),
                by=by,
                now=now,
            )

        return [self.once(connection, by, ask, wait_s=options["wait"])]


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day such as 2026-01-31") from None
