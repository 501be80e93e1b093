"""``manage.py rehearse CONNECTION``: say what a run would change, and change nothing."""

from argparse import ArgumentParser
from typing import Any

from governance_app.connectors import services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.people.models import User
from portfolio.management.running import RunCommand


class Command(RunCommand):
    """Exit codes: 0 done, 1 refused or could not be read, with reasons, 2 usage, 3 failed."""

    help = (
        "Say what a run of a connection would bring, change and refuse; nothing is kept. A new "
        "connection runs by itself once its rehearsal is accepted."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say whether to accept what it finds."""
        super().add_arguments(parser)
        parser.add_argument(
            "--accept",
            action="store_true",
            help="accept it when nothing was refused: the connection runs now and by itself",
        )

    def runs(self, connection: Connection, by: User, options: dict[str, Any]) -> list[SyncRun]:
        """Rehearse it, and run it when that is accepted."""

        def ask() -> Any:
            return services.request_rehearsal(connection=connection, by=by)

        rehearsal = self.once(connection, by, ask, wait_s=options["wait"])
        if not options["accept"] or rehearsal.state != SyncRun.State.DONE:
            return [rehearsal]

        def accept() -> Any:
            return services.accept_rehearsal(run=rehearsal, by=by)

        return [rehearsal, self.once(connection, by, accept, wait_s=options["wait"])]
