"""Langfuse's metrics API, version 2, in the shape of its own code (5.0)."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class LangfuseServer(Scenario):
    plugin = "langfuse"
    proof = "Basic "

    def settings(self) -> dict[str, Any]:
        return {
            "address": self.url,
            "public_key": "pk-lf-1",
            "secret_key": SECRET,
            "initiative": "AI-7",
        }

    def answer(self, call: Call) -> Reply:
        if call.path != "/api/public/v2/metrics":
            return Reply(status=404)
        asked = json.loads(call.query["query"])
        since, until = asked["fromTimestamp"][:10], asked["toTimestamp"][:10]
        rows = [
            {
                "time_dimension": f"{on}T00:00:00.000Z",
                "providedModelName": series,
                "count_count": "2",
                "sum_totalTokens": str(value),
                "sum_totalCost": Decimal("0.0000012"),
            }
            for (series, on), value in self.held.values.items()
            if since <= str(on) < until
        ]
        return Reply.exactly({"data": list(reversed(rows)) if self.backwards else rows})

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            (f"langfuse/{series}/totalTokens", on): value
            for (series, on), value in self.held.values.items()
        }
