"""LiteLLM's paged spend log, in the shape of its own code (1.109)."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Proxy(Scenario):
    plugin = "litellm"

    def settings(self) -> dict[str, Any]:
        return {"address": self.url, "admin_key": SECRET}

    def answer(self, call: Call) -> Reply:
        if call.path != "/spend/logs/v2":
            return Reply(status=404)
        day = dt.date.fromisoformat(call.query["start_date"][:10])
        rows = [
            {
                "request_id": f"{series}-{number}",
                "model_group": series,
                "total_tokens": int(part),
                "spend": Decimal("0.000012345678"),
                "request_tags": ["initiative:AI-7"],
            }
            for (series, on), value in self.held.values.items()
            if on == day
            for number, part in enumerate((int(value) - 3, 3))
        ]
        start = (int(call.query["page"]) - 1) * self.page_size
        page, _ = self.paged(rows, str(start))
        pages = -(-len(rows) // self.page_size)
        return Reply.exactly({"data": page, "total": len(rows), "total_pages": pages})

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            (f"litellm/{series}/total_tokens", on): Decimal(int(value))
            for (series, on), value in self.held.values.items()
        }
