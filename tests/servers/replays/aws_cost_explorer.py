"""Cost Explorer's GetCostAndUsage, as its reference describes it."""

import datetime as dt
import json
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class CostExplorer(Scenario):
    plugin = "aws_cost_explorer"
    proof = "AWS4-HMAC-SHA256"

    def settings(self) -> dict[str, Any]:
        return {
            "account": "001234567890",
            "tag": "initiative",
            "access_key_id": SECRET,
            "secret_access_key": SECRET,
            "endpoint": self.url,
        }

    def answer(self, call: Call) -> Reply:
        asked = json.loads(call.body)
        assert call.headers["x-amz-target"] == "AWSInsightsIndexService.GetCostAndUsage"
        since = dt.date.fromisoformat(asked["TimePeriod"]["Start"])
        until = dt.date.fromisoformat(asked["TimePeriod"]["End"])
        groups = [
            (each.on, {
                "Keys": [f"{each.service} {number}", f"initiative${each.initiative}"],
                "Metrics": {
                    metric: {"Amount": f"{each.amount:f}", "Unit": "USD"}
                    for metric in asked["Metrics"]
                },
            })
            for number, each in enumerate(self.held.charges)
            if since <= each.on < until
        ]  # fmt: skip
        page, token = self.paged(groups, asked.get("NextPageToken"))
        results = [
            {
                "TimePeriod": {"Start": str(day), "End": str(day + dt.timedelta(days=1))},
                "Groups": [group],
                "Estimated": False,
            }
            for day, group in page
        ]
        answer = {"ResultsByTime": results, "DimensionValueAttributes": []}
        return Reply.of(
            answer | ({"NextPageToken": token} if token else {}),
            content_type="application/x-amz-json-1.1",
        )
