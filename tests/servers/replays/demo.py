"""The example registry, as ``plugins/demo.py`` describes it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply

ON = dt.date(2026, 10, 31)


class ExampleRegistry(Scenario):
    plugin = "demo"

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "token": SECRET}

    def answer(self, call: Call) -> Reply:
        if call.path != "/models":
            return Reply(status=404)
        models = [
            {
                "name": name,
                "initiative": "AI-7",
                "versions": [
                    {
                        "version": number,
                        "aliases": list(version.aliases),
                        "metrics": [
                            {"name": key, "on": ON.isoformat(), "value": str(value)}
                            for key, value in version.metrics.items()
                        ],
                    }
                    for number, version in versions.items()
                ],
            }
            for name, versions in self.held.models.items()
        ]
        number = int(call.query["page"])
        page, _ = self.paged(models, str((number - 1) * self.page_size))
        pages = max(-(-len(models) // self.page_size), 1)
        return Reply.of({"models": page, "pages": pages})

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            (f"{name}/{key}", ON): value
            for name, versions in self.held.models.items()
            for version in versions.values()
            for key, value in version.metrics.items()
        }
