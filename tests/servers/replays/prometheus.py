"""Prometheus' range queries, as its HTTP API documents them."""

import datetime as dt
from typing import Any

from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply


class Prometheus(Scenario):
    plugin = "prometheus"

    def settings(self) -> dict[str, Any]:
        queries = "AI-7 latency-ü = avg_over_time(latency[1d])\nAI-7 requests = requests_total"
        return {"address": self.url, "access_token": SECRET, "queries": queries}

    def answer(self, call: Call) -> Reply:
        if call.path != "/api/v1/query_range":
            return Reply(status=404)
        wanted = "latency-ü" if "latency" in call.query["query"] else "requests"
        start, end = int(call.query["start"]), int(call.query["end"])
        values: list[Any] = []
        moment = start
        while moment <= end:
            day = dt.datetime.fromtimestamp(moment, dt.UTC).date()
            value = self.held.values.get((wanted, day))
            if value is not None:
                values.append([moment, f"{value:f}"])
            elif self.held.values:
                values.append([moment, "NaN"])
            moment += int(call.query["step"])
        result = [{"metric": {"job": wanted}, "values": values}] if values else []
        return Reply.of({"status": "success", "data": {"resultType": "matrix", "result": result}})
