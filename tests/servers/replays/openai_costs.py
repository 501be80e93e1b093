"""OpenAI's organization costs and usage, in the shapes of its SDK's types."""

import datetime as dt
from decimal import Decimal
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


def seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


class OpenAi(Scenario):
    plugin = "openai_costs"

    def settings(self) -> dict[str, Any]:
        return {"admin_key": SECRET, "endpoint": self.url, "projects": "proj_ü = AI-7"}

    def answer(self, call: Call) -> Reply:
        rows: dict[dt.date, list[Any]] = {}
        if call.path == "/v1/organization/costs":
            for number, each in enumerate(self.held.charges):
                rows.setdefault(each.on, []).append(
                    {
                        "object": "organization.costs.result",
                        "amount": {"value": each.amount, "currency": "usd"},
                        "line_item": f"{each.service} {number}, input_tokens",
                        "project_id": "proj_ü",
                        "quantity": 1200,
                        "quantity_unit": "tokens",
                    }
                )
        elif call.path == "/v1/organization/usage/completions":
            for (series, on), value in self.held.values.items():
                if series == "requests":
                    rows.setdefault(on, []).append(
                        {"project_id": "proj_ü", "num_model_requests": int(value)}
                    )
        else:
            return Reply(status=404)
        start, end = int(call.query["start_time"]), int(call.query.get("end_time", 1 << 40))
        days = [day for day in sorted(rows) if start <= seconds(day) < end]
        buckets = [
            {"object": "bucket", "start_time": seconds(day), "end_time": seconds(day) + 86400,
             "results": list(reversed(rows[day])) if self.backwards else rows[day]}
            for day in days
        ]  # fmt: skip
        page, token = self.paged(buckets, call.query.get("page"))
        answer = {"object": "page", "data": page, "has_more": bool(token), "next_page": token}
        return Reply.exactly(answer)

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            ("openai/proj_ü/num_model_requests", on): value
            for (series, on), value in self.held.values.items()
            if series == "requests"
        }
