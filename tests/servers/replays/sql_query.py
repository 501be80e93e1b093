"""The tests' own PostgreSQL, asked for values that stand in the query."""

import os
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.servers.scenario import Scenario


class Database(Scenario):
    plugin = "sql_query"
    label = "a real PostgreSQL"
    speaks_http = False

    def settings(self) -> dict[str, Any]:
        rows = [
            f"('{series}', DATE '{on}', {value})"
            for (series, on), value in self.held.values.items()
        ]
        if self.backwards:
            rows.reverse()
        listed = ", ".join(rows) or "(NULL, NULL::date, NULL::numeric)"
        query = f"SELECT *, 'cards' AS team FROM (VALUES {listed}) AS v(series, day, value)"
        address = urlunsplit(self._server()._replace(path="/postgres", query=""))
        return {
            "database_url": address,
            "query": f"{query}\nWHERE day IS NOT NULL ORDER BY 1, 2;",
            "initiative": "AI-7",
        }

    def hosts(self) -> tuple[str, ...]:
        read = self._server()
        return (f"{read.hostname}:{read.port}",)

    def _server(self) -> Any:
        return urlsplit(os.environ["DATABASE_URL"])
