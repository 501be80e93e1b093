"""A document as somebody's monitoring service might answer it."""

from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Document(Scenario):
    plugin = "http_json"
    label = "an invented document"

    def settings(self) -> dict[str, Any]:
        return {
            "address": f"{self.url}/metrics",
            "access_token": SECRET,
            "initiative": "AI-7",
            "rows": "$.data.points",
            "value": "$.value",
            "day": "$['on']",
            "series": "$.name",
        }

    def answer(self, call: Call) -> Reply:
        points = [
            {"name": series, "on": f"{on}T08:00:00Z", "value": value}
            for (series, on), value in self.held.values.items()
        ]
        return Reply.exactly(
            {"data": {"points": list(reversed(points)) if self.backwards else points}}
        )
