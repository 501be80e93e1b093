"""``manage.py sync CONNECTION``: run a connection now."""

from typing import Any

from governance_app.connectors import services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.people.models import User
from portfolio.management.running import RunCommand


class Command(RunCommand):
    """Exit codes: 0 done, 1 refused or could not be read, with reasons, 2 usage, 3 failed."""

    help = "Run a connection now, by a worker when one is up, else in this process."

    def runs(self, connection: Connection, by: User, options: dict[str, Any]) -> list[SyncRun]:
        """Run it."""

        def ask() -> Any:
            return services.request_sync(connection=connection, by=by)

        return [self.once(connection, by, ask, wait_s=options["wait"])]
